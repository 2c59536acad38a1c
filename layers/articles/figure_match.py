"""Hold a told figure against the figures and claims of the catalogue: agree, differ or new, with both values shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from layers.articles.amounts import Amount, base_unit
from layers.articles.edtf import aligned, same, span
from layers.articles.records import FoundFigure, Mention
from layers.catalogue import Catalogue

# measures that a text may call by another's name
_ALIKE = {
    "investment-cumulative": {"investment-cumulative", "fdi-stock", "projects", "pledge"},
    "projects": {"projects", "loan-projects"},
    "freight": {"freight", "freight-rail", "freight-transit", "freight-sea"},
    "containers": {"containers", "containers-transit"},
}
# claims about a line or corridor that the measure of a text may mean, by the beginning of the attribute
_ATTRIBUTES = {
    "length": ("length",),
    "capacity": ("capacity",),
    "cost": ("cost",),
    "travel-time": ("travel-time",),
    "freight": ("freight",),
    "containers": ("freight-containers", "capacity-containers"),
    "trains": ("trains",),
    "gas-exports": ("flow", "capacity"),
    "oil-exports": ("flow", "freight"),
    "investment-cumulative": ("cost",),
}
_BY_YEAR = ("flow", "freight", "trains")
_PARTNERS = {
    "Middle Corridor": "corridor:middle-corridor",
    "INSTC": "corridor:instc",
    "Europe": "corridor:china-europe-railway-express",
    "UTLC ERA": "corridor:china-europe-railway-express",
}
_SHOWN = 4
NOT_SURE = "the line is told in the sentence before, or the number is of a part"
"""Said of a figure that may agree with a published value, but from which nothing is said to differ."""


@dataclass(frozen=True, slots=True)
class _Known:
    """One published value, in its base unit."""

    id: str
    measure: str
    subject: str
    countries: frozenset[str]
    period: str
    partner: str
    low: float
    high: float
    tolerance: float
    unit: str
    source: str


def candidates_by_target(mentions: Iterable[Mention]) -> dict[str, frozenset[str]]:
    """Return what else the names of each target may mean: the parts of one line, a line and its corridor."""
    found: dict[str, set[str]] = {}
    for mention in mentions:
        for target in (mention.target, *mention.candidates):
            if target:
                found.setdefault(target, set()).update((target, *mention.candidates))
    return {target: frozenset(others) for target, others in found.items()}


def compare(
    figure: FoundFigure, amount: Amount, targets: Mapping[str, frozenset[str]], catalogue: Catalogue
) -> FoundFigure:
    """Return the figure with what it agrees with or differs from.

    A value agrees when the two are equal as far as the less precise is told. Without a period in the text it may
    agree with a published value, but nothing is said to differ from it.
    """
    subjects = targets.get(figure.subject, frozenset({figure.subject}))
    published = _published(catalogue).get(figure.unit.removesuffix("/a"), ())
    candidates = [known for known in published if _is_about(figure, known, subjects)]
    near = [known for known in candidates if abs(_off(figure.value, known)) <= max(amount.tolerance, known.tolerance)]
    if near:
        best = min(near, key=lambda known: (known.id.startswith("claim:"), abs(_off(figure.value, known))))
        others = [known for known in candidates if known not in near] if _has_year(figure.period) else []
        note = _joined([figure.note, _shown("agrees with", near), _shown("differs from", others)])
        return replace(figure, comparison="agree", compared_with=best.id, note=note)
    told = frozenset(figure.countries)
    candidates = [known for known in candidates if not known.countries or not _is_without_partner(told, known)]
    # only the very attribute can differ: a system, a section or a plan has numbers of its own
    exact = _ATTRIBUTES.get(figure.measure, ("",))[0]
    candidates = [known for known in candidates if known.id.startswith("figure:") or known.measure == exact]
    is_timeless = figure.measure in {"length", "capacity", "cost", "travel-time"}
    if candidates and (_has_year(figure.period) or is_timeless) and not _is_partial(figure):
        best = min(candidates, key=lambda known: abs(_off(figure.value, known)))
        note = _joined([figure.note, _shown("differs from", candidates)])
        return replace(figure, comparison="differ", compared_with=best.id, note=note)
    return figure


def _is_partial(figure: FoundFigure) -> bool:
    """Tell whether the number may be of a part only, so that being unequal says nothing."""
    return NOT_SURE in figure.note or (figure.measure == "length" and not figure.subject.startswith("line:"))


def _has_year(period: str) -> bool:
    return bool(period) and "XXXX" not in period


def _off(value: float, known: _Known) -> float:
    """Return how far a value lies outside the published one; 0 inside its bounds."""
    return 0.0 if known.low <= value <= known.high else min(value - known.low, value - known.high, key=abs)


def _is_about(figure: FoundFigure, known: _Known, subjects: frozenset[str]) -> bool:
    """Tell whether a published value is of the same thing and time."""
    if known.id.startswith("claim:"):
        return known.subject in subjects and _is_claim_of(figure, known)
    if known.measure not in _ALIKE.get(figure.measure, {figure.measure}):
        return False
    is_of_them = known.subject in subjects if known.subject else _is_of_countries(frozenset(figure.countries), known)
    return is_of_them and _is_of_period(figure.period, known.period)


def _is_claim_of(figure: FoundFigure, known: _Known) -> bool:
    if not known.measure.startswith(_ATTRIBUTES.get(figure.measure, ("\0",))):
        return False
    # what is hoped for is not what was carried
    if known.measure.endswith("-target") and not figure.period.startswith("../"):
        return False
    return not known.measure.startswith(_BY_YEAR) or _is_of_period(figure.period, known.period)


def _is_of_countries(told: frozenset[str], known: _Known) -> bool:
    if known.partner and not _is_country(known.partner) and known.partner != "Central Asia":
        return known.countries <= told
    is_of_both = len(told & known.countries) >= 0.8 * len(told | known.countries) > 0
    return is_of_both or _is_without_partner(told, known)


def _is_country(partner: str) -> bool:
    return len(partner) == 3 and partner.isupper()


def _is_without_partner(told: frozenset[str], known: _Known) -> bool:
    """Tell whether a text names one side only, as it does when the other is clear from all it says."""
    return _is_country(known.partner) and told == known.countries - {known.partner}


def _is_of_period(told: str, known: str) -> bool:
    """Tell whether two periods may be the same; an untold one fits any."""
    first, second = span(told.removeprefix("../")), span(known.removeprefix("../"))
    if first is None or second is None:
        return True
    if told.startswith("../") or known.startswith("../"):
        return same(replace(first, precision="month"), replace(second, precision="month")) or (
            (aligned(first, second).last.year, aligned(first, second).last.month)
            == (second.last.year, second.last.month)
        )
    return same(first, second)


def _shown(verb: str, known: Sequence[_Known]) -> str:
    if not known:
        return ""
    told = [f"{one.id} ({_number(one)} {one.unit}{', ' + one.period if one.period else ''})" for one in known[:_SHOWN]]
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"{verb} {', '.join(told)}{more}"


def _number(known: _Known) -> str:
    return f"{known.low:.12g}" if known.low == known.high else f"{known.low:.12g}–{known.high:.12g}"


def _joined(notes: Sequence[str]) -> str:
    return "; ".join(note for note in notes if note)


@lru_cache(maxsize=4)
def _published(catalogue: Catalogue) -> Mapping[str, tuple[_Known, ...]]:
    """Return all published values by unit; a yearly amount is told with or without ``a year``."""
    by_unit: dict[str, list[_Known]] = {}
    for known in (*_known_figures(catalogue), *_known_claims(catalogue)):
        by_unit.setdefault(known.unit.removesuffix("/a"), []).append(known)
    return MappingProxyType({unit: tuple(values) for unit, values in by_unit.items()})


def _known_figures(catalogue: Catalogue) -> Iterator[_Known]:
    for figure in catalogue.figures.values():
        base = base_unit(figure.unit)
        if base is None:
            continue
        unit, factor = base
        partner = figure.partner or ""
        countries = set(figure.countries)
        for one in partner.split(";"):
            if one == "Central Asia":
                countries |= catalogue.members("central-asia-5")
            elif _is_country(one):
                countries.add(one)
        value = figure.value * factor
        yield _Known(
            id=f"figure:{figure.id}",
            measure=figure.measure,
            subject=_PARTNERS.get(partner, ""),
            countries=frozenset(countries),
            period=figure.period,
            partner=partner,
            low=value,
            high=value,
            tolerance=_step(f"{figure.value:.12g}") * factor,
            unit=unit,
            source=figure.source,
        )


def _known_claims(catalogue: Catalogue) -> Iterator[_Known]:
    for claim in catalogue.claims:
        base = base_unit(claim.unit) if claim.unit else None
        if base is None:
            continue
        unit, factor = base
        try:
            low = claim.low if claim.low is not None else float(claim.value)
            high = claim.high if claim.high is not None else float(claim.value)
        except ValueError:
            continue
        yield _Known(
            id=f"claim:{claim.subject}/{claim.attribute}/{claim.source}",
            measure=claim.attribute,
            subject=claim.subject,
            countries=frozenset(),
            period=claim.as_of or "",
            partner="",
            low=low * factor,
            high=high * factor,
            tolerance=_step(claim.value) * factor,
            unit=unit,
            source=claim.source,
        )


def _step(written: str) -> float:
    """Return half of the last digit told; trailing zeros beyond two digits tell nothing."""
    number, dot, places = written.partition(".")
    if dot:
        return 0.5 * 10.0 ** -len(places)
    digits = number.lstrip("-")
    if not digits.isdigit():
        return 0.0
    return 0.5 * 10.0 ** max(len(digits) - max(len(digits.rstrip("0")), 2), 0)
