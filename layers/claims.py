"""Which of several published values is used, and which of them disagree; the rule is told in ``docs/claims.md``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import combinations
from types import MappingProxyType

from geo.errors import NameNotFoundError, RequestError
from layers.schema import Claim, Source

_TYPE_RANK = MappingProxyType({"report": 0, "dataset": 0, "article-journal": 1, "article-newspaper": 3})
_OFFICIAL_PAGE_RANK = 2
_OTHER_RANK = 4
_OFFICIAL_ISSUERS = frozenset({"operator", "ministry"})
# undated claims stand behind every dated one
_UNDATED = -10_000
_EDTF_YEAR = re.compile(r"(-?[0-9X]{4})(?![0-9X])")


def adopted(claims: Sequence[Claim], sources: Mapping[str, Source]) -> dict[str, Claim]:
    """Return the claim in use for each attribute of one subject.

    The newest year wins; among equals the better kind of source; then the earlier row.

    Parameters
    ----------
    claims
        Claims about one subject, in file order; none give an empty result.
    sources
        Every source the claims cite, by id.

    Raises
    ------
    RequestError
        The claims are about more than one subject.
    NameNotFoundError
        A claim cites a source that is not among ``sources``.

    Examples
    --------
    >>> page = Source(id="page", type="webpage", title="A page")
    >>> old, new = (
    ...     Claim(subject="line:a", attribute="length", value=km, unit="km", as_of=year, source="page")
    ...     for km, year in (("523", "2023"), ("532.5", "2025"))
    ... )
    >>> adopted([old, new], {"page": page})["length"].value
    '532.5'
    """
    groups = _by_attribute(claims)
    # max keeps the first of equals: the earlier row stays
    return {attribute: max(group, key=lambda one: _standing(one, sources)) for attribute, group in groups.items()}


def conflicts(claims: Sequence[Claim]) -> dict[str, tuple[Claim, ...]]:
    """Return, for each attribute whose published values disagree, the claims that do, in the given order.

    Two claims are held against each other when they speak of the same year, or when one of them names none:
    a value that changed from one year to the next is a history, not a conflict. Numbers are compared as numbers
    with their bounds and unit, anything else as text.

    Parameters
    ----------
    claims
        Claims about one subject; none give an empty result.

    Raises
    ------
    RequestError
        The claims are about more than one subject.
    """
    found = {attribute: _disagreeing(group) for attribute, group in _by_attribute(claims).items()}
    return {attribute: group for attribute, group in found.items() if group}


def _by_attribute(claims: Sequence[Claim]) -> dict[str, list[Claim]]:
    subjects = sorted({claim.subject for claim in claims})
    if len(subjects) > 1:
        raise RequestError(f"expected claims about one subject, found {', '.join(subjects)}; group them first")
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        groups.setdefault(claim.attribute, []).append(claim)
    return groups


def _disagreeing(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    involved: set[int] = set()
    for (i, one), (j, other) in combinations(enumerate(claims), 2):
        if _are_comparable(one, other) and _content(one) != _content(other):
            involved |= {i, j}
    return tuple(claims[i] for i in sorted(involved))


def _are_comparable(one: Claim, other: Claim) -> bool:
    years = {_year(one.as_of), _year(other.as_of)}
    return None in years or len(years) == 1


def _content(claim: Claim) -> tuple[float | str, float | None, float | None, str | None]:
    return (_number_or_text(claim.value), claim.low, claim.high, claim.unit)


def _number_or_text(value: str) -> float | str:
    try:
        return float(value)
    except ValueError:
        return value.casefold()


def _standing(claim: Claim, sources: Mapping[str, Source]) -> tuple[int, int]:
    """Return year and kind of source, the greater the better."""
    source = sources.get(claim.source)
    if source is None:
        raise NameNotFoundError(f"claim {claim.subject} {claim.attribute} cites unknown source {claim.source!r}")
    year = _year(claim.as_of)
    if year is None:
        year = _year(source.year)
    return (_UNDATED if year is None else year, -_rank(source))


def _rank(source: Source) -> int:
    if source.type == "webpage":
        custom = (source.model_extra or {}).get("custom") or {}
        return _OFFICIAL_PAGE_RANK if custom.get("issuer") in _OFFICIAL_ISSUERS else _OTHER_RANK
    return _TYPE_RANK.get(source.type, _OTHER_RANK)


def _year(edtf: str | None) -> int | None:
    """Return the year of an EDTF date, the last one of an interval; an unspecified digit counts as 0."""
    ends = (_EDTF_YEAR.match(end) for end in (edtf or "").split("/"))
    years = [int(end[1].replace("X", "0")) for end in ends if end]
    return max(years, default=None)
