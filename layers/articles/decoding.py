"""Bytes of a file to text: what it is by its content, and in which encoding.

A name says little: a ZIP archive may be called ``.txt`` and a web page ``.md``. So the first bytes decide, and what is
neither text, web page nor PDF is refused by its true name.
"""

from __future__ import annotations

import codecs
import re
from typing import Literal

from geo.errors import ArticleError

Kind = Literal["text", "markdown", "html", "pdf"]

# longest first: the UTF-32 mark begins with that of UTF-16
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# what people rename or send by mistake, by their first bytes
_REFUSED = (
    (b"PK\x03\x04", "a ZIP archive (also docx, odt, epub); unpack it or save its text"),
    (b"PK\x05\x06", "an empty ZIP archive; save the text itself"),
    (b"\x1f\x8b", "gzip-compressed; unpack it"),
    (b"BZh", "bzip2-compressed; unpack it"),
    (b"\xfd7zXZ\x00", "xz-compressed; unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed; unpack it"),
    (b"Rar!\x1a\x07", "a RAR archive; unpack it"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Microsoft Office file; save it as text or PDF"),
    (b"{\\rtf", "rich text (RTF); save it as plain text"),
    (b"\x89PNG", "a picture; only texts can be read"),
    (b"\xff\xd8\xff", "a picture; only texts can be read"),
    (b"GIF8", "a picture; only texts can be read"),
    (b"SQLite format 3\x00", "a database; only texts can be read"),
    (b"\x7fELF", "a program; only texts can be read"),
    (b"MZ\x90\x00", "a program; only texts can be read"),
)
# encodings that articles of this field come in, beside Unicode; single-byte ones accept nearly anything, so few
_LEGACY = ("cp1251", "koi8_r", "gb18030", "big5", "cp1254", "cp1252")
# a text with so few bytes beyond ASCII is in Latin letters: they are its quotes and accents
_WESTERN = ("cp1252", "cp1254")
_MAX_WESTERN_SHARE = 0.05
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?:(?!-->).){0,2000}-->\s*)*<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_TAG = re.compile(r"<(?:html|head|body|article|div|p|meta)\b[^<>]{0,500}>", re.IGNORECASE)
_XML_START = re.compile(r"\s*<\?xml\b", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
# more than this share of control characters is a file of a program, not a text
_MAX_CONTROL_SHARE = 0.005


def refuse_known(data: bytes) -> None:
    r"""Refuse bytes that are plainly something else.

    Raises
    ------
    ArticleError
        The first bytes are those of an archive, a picture, a program or an office file; or there are none.

    Examples
    --------
    >>> refuse_known(b"PK\x03\x04...")
    Traceback (most recent call last):
    geo.errors.ArticleError: it is a ZIP archive (also docx, odt, epub); unpack it or save its text
    """
    if not data.strip(b" \t\r\n\x00"):
        raise ArticleError("it is empty")
    for magic, what in _REFUSED:
        if data.startswith(magic):
            raise ArticleError(f"it is {what}")


def is_pdf(data: bytes) -> bool:
    """Whether the bytes are a PDF; readers accept its mark anywhere in the first kilobyte."""
    return b"%PDF-" in data[:1024]


def decode(data: bytes, *, is_web_page: bool = False) -> str:
    r"""Return the text of the bytes, without a byte-order mark, line ends as they are.

    A mark decides; then UTF-8, which random bytes do not pass; then what a web page declares; then the likeliest of a
    few encodings of Russian, Chinese, Turkish and Western texts.

    Raises
    ------
    ArticleError
        No encoding fits, or the bytes hold null bytes or control characters as programs write them.

    Examples
    --------
    >>> decode("Сиань".encode("utf-16")), decode(b"\xef\xbb\xbfXi\xe2\x80\x99an")
    ('Сиань', 'Xi’an')
    """
    text = _decoded(data, is_web_page=is_web_page)
    if "\x00" in text:
        position = text.index("\x00")
        raise ArticleError(
            f"it holds a null character at position {position}; a text has none, so it is damaged or not one"
        )
    if len(_CONTROLS.findall(text)) > max(2, _MAX_CONTROL_SHARE * len(text)):
        raise ArticleError("it holds control characters as only files of programs do; save it as plain text")
    return text


def _decoded(data: bytes, *, is_web_page: bool) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark) :], encoding, f"its byte-order mark says {encoding}")
    # UTF-16 without a mark: every second byte of Latin text is null
    head = data[:2000]
    if head.count(b"\x00") > len(head) // 5:
        odd = head[1::2].count(b"\x00") > head[::2].count(b"\x00")
        encoding = "utf-16-le" if odd else "utf-16-be"
        return _strict(data, encoding, f"it looks like {encoding}")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        fault = error
    declared = _META_CHARSET.search(data[:4096]) if is_web_page else None
    if declared:
        try:
            return data.decode(declared[1].decode("ascii"))
        except (UnicodeDecodeError, LookupError):
            pass
    from charset_normalizer import from_bytes

    sample = data[:200_000]
    possible = _WESTERN if sum(byte > 0x7F for byte in sample) < _MAX_WESTERN_SHARE * len(sample) else _LEGACY
    best = from_bytes(sample, cp_isolation=list(possible)).best()
    # a long file is judged by its start, so the rest may still not fit
    if best is not None and best.encoding in _LEGACY:
        return _strict(data, best.encoding, f"its beginning looks like {best.encoding}")
    raise ArticleError(
        f"it is not UTF-8 (byte {data[fault.start]:#x} at {fault.start}) and no other encoding fits; save it as UTF-8"
    )


def _strict(data: bytes, encoding: str, reason: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ArticleError(f"{reason}, but byte {error.start} is not valid in it; save it as UTF-8") from error


def kind_of(text: str, suffix: str) -> Kind:
    """Return what a decoded text is: its content decides, the ending of its name only tells Markdown from plain text.

    Raises
    ------
    ArticleError
        It is XML, but no web page.

    Examples
    --------
    >>> kind_of("<!DOCTYPE html><p>Khorgos</p>", ".txt"), kind_of("# Khorgos", ".md"), kind_of("Khorgos", ".html")
    ('html', 'markdown', 'text')
    """
    head = text[:20_000]
    if _HTML_START.match(head):
        return "html"
    if suffix in (".html", ".htm", ".xhtml") and _HTML_TAG.search(head):
        return "html"
    if _XML_START.match(head):
        raise ArticleError("it is XML, but no web page; save its text")
    return "markdown" if suffix in (".md", ".markdown") else "text"
