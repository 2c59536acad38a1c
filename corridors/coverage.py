"""Which article supports which features, what they name that we do not know, and what nobody names."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from layers.articles.library import Library
from layers.articles.references import edtf_of
from layers.catalogue import Catalogue

_KINDS = ("line", "corridor")
_DAYS_PER_YEAR = 365.25


def coverage_json(catalogue: Catalogue, library: Library, today: dt.date) -> dict[str, Any]:
    """Return the ``coverage --json`` document.

    Lines and corridors count as features. Near-duplicates count as one report: ten reprints of one text are one voice.
    """
    reports = _reports(library)
    features = [f"{kind}:{key}" for kind in _KINDS for key in getattr(catalogue, f"{kind}s")]
    supported = [_support(target, catalogue, library, reports, today) for target in features]
    return {
        "as_of": today.isoformat(),
        "articles": [_article(key, library) for key in library.articles],
        "features": [support for support in supported if support["mentions"]],
        "unmentioned": [
            {key: support[key] for key in ("target", "claims", "newest", "age_years")}
            for support in supported
            if not support["mentions"]
        ],
        "unsupported": [s["target"] for s in supported if not s["mentions"] and not s["claims"]],
        "not_in_catalogue": _unknown(library),
        "groups": sorted(
            {
                tuple(sorted({key, *library.articles[key].duplicates}))
                for key in library.articles
                if library.articles[key].duplicates
            }
        ),
    }


def _reports(library: Library) -> dict[str, str]:
    """Return article → the first of its near-duplicates, which stands for all of them."""
    return {key: min((key, *annotated.duplicates)) for key, annotated in library.articles.items()}


def _article(key: str, library: Library) -> dict[str, Any]:
    annotated = library.articles[key]
    counts = Counter(m.target for m in annotated.mentions if m.target and m.status not in ("rejected", "orphan"))
    return {
        "id": key,
        "title": str(annotated.article.reference.get("title", "")),
        "date": edtf_of(annotated.article.reference),
        "has_text": bool(annotated.article.text),
        "mentions": len(annotated.mentions),
        "orphans": sum(mention.status == "orphan" for mention in annotated.mentions),
        "features": {target: n for target, n in sorted(counts.items()) if target.partition(":")[0] in _KINDS},
        "targets": len(counts),
        "events": dict(Counter(event.comparison for event in annotated.events)),
        "figures": dict(Counter(figure.comparison for figure in annotated.figures)),
    }


def _support(
    target: str, catalogue: Catalogue, library: Library, reports: Mapping[str, str], today: dt.date
) -> dict[str, Any]:
    evidence = [e for e in library.mentions_of.get(target, ()) if e.mention.status != "orphan"]
    articles = dict.fromkeys(e.article for e in evidence)
    claims = catalogue.claims_by_subject.get(target, ())
    dates = [edtf_of(library.articles[key].article.reference) for key in articles]
    dates += [date for claim in claims for date in (claim.as_of, _source_date(catalogue, claim.source)) if date]
    newest = _newest(dates, today)
    return {
        "target": target,
        "mentions": len(evidence),
        "articles": list(articles),
        "reports": len({reports[key] for key in articles}),
        "claims": len(claims),
        "newest": newest.isoformat() if newest else None,
        "age_years": round((today - newest).days / _DAYS_PER_YEAR, 1) if newest else None,
    }


def _source_date(catalogue: Catalogue, key: str) -> str:
    source = catalogue.sources.get(key)
    return edtf_of(source.model_extra or {}) if source else ""


def _newest(dates: Iterable[str], today: dt.date) -> dt.date | None:
    """Return the last day that any of the dates may mean, not later than today: a forecast is not support."""
    days = [day for date in dates if (day := _last_day(date)) is not None and day <= today]
    return max(days, default=None)


def _last_day(edtf: str) -> dt.date | None:
    """Return the first day of the last part of an EDTF date: '2023-05' is at least as new as 1 May.

    >>> _last_day("2023-04-26/2023-04-27~"), _last_day("2023"), _last_day("202X")
    (datetime.date(2023, 4, 27), datetime.date(2023, 1, 1), None)
    """
    parts = edtf.rpartition("/")[2].rstrip("?~%").split("-")
    try:
        numbers = [int(part) for part in parts]
        return dt.date(*(*numbers, 1, 1)[:3])
    except ValueError:
        return None


def _unknown(library: Library) -> list[dict[str, Any]]:
    """Return names that articles use and the catalogue does not have, the most frequent first."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for key, annotated in library.articles.items():
        for mention in annotated.mentions:
            kind = mention.target.partition(":")[0] or mention.kind
            if kind in ("city", "unmatched") and not mention.boilerplate and mention.status != "rejected":
                name = (kind, " ".join(mention.surface.split()))
                found.setdefault(name, Counter())[key] += 1
    rows = [
        {"name": name, "kind": kind, "mentions": counts.total(), "articles": sorted(counts)}
        for (kind, name), counts in found.items()
    ]
    return sorted(rows, key=lambda row: (-row["mentions"], row["name"]))
