"""Two views of a text for comparing names: one of the same length, one squeezed with a way back to the positions.

``fold`` changes code points one to one, so that positions in it are positions in the text. ``squeeze`` goes further,
as names are written in many ways: it drops invisible characters and accents, reads dashes as spaces and runs of
white space as one, and keeps for each character where it came from.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

_QUOTES = "‘’‚‛ʻʼʽʹˈ`´′＇ꞌ"
_DOUBLE_QUOTES = "“”„‟«»″〝〞＂"
_DASHES = "‐‑‒–—―⁃−﹘﹣－─━"
_ONE_TO_ONE = {
    **dict.fromkeys(map(ord, _QUOTES), "'"),
    **dict.fromkeys(map(ord, _DOUBLE_QUOTES), '"'),
    **dict.fromkeys(map(ord, _DASHES), "-"),
    # lower case of İ has two code points, of ẞ one that folds to two
    ord("İ"): "i",
    ord("ẞ"): "ß",
}
# soft hyphen, zero-width characters, joiners, marks of writing direction, byte-order mark
_INVISIBLE = frozenset(
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_UNMARKED = {
    "ı": "i",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "æ": "ae",
    "œ": "oe",
    "ß": "ss",
    "ə": "a",
    "ё": "е",
}


@cache
def _folded(letter: str) -> str:
    plain = _ONE_TO_ONE.get(ord(letter))
    if plain is not None:
        return plain
    if letter.isspace():
        return " "
    lower = letter.lower()
    return lower if len(lower) == 1 else letter


class _Table(dict[int, str]):
    """Answers ``str.translate`` letter by letter and remembers."""

    def __missing__(self, code: int) -> str:
        self[code] = _folded(chr(code))
        return self[code]


_FOLD = _Table()


def fold(text: str) -> str:
    r"""Return the text in lower case with plain quotes, apostrophes, dashes and spaces, of the same length.

    >>> fold("XI’AN\u00a0– İzmir")
    "xi'an - izmir"
    """
    return text.translate(_FOLD)


@cache
def _squeezed(letter: str) -> str:  # noqa: PLR0911 - one return per kind of letter
    """Return what one folded letter becomes: nothing, a space, or letters without accents."""
    if letter in _INVISIBLE or unicodedata.combining(letter):
        return ""
    if letter == "-":
        return " "
    if letter in _UNMARKED:
        return _UNMARKED[letter]
    if ord(letter) < 0x80 or "а" <= letter <= "я":
        return letter
    name = unicodedata.name(letter, "")
    if name.startswith("LATIN"):
        return "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
    if name.startswith("FULLWIDTH"):
        return unicodedata.normalize("NFKD", letter).lower()
    return letter


class _SqueezeTable(dict[int, str]):
    def __missing__(self, code: int) -> str:
        self[code] = _squeezed(_folded(chr(code)))
        return self[code]


_SQUEEZE = _SqueezeTable()


@dataclass(frozen=True, slots=True)
class Squeezed:
    """A text made comparable, and where each of its characters stands in the raw text."""

    raw: str
    text: str
    starts: tuple[int, ...] | range
    """Position in the raw text of each character; one more at the end."""

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the raw positions of a stretch; ``end`` exclusive, the stretch not empty."""
        last = self.starts[end - 1] + 1
        # accents written as marks of their own belong to the letter before
        while last < len(self.raw) and unicodedata.combining(self.raw[last]):
            last += 1
        return self.starts[start], last


def squeeze(text: str) -> Squeezed:
    """Return the comparable form of a text; each character remembers its position.

    White space becomes one space, or one line feed where an empty line parts two paragraphs.
    """
    letters: list[str] = []
    starts: list[int] = []
    is_space = True
    lines = 0
    table = _SQUEEZE
    for position, letter in enumerate(text):
        for part in table[ord(letter)]:
            if part == " ":
                lines = (0 if not is_space else lines) + (letter == "\n")
                if not is_space:
                    letters.append(" ")
                    starts.append(position)
                elif lines == 2 and letters:
                    letters[-1] = "\n"
                is_space = True
            else:
                letters.append(part)
                starts.append(position)
                is_space = False
    starts.append(len(text))
    return Squeezed(text, "".join(letters), tuple(starts))


def name_key(name: str) -> str:
    r"""Return the comparable form of a name.

    >>> name_key("Power-of-Siberia\u00a02") == name_key("Power of Siberia – 2")
    True
    """
    return " ".join(name.translate(_SQUEEZE).split())
