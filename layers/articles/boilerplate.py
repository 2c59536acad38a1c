"""Stretches of a text that are not its prose: menus, related articles, author boxes, footnotes, links to languages."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

_HEADINGS = re.compile(
    r"(related (articles?|posts?|stories|content|news|topics|reading)|similar (posts?|articles?)|you (might|may)"
    r" also (like|enjoy|be interested in)"
    r"|most (read|popular|viewed)|read (more|next|also)|recommended( for you| reading| articles?)?|see also"
    r"|further reading|more (from|on|stories|news)\b.{0,40}"
    r"|(foot|end)?notes|references|sources|bibliography|about the authors?|latest (news|posts|articles)"
    r"|похожие (статьи|материалы|записи)|читайте также|по теме|материалы по теме|об авторе|примечания|источники"
    r"|литература"
    r"|相关(文章|阅读|新闻|链接)|延伸阅读|作者简介|参考文献|注释|推荐阅读"
    r"|benzer (yazılar|haberler|içerikler)|ilgili (yazılar|haberler)|kaynakça|dipnotlar|yazar hakkında|i̇lgili"
    r" haberler)\s*:?\s*",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"(foot|end)?notes|references|sources|bibliography|about the authors?|об авторе|примечания|作者简介"
    r"|参考文献|注释|kaynakça",
    re.IGNORECASE,
)
_FOOTNOTE = re.compile(r"\s*(\[\d{1,3}\]|\(\d{1,3}\)|\d{1,3}\.)\s+\S")
_CITATION = re.compile(
    r"https?://|www\.|op\.\s?cit|ibid|accession|accessed|retrieved|\bdoi\b|\bpp?\.\s?\d|дата обращения|erişim",
    re.IGNORECASE,
)
_LANGUAGES = re.compile(
    r"\b(english|türkçe|turkish|русский|russian|français|french|deutsch|español|العربية|فارسی|қазақша|oʻzbekcha"
    r"|o'zbekcha|кыргызча|тоҷикӣ|türkmençe|azərbaycanca)\b"
    r"|简体|繁體|繁体|中文|日本語|한국어",
    re.IGNORECASE,
)
_LANGUAGE_LINE = re.compile(
    r"languages?\s*:|also available in|read (this )?in\b|язык\s*:|язык[иа]\b.{0,20}:|语言|diller?\s*:", re.IGNORECASE
)
_BYLINE = re.compile(
    r"\s*(tags?|share( this)?( article| post)?|date|subscribe.{0,60})\s*:?|\s*(by|author|authors|written by"
    r"|editor|edited by|source|photo|image|credit|copyright|©|posted (on|in)|published( on)?|updated|filed under"
    r"|categories|category"
    r"|автор|источник|фото|作者|来源|编辑|责任编辑|yazar|kaynak)\s*[:：©].{0,160}"
    r"|©.{0,200}|all rights reserved.{0,100}",
    re.IGNORECASE,
)
_PROSE = 250
"""A paragraph of this length is prose and ends a list of teasers in the upper part of a text."""


@dataclass(frozen=True, slots=True)
class Boilerplate:
    """Marked stretches of a text, in order."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def covers(self, position: int) -> bool:
        """Tell whether a position lies in a marked stretch."""
        found = bisect_right(self.starts, position) - 1
        return found >= 0 and position < self.ends[found]


def find_boilerplate(text: str) -> Boilerplate:
    """Return the stretches of a text that are not its prose."""
    lines = _lines(text)
    body = next((number for number, (start, end) in enumerate(lines) if end - start >= _PROSE), len(lines))
    marked = [False] * len(lines)
    zone = ""
    for number, (start, end) in enumerate(lines):
        line = text[start:end].strip().lstrip("#").strip()
        if not line:
            marked[number] = bool(zone)
            continue
        in_tail = start > len(text) * 0.55
        if len(line) < 100 and _HEADINGS.fullmatch(line) and not _next_is_prose(lines, number, text):
            zone = "tail" if in_tail or _ENDS.fullmatch(line.rstrip(" :")) else "list"
        elif zone == "list" and len(line) >= _PROSE and not in_tail:
            zone = ""
        elif not zone and in_tail and _is_footnote(line):
            zone = "tail"
        marked[number] = (
            bool(zone)
            or _is_alone_boilerplate(line)
            or (number < body and _is_author_box(text[start:end], lines, number, text))
        )
    return _stretches(lines, marked)


def _next_is_prose(lines: list[tuple[int, int]], number: int, text: str) -> bool:
    """Tell whether prose follows at once, as under a heading of the article itself."""
    for start, end in lines[number + 1 : number + 4]:
        if text[start:end].strip():
            return end - start >= 2 * _PROSE
    return False


def _is_footnote(line: str) -> bool:
    return bool(_FOOTNOTE.match(line)) and (line.startswith("[") or bool(_CITATION.search(line)))


def _is_alone_boilerplate(line: str) -> bool:
    if len(line) > 220:
        return False
    if _BYLINE.fullmatch(line):
        return True
    languages = len(_LANGUAGES.findall(line))
    return languages >= 3 or (languages >= 1 and bool(_LANGUAGE_LINE.search(line)))


def _is_author_box(line: str, lines: list[tuple[int, int]], number: int, text: str) -> bool:
    """Tell whether a line above the prose names an author or where they work: set off by a bullet or indented."""
    if re.match(r"\s*[•·●▪]\s*\S", line):
        return True
    if not re.match(r"[ \t]{2,}\S", line):
        return False
    before = [text[start:end] for start, end in lines[max(0, number - 4) : number]]
    return any(re.match(r"\s*[•·●▪]\s*\S|\s*(by|author)\b", other, re.IGNORECASE) for other in before)


def _lines(text: str) -> list[tuple[int, int]]:
    found, start = [], 0
    for line in text.splitlines(keepends=True):
        found.append((start, start + len(line)))
        start += len(line)
    return found


def _stretches(lines: list[tuple[int, int]], marked: list[bool]) -> Boilerplate:
    starts: list[int] = []
    ends: list[int] = []
    for (start, end), is_marked in zip(lines, marked, strict=True):
        if not is_marked:
            continue
        if ends and ends[-1] == start:
            ends[-1] = end
        else:
            starts.append(start)
            ends.append(end)
    return Boilerplate(tuple(starts), tuple(ends))
