"""The reference of an article: CSL-JSON, found in the text or given in a sidecar, which wins.

A sidecar stands beside the text: ``NAME.json`` holds a CSL-JSON item, ``NAME.yaml`` the plain keys ``id``, ``title``,
``author``, ``publisher``, ``date`` (EDTF), ``language``, ``url``, ``type`` and ``note``. What was only found says so in
``custom.found``, so that a reader knows a guess from a statement.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from geo.errors import ArticleError
from layers.articles.parsing import Parsed
from layers.schema import Edtf, Record, Slug

SIDECAR_SUFFIXES = (".json", ".yaml", ".yml")
_MAX_SIDECAR_BYTES = 1_000_000
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan января ocak",
            "february feb февраля şubat",
            "march mar марта mart",
            "april apr апреля nisan",
            "may мая mayıs",
            "june jun июня haziran",
            "july jul июля temmuz",
            "august aug августа ağustos",
            "september sep sept сентября eylül",
            "october oct октября ekim",
            "november nov ноября kasım",
            "december dec декабря aralık",
        ),
        start=1,
    )
    for name in names.split()
}
_DATE_LINES = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?:T[\d:.+Z-]*)?"),
    re.compile(r"(?P<year>\d{4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日"),
    re.compile(r"(?P<name>[^\W\d_]+)\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})"),
    re.compile(r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?P<name>[^\W\d_]+)\.?,?\s+(?P<year>\d{4})(?:\s*г\.?)?"),
)
_LABEL = re.compile(r"(?:published|posted|updated|date|tarih|дата|опубликовано)\s*(?:on|:)?\s*", re.IGNORECASE)
_AUTHOR_LINE = re.compile(r"(?:author|by|yazar|автор)\s*[:：]\s*(\S.{1,80})|作者\s*[:：]\s*(\S.{1,40})", re.IGNORECASE)
_HEAD_LINES = 20
_DATE_PARTS = re.compile(r"(-?\d{4})(?:-(\d{2}))?(?:-(\d{2}))?([?~%]?)")
# properties of a CSL-JSON item that this project reads or shows; others are kept untouched
_TEXTS = ("id", "type", "title", "publisher", "container-title", "URL", "language", "note")


class PlainReference(Record):
    """What a YAML sidecar or the front matter of a Markdown file may say; unknown keys are refused."""

    id: Slug | None = None
    type: str | None = None
    title: str | None = None
    author: str | tuple[str, ...] | None = None
    publisher: str | None = None
    date: Edtf | None = None
    language: str | None = None
    url: str | None = None
    note: str | None = None
    show_text: bool | None = None
    """False keeps the text out of maps; its mentions are still shown, without quotes."""


def sidecar_of(file: Path) -> Path | None:
    """Return the sidecar of a file: ``NAME.txt.json`` before ``NAME.json``, and the same for YAML; None without one."""
    for base in (file.name, file.stem):
        for suffix in SIDECAR_SUFFIXES:
            candidate = file.with_name(base + suffix)
            if candidate != file and candidate.is_file():
                return candidate
    return None


def read_sidecar(file: Path) -> dict[str, Any]:
    """Return the CSL-JSON item that a sidecar gives.

    Raises
    ------
    ArticleError
        It is too large, is not JSON or YAML, or has a value of a wrong kind; the message names it.
    """
    if file.stat().st_size > _MAX_SIDECAR_BYTES:
        raise ArticleError(f"{file.name}: a reference is smaller than {_MAX_SIDECAR_BYTES:,} bytes")
    try:
        text = file.read_text(encoding="utf-8-sig")
        document = json.loads(text) if file.suffix == ".json" else None
    except (ValueError, RecursionError) as error:
        raise ArticleError(f"{file.name}: not valid JSON in UTF-8: {error}") from error
    if file.suffix == ".json":
        item = document[0] if isinstance(document, list) and len(document) == 1 else document
        return _checked_csl(item, file.name)
    return read_plain_reference(text, file.name)


def read_plain_reference(text: str, where: str) -> dict[str, Any]:
    r"""Return the CSL-JSON item of plain YAML keys.

    Raises
    ------
    ArticleError
        It is not YAML, or a key or value is wrong.

    Examples
    --------
    >>> read_plain_reference("title: A\ndate: 2023-05\nauthor: [Ann Lee]", "a.yaml")["issued"]
    {'date-parts': [[2023, 5]]}
    """
    try:
        # the base loader keeps dates and numbers as text
        document = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - builds text, lists and mappings only
        plain = PlainReference.model_validate(document or {})
    except (yaml.YAMLError, RecursionError) as error:
        raise ArticleError(f"{where}: not valid YAML: {' '.join(str(error).split())[:300]}") from error
    except ValueError as error:
        raise ArticleError(f"{where}: {_validation_text(error)}") from error
    item: dict[str, Any] = {
        key: value for key in ("id", "type", "title", "publisher", "language", "note") if (value := getattr(plain, key))
    }
    if plain.url:
        item["URL"] = plain.url
    if plain.author:
        item["author"] = people([plain.author] if isinstance(plain.author, str) else plain.author)
    if plain.date:
        item["issued"] = issued(plain.date)
    if plain.show_text is not None:
        item["custom"] = {"show_text": plain.show_text}
    return item


def _validation_text(error: ValueError) -> str:
    faults = getattr(error, "errors", None)
    if faults is None:
        return str(error)
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults(include_url=False))


def _checked_csl(item: object, where: str) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise ArticleError(f"{where}: expected one CSL-JSON item, an object in braces")
    for key in _TEXTS:
        if not isinstance(item.get(key, ""), (str, int)) or isinstance(item.get(key), bool):
            raise ArticleError(f"{where}: {key} must be text, found {type(item[key]).__name__}")
    authors = item.get("author", [])
    if not isinstance(authors, list) or not all(isinstance(person, dict) for person in authors):
        raise ArticleError(f"{where}: author must be a list of objects with family and given, or literal")
    if not all(isinstance(part, (str, bool)) for person in authors for part in person.values()):
        raise ArticleError(f"{where}: the parts of an author must be text")
    if not isinstance(item.get("issued", {}), dict) or not isinstance(item.get("custom", {}), dict):
        raise ArticleError(f"{where}: issued and custom must be objects in braces")
    edtf_of(item)
    return dict(item)


def people(names: tuple[str, ...] | list[str]) -> list[dict[str, str]]:
    """Return CSL names: ``Family, Given`` is split, anything else is kept as it is written.

    >>> people(["Kaya, Emrah", "Xinhua"])
    [{'family': 'Kaya', 'given': 'Emrah'}, {'literal': 'Xinhua'}]
    """
    found = []
    for name in names:
        family, comma, given = name.partition(",")
        split = {"family": family.strip(), "given": given.strip()}
        found.append(split if comma and all(split.values()) else {"literal": name.strip()})
    return found


def issued(edtf: str) -> dict[str, Any]:
    """Return a CSL date of an EDTF one; what CSL cannot hold stays in ``literal``.

    >>> issued("2023-04-26/2023-04-27")
    {'date-parts': [[2023, 4, 26], [2023, 4, 27]]}
    >>> issued("2023~"), issued("202X")
    ({'date-parts': [[2023]], 'circa': True}, {'literal': '202X'})
    """
    parts, circa = [], False
    for part in edtf.split("/"):
        match = _DATE_PARTS.fullmatch(part)
        if match is None:
            return {"literal": edtf}
        parts.append([int(number) for number in match.groups()[:3] if number])
        circa = circa or bool(match[4])
    return {"date-parts": parts} | ({"circa": True} if circa else {})


def edtf_of(reference: Mapping[str, Any]) -> str:
    """Return the date of issue as EDTF; empty where the reference gives none that is a date.

    >>> edtf_of({"issued": {"date-parts": [["2023", 5]], "circa": True}})
    '2023-05~'
    """
    given = reference.get("issued")
    if not isinstance(given, Mapping):
        return ""
    try:
        dates = [
            "-".join(f"{int(n):0{width}d}" for n, width in zip(part, (4, 2, 2), strict=False))
            for part in given.get("date-parts", [])
        ]
    except (TypeError, ValueError) as error:
        raise ArticleError(f"issued: date-parts must be lists of numbers such as [[2023, 5, 18]]: {error}") from error
    if not dates or not all(dates):
        return ""
    return "/".join(date + ("~" if given.get("circa") else "") for date in dates)


def find_reference(parsed: Parsed, file_name: str) -> dict[str, Any]:
    """Return the CSL-JSON item that the file itself gives, with the names of what was found in ``custom.found``."""
    title, author, date = parsed.title, parsed.author, parsed.date
    lines = [line.strip(" \t#*•") for line in parsed.text[:5000].splitlines()]
    head = [line for line in lines if line][:_HEAD_LINES]
    if not title:
        title = next((line for line in head if _is_title(line)), "") or Path(file_name).stem
    date = date or next((found for line in head if (found := date_of_line(line))), "")
    author = author or next((m[1] or m[2] for line in head if (m := _AUTHOR_LINE.fullmatch(line))), "")
    item: dict[str, Any] = {"type": "webpage" if parsed.kind == "html" else "document", "title": title[:300]}
    kept = ["title"]
    if author:
        item["author"] = [{"literal": name.strip()} for name in author.split(";") if name.strip()]
        kept.append("author")
    if parsed.publisher:
        item["publisher"] = parsed.publisher
        kept.append("publisher")
    if date:
        item["issued"] = issued(date)
        kept.append("issued")
    if parsed.url.startswith(("https://", "http://")):
        item["URL"] = parsed.url
        kept.append("URL")
    return item | {"custom": {"found": kept}}


def _is_title(line: str) -> bool:
    """Whether a line may be a headline: some words, not a date, not a paragraph."""
    return (3 <= len(line.split()) <= 30 and len(line) <= 200 and not date_of_line(line)) or _is_chinese_title(line)


def _is_chinese_title(line: str) -> bool:
    return 6 <= len(line) <= 60 and sum("\u4e00" <= letter <= "\u9fff" for letter in line) > len(line) / 2


def date_of_line(line: str) -> str:
    """Return the day that a whole line gives, as EDTF; empty for any other line.

    >>> date_of_line("Jul 24, 2020"), date_of_line("Published on 23 May 2023"), date_of_line("2023年5月23日")
    ('2020-07-24', '2023-05-23', '2023-05-23')
    >>> date_of_line("The summit on 18 May 2023 was the first."), date_of_line("03/04/2023")
    ('', '')
    """
    bare = _LABEL.sub("", line, count=1) if _LABEL.match(line) else line
    for pattern in _DATE_LINES:
        match = pattern.fullmatch(bare.strip())
        if match is None:
            continue
        parts = match.groupdict()
        month = int(parts["month"]) if "month" in parts else _MONTHS.get(_lower(parts["name"]), 0)
        if 1 <= month <= 12 and 1 <= int(parts["day"]) <= 31:
            return f"{parts['year']}-{month:02d}-{int(parts['day']):02d}"
    return ""


def _lower(word: str) -> str:
    return word.replace("İ", "i").lower()


def merged(found: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the reference with what a sidecar gives in the place of what was found.

    >>> merged({"title": "a", "custom": {"found": ["title"]}}, {"title": "B", "publisher": "C"})
    {'title': 'B', 'publisher': 'C'}
    """
    custom = {**found.get("custom", {}), **given.get("custom", {})}
    left = [key for key in custom.pop("found", []) if key not in given]
    if left:
        custom["found"] = left
    item = {**found, **given}
    item.pop("custom", None)
    return item | ({"custom": custom} if custom else {})


def slug(text: str, *, limit: int = 60) -> str:
    """Return a lower-case slug of Latin letters and digits; empty where nothing is left.

    >>> slug("Dynamics_of C+C5 – Şanlıurfa.v2")
    'dynamics-of-c-c5-sanliurfa-v2'
    """
    bare = unicodedata.normalize("NFKD", text.replace("ı", "i")).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:limit].strip("-")
