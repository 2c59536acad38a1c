"""The text and the metadata inside a web page, a PDF or a Markdown file.

These run in a worker process with limits (`layers.articles.workers`): the libraries below read whatever the world has
made, and some of it is made to hurt.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass

from geo.errors import ArticleError
from layers.articles.decoding import decode, is_pdf, kind_of, refuse_known

MAX_FILE_BYTES = 30_000_000
"""No article is larger; a book as PDF may be."""
MAX_TEXT_CHARACTERS = 500_000
"""A book of 250 pages; made of nothing but names it takes the engine some 15 s."""
MAX_HTML_DEPTH = 400
"""libxml2 stops at 256 levels unless told otherwise; real pages have below 60."""
MAX_PDF_PAGES = 2_000

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)\b[^<>]*?(/?)>")
_UNCLOSED = "area base br col embed hr img input link meta source track wbr p li td tr th dt dd option"
_VOID = frozenset(_UNCLOSED.split())
_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"^#{1,2}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
# what word processors write into the title field by themselves
_JUNK_TITLE = re.compile(r"microsoft (?:word|powerpoint)|untitled|\.(?:docx?|indd|qxd|pdf)$|^\W*$", re.IGNORECASE)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Parsed:
    """Text and what the file says of itself; empty where it says nothing."""

    text: str
    kind: str
    title: str = ""
    author: str = ""
    publisher: str = ""
    date: str = ""
    """EDTF."""
    url: str = ""
    language: str = ""
    front_matter: str = ""
    """YAML at the head of a Markdown file, unread."""


def parse(data: bytes, suffix: str) -> Parsed:
    """Return text and metadata of the bytes of one file.

    Parameters
    ----------
    suffix
        Ending of its name with the dot, in lower case; the content decides where it contradicts.

    Raises
    ------
    ArticleError
        It is no text, web page or PDF, is damaged, or is beyond a limit; the message says which.
    """
    if len(data) > MAX_FILE_BYTES:
        raise ArticleError(f"it has {len(data):,} bytes, the limit is {MAX_FILE_BYTES:,}; split it")
    refuse_known(data)
    if is_pdf(data):
        return _checked(parse_pdf(data))
    text = decode(data, is_web_page=suffix in (".html", ".htm", ".xhtml"))
    kind = kind_of(text, suffix)
    if kind == "html":
        return _checked(parse_html(text))
    if kind == "markdown":
        return _checked(parse_markdown(text))
    return _checked(Parsed(text, kind))


def _checked(parsed: Parsed) -> Parsed:
    if len(parsed.text) > MAX_TEXT_CHARACTERS:
        raise ArticleError(
            f"its text has {len(parsed.text):,} characters, the limit is {MAX_TEXT_CHARACTERS:,}; split it"
        )
    if not any(letter.isalpha() for letter in parsed.text):
        raise ArticleError("there is no word in it")
    return parsed


def parse_markdown(text: str) -> Parsed:
    """Return the text below the front matter, as it stands, with the first heading as title."""
    match = _FRONT_MATTER.match(text)
    body = text[match.end() :] if match else text
    heading = _HEADING.search(body[:5000])
    return Parsed(body, "markdown", title=heading[1] if heading else "", front_matter=match[1] if match else "")


def parse_html(page: str) -> Parsed:
    """Return the main text of a web page, without menus and comments, and its metadata.

    Raises
    ------
    ArticleError
        It is nested too deep, or has no text.
    """
    depth = html_depth(page)
    if depth > MAX_HTML_DEPTH:
        raise ArticleError(f"its elements are nested {depth:,} deep, the limit is {MAX_HTML_DEPTH}; save its text")
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    # no guess at a date from copyright lines: a wrong one is worse than none
    dates = {"extensive_search": False, "original_date": True}
    found = bare_extraction(
        page, with_metadata=True, include_comments=False, favor_recall=True, date_extraction_params=dates
    )
    if not isinstance(found, Document) or not (text := found.text or "").strip():
        raise ArticleError("no main text was found in the web page; save its text")
    return Parsed(
        text,
        "html",
        title=found.title or "",
        author=found.author or "",
        publisher=found.sitename or "",
        date=found.date or "",
        url=found.url or "",
        language=_declared_language(page),
    )


def html_depth(page: str) -> int:
    """Return how deep elements are nested, counting those that must be closed.

    >>> html_depth("<div><p>a<br>b<div></div></div>")
    2
    """
    depth = deepest = 0
    for closing, name, self_closing in _TAG.findall(page):
        if name.lower() in _VOID or self_closing:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _declared_language(page: str) -> str:
    match = re.search(r"<html[^<>]{0,500}?\blang\s*=\s*[\"']?([A-Za-z]{2,3})\b", page[:5000], re.IGNORECASE)
    return match[1].lower() if match else ""


def parse_pdf(data: bytes) -> Parsed:
    """Return the text layer of a PDF, page after page, with its title and author fields.

    The dates in a PDF are those of the file, not of the text, so none is taken.

    Raises
    ------
    ArticleError
        It is encrypted, damaged, too long, or holds pictures of pages only.
    """
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise ArticleError("it is a PDF with a password; save it without one")
        if len(reader.pages) > MAX_PDF_PAGES:
            raise ArticleError(f"it is a PDF of {len(reader.pages):,} pages, the limit is {MAX_PDF_PAGES:,}; split it")
        text = "\n\n".join(_pdf_pages(reader))
        information = reader.metadata
        title = str((information and information.title) or "").strip()
        author = str((information and information.author) or "").strip()
    # pypdf raises nearly anything on a damaged file
    except (PyPdfError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError) as error:
        if isinstance(error, ArticleError):
            raise
        raise ArticleError(
            f"it is a PDF that cannot be read ({type(error).__name__}); save it again or as text"
        ) from error
    if not text.strip():
        raise ArticleError("it is a PDF without a text layer (pictures of pages); run a text recognition on it")
    return Parsed(text, "pdf", title="" if _JUNK_TITLE.search(title) else title, author=author)


def _pdf_pages(reader: object) -> Iterator[str]:
    total = 0
    for page in reader.pages:  # type: ignore[attr-defined]  # a PdfReader, whose module is imported late
        # fonts may map to NUL or to half of a surrogate pair
        text = _LONE_SURROGATE.sub("\ufffd", page.extract_text()).replace("\x00", "\ufffd")
        total += len(text)
        if total > MAX_TEXT_CHARACTERS:
            raise ArticleError(f"its text has more than {MAX_TEXT_CHARACTERS:,} characters; split it")
        yield text
