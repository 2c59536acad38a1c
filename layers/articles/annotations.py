"""Evidence as W3C Web Annotations, one JSON object a line, and back.

One line says: *this stretch of this text is about that record*. The body is the record of the catalogue
(``corridors:place:xian``), the target is the article with two selectors: position in code points, and quote with 32
characters on each side. Of a name that fits several records the body is a ``Choice``; an unmatched one has no body.
Keys of our own begin with ``corridors:``, which JSON-LD reads as absolute names; nothing of the model is bent.

A *stand-off* file carries positions, names and hashes only: the hash of the context stands in the place of prefix and
suffix, and a stretch that is more than a name is a hash too. It proves each position against the text, and gives no
sentence of it away.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter

from geo.errors import ArticleError
from layers.articles.anchoring import Quote, context_sha256, quote_at, reanchor
from layers.articles.fold import fold
from layers.articles.records import Annotated, Article, FoundEvent, FoundFigure, Mention

CONTEXT_IRI = "http://www.w3.org/ns/anno.jsonld"
_PREFIX = "corridors:"
LOST = "its place in the text is lost"
# a name may stand in a stand-off file, a longer stretch is text of its author
_MAX_NAME_WORDS = 5

Found = Mention | FoundEvent | FoundFigure
_MENTION, _EVENT, _FIGURE = TypeAdapter(Mention), TypeAdapter(FoundEvent), TypeAdapter(FoundFigure)


def text_sha256(text: str) -> str:
    """Return the sha256 of a text as UTF-8, as every record of it carries.

    >>> text_sha256("Khorgos")[:8]
    'e3865048'
    """
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def annotation_lines(annotated: Annotated, *, stand_off: bool = False) -> Iterator[str]:
    """Yield one JSON line per mention, event and figure, in this order, each with its line end.

    Raises
    ------
    ArticleError
        The text of the article is not at hand, so its quotes cannot be written.
    """
    for record in annotation_records(annotated, stand_off=stand_off):
        yield json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n"


def annotation_records(annotated: Annotated, *, stand_off: bool = False) -> Iterator[dict[str, Any]]:
    """Yield the annotations as plain objects; see `annotation_lines`."""
    article = annotated.article
    if not article.text and (annotated.mentions or annotated.events or annotated.figures):
        raise ArticleError(f"article {article.id}: its text is not at hand, so its quotes cannot be written")
    seen: dict[str, int] = {}
    everything: tuple[Found, ...] = (*annotated.mentions, *annotated.events, *annotated.figures)
    for found in everything:
        record = _mention(found) if isinstance(found, Mention) else _finding(found, stand_off=stand_off)
        target = _target(article, found, stand_off=stand_off)
        key = f"urn:sha256:{article.sha256}#char={found.start},{found.end}&{record['motivation']}"
        seen[key] = seen.get(key, 0) + 1
        number = f"-{seen[key]}" if seen[key] > 1 else ""
        yield {"@context": CONTEXT_IRI, "id": key + number, "type": "Annotation", **record, "target": target}


def _mention(mention: Mention) -> dict[str, Any]:
    record: dict[str, Any] = {"motivation": "identifying"}
    if mention.target:
        record["body"] = _PREFIX + mention.target
    elif mention.candidates:
        record["body"] = {"type": "Choice", "items": [_PREFIX + target for target in mention.candidates]}
    record["generator"] = {"type": "Software", "id": f"{_PREFIX}rule:{mention.rule}"}
    for key in ("kind", "sense", "match", "confidence", "status"):
        record[_PREFIX + key] = getattr(mention, key)
    if mention.sense_rule != "default":
        record[f"{_PREFIX}sense_rule"] = mention.sense_rule
    if mention.boilerplate:
        record[f"{_PREFIX}boilerplate"] = True
    if mention.target and mention.candidates:
        record[f"{_PREFIX}candidates"] = list(mention.candidates)
    return record


def _finding(found: FoundEvent | FoundFigure, *, stand_off: bool) -> dict[str, Any]:
    values = {key: value for key, value in asdict(found).items() if value not in ("", (), None)}
    del values["start"], values["end"]
    for key in ("name", "surface", "note") if stand_off else ():
        if not _is_short(str(values.get(key, ""))):
            del values[key]
    kind = "Event" if isinstance(found, FoundEvent) else "Figure"
    return {"motivation": "describing", "body": {"type": _PREFIX + kind, **values}}


def _is_short(text: str) -> bool:
    return len(text.replace("-", " ").replace("–", " ").split()) <= _MAX_NAME_WORDS


def _target(article: Article, found: Found, *, stand_off: bool) -> dict[str, Any]:
    quote = quote_at(article.text, found.start, found.end)
    selector: dict[str, Any] = {"type": "TextQuoteSelector", "exact": quote.exact}
    if not stand_off:
        selector |= {"prefix": quote.prefix, "suffix": quote.suffix}
    elif isinstance(found, Mention) and _is_short(quote.exact):
        selector[f"{_PREFIX}contextSha256"] = context_sha256(article.text, found.start, found.end)
    else:
        selector = {"type": f"{_PREFIX}TextHashSelector", f"{_PREFIX}sha256": _hash(quote.exact)}
    if isinstance(found, Mention) and found.status == "orphan":
        # what it stood at is told by the mention, not by what is there now
        selector = {"type": "TextQuoteSelector", "exact": found.surface}
    return {
        "source": f"{_PREFIX}article:{article.id}",
        f"{_PREFIX}sha256": article.sha256,
        "selector": [{"type": "TextPositionSelector", "start": found.start, "end": found.end}, selector],
    }


def _hash(text: str) -> str:
    return sha256(fold(text).encode("utf-8", "surrogatepass")).hexdigest()


# and back


def read_annotations(text: str, article: Article, *, name: str = "annotations") -> Annotated:
    """Return what a file of annotations says of an article, each at its place in the article's text.

    Where the file was made from another state of the text, each stretch is searched again; a mention that is not found
    becomes an ``orphan`` with its old position, an event or figure loses its position and says so in its note.
    Without a text the recorded positions are taken as they are.

    Parameters
    ----------
    name
        Name of the file, for messages.

    Raises
    ------
    ArticleError
        A line is not an annotation, or made from this very text and yet a quote is not at its place.
    """
    # not splitlines(): a quote may hold U+2028
    lines = enumerate(text.split("\n"), start=1)
    records = [_Record.parse(line, f"{name}:{number}") for number, line in lines if line.strip()]
    if article.text:
        changed = [record for record in records if record.sha256 != article.sha256]
        for record in records:
            if record.sha256 == article.sha256:
                record.verify(article.text)
        _move(changed, article.text)
    found = [record.found for record in records]
    return Annotated(
        article,
        tuple(item for item in found if isinstance(item, Mention)),
        tuple(item for item in found if isinstance(item, FoundEvent)),
        tuple(item for item in found if isinstance(item, FoundFigure)),
    )


class _Record:
    """One line: what it found, the text it was found in, and how to find its place again."""

    def __init__(self, found: Found, text_sha: str, selector: Mapping[str, Any], where: str) -> None:
        self.found, self.sha256, self.where = found, text_sha, where
        self.span_sha256 = str(selector.get(f"{_PREFIX}sha256", ""))
        self.quote = Quote(
            found.start,
            str(selector.get("exact", "")),
            str(selector.get("prefix", "")),
            str(selector.get("suffix", "")),
            str(selector.get(f"{_PREFIX}contextSha256", "")),
        )

    @classmethod
    def parse(cls, line: str, where: str) -> _Record:
        try:
            data = json.loads(line)
            position, selector = data["target"]["selector"]
            start, end = position["start"], position["end"]
            if not (isinstance(start, int) and isinstance(end, int) and 0 <= start <= end):
                raise ArticleError(f"positions {start!r} to {end!r} are not a stretch of text")
            found = _found(data, start, end, str(selector.get("exact", "")))
            return cls(found, str(data["target"][f"{_PREFIX}sha256"]), selector, where)
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise ArticleError(f"{where}: not an annotation of this project: {type(error).__name__} {error}") from error

    def verify(self, text: str) -> None:
        """Refuse a stretch that is not what stands at its position."""
        found, quote = self.found, self.quote
        if isinstance(found, Mention) and found.status == "orphan":
            return
        stands = text[found.start : found.end]
        is_right = _hash(stands) == self.span_sha256 if self.span_sha256 else stands == quote.exact
        if quote.context_sha256:
            is_right = is_right and context_sha256(text, found.start, found.end) == quote.context_sha256
        if not is_right:
            what = ascii(quote.exact) if quote.exact else "the stretch"
            raise ArticleError(f"{self.where}: {what} is not at {found.start}–{found.end} of its text")
        if isinstance(found, Mention) and not found.surface:
            self.found = replace(found, surface=stands)


def _found(data: Mapping[str, Any], start: int, end: int, exact: str) -> Found:
    body = data.get("body")
    if data["motivation"] == "describing":
        values = {**_require_object(body), "start": start, "end": end}
        if values.pop("type") == f"{_PREFIX}Event":
            return _EVENT.validate_python({"name": "", "kind": "", "date": "", **values})
        return _FIGURE.validate_python({"surface": "", "unit": "", **values})
    values = {key: data[_PREFIX + key] for key in ("kind", "sense", "match", "confidence", "status")}
    values |= {"start": start, "end": end, "surface": exact, "target": ""}
    values["rule"] = data["generator"]["id"].removeprefix(f"{_PREFIX}rule:")
    values["boilerplate"] = data.get(f"{_PREFIX}boilerplate", False)
    values["candidates"] = data.get(f"{_PREFIX}candidates", ())
    values["sense_rule"] = data.get(f"{_PREFIX}sense_rule", "default")
    if isinstance(body, Mapping):
        values["candidates"] = [_target_of(item) for item in body["items"]]
    elif body is not None:
        values["target"] = _target_of(body)
    return _MENTION.validate_python(values)


def _require_object(body: object) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise TypeError("its body is not an object")
    return body


def _target_of(iri: str) -> str:
    if not iri.startswith(_PREFIX):
        raise ValueError(f"body {iri!a} is not a record of the catalogue")
    return iri.removeprefix(_PREFIX)


def _move(records: Iterable[_Record], text: str) -> None:
    """Search each stretch in the changed text and set its new place, or mark it lost (changes the records)."""
    quoted = [record for record in records if not record.span_sha256]
    spans = reanchor(text, [record.quote for record in quoted])
    placed = dict(zip(map(id, quoted), spans, strict=True))
    hashed = {record.span_sha256: record.found.end - record.found.start for record in records if record.span_sha256}
    found = _find_hashes(text, hashed)
    for record in records:
        span = found.get(record.span_sha256) if record.span_sha256 else placed[id(record)]
        record.found = _at(record.found, span, text)


def _find_hashes(text: str, lengths: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Return where stretches known by hash and length stand, those that stand there once."""
    folded = fold(text)
    wanted: dict[int, set[str]] = {}
    for digest, length in lengths.items():
        wanted.setdefault(length, set()).add(digest)
    found: dict[str, list[tuple[int, int]]] = {}
    for length, digests in wanted.items():
        for start in range(len(text) - length + 1):
            digest = sha256(folded[start : start + length].encode("utf-8", "surrogatepass")).hexdigest()
            if digest in digests:
                found.setdefault(digest, []).append((start, start + length))
    return {digest: places[0] for digest, places in found.items() if len(places) == 1}


def _at(found: Found, span: tuple[int, int] | None, text: str) -> Found:
    if span is not None:
        if isinstance(found, Mention):
            status = "auto" if found.status == "orphan" else found.status
            return replace(found, start=span[0], end=span[1], surface=text[span[0] : span[1]], status=status)
        return replace(found, start=span[0], end=span[1])
    if isinstance(found, Mention):
        return replace(found, status="orphan")
    note = f"{found.note}; {LOST}" if found.note and LOST not in found.note else LOST
    return replace(found, start=0, end=0, note=note)
