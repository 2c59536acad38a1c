"""JSON as RFC 8259 has it, strictly, and piece by piece: a collection is never held whole.

The standard library's scanner does the parsing; around it stand the rules it leaves out: no NaN, member names unique,
numbers of bounded size, nesting of bounded depth.
"""

from __future__ import annotations

import codecs
import json
import math
from collections import Counter
from collections.abc import Iterable
from typing import BinaryIO, Final

from geo.reading.records import Limits, printable

_BLANKS: Final = " \t\n\r"
_CHUNK_BYTES: Final = 1 << 20
# the longest token that may be cut by the end of what was read so far, besides a text
_TOKEN: Final = 16
# digits of the longest integer that is worth reading; a float has 309 before the point
_DIGITS: Final = 400


class JsonFault(ValueError):  # noqa: N818  faults of a text, turned into the project's error at the door
    """A text is not JSON, or not JSON that is read here."""


class Doubled(dict[str, object]):
    """An object in which a member name stands twice; the later value would hide the earlier."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.name = Counter(name for name, _ in pairs).most_common(1)[0][0]


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else Doubled(pairs)


def _constant(name: str) -> object:
    raise JsonFault(f"{name} is no JSON number")


def _integer(digits: str) -> int | float:
    # an infinity is refused by whoever looks at the value, with its place
    return int(digits) if len(digits) <= _DIGITS else math.inf


DECODER: Final = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_constant, parse_int=_integer)


def parse(text: str) -> object:
    """Parse one whole JSON text.

    Raises
    ------
    JsonFault
        Saying what is wrong and at which character.
    """
    try:
        return DECODER.decode(text)
    except json.JSONDecodeError as fault:
        raise JsonFault(f"no JSON: {_lower(fault.msg)} at character {fault.pos + 1}") from None
    except RecursionError:
        raise JsonFault("nested too deeply") from None


def depth(value: object, limit: int) -> int:
    """Give how deeply lists and objects nest in a parsed value, counting no further than ``limit`` + 1."""
    level = [value] if isinstance(value, (dict, list)) else []
    reached = 0
    while level and reached <= limit:
        reached += 1
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, (dict, list))]
    return reached


def _inside(value: object) -> Iterable[object]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


class JsonStream:
    """A UTF-8 file of JSON, from which values are taken one after the other.

    No more is held than the value that is being read and the chunk it ends in.
    """

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="strict")
        self._text = ""
        self._at = 0
        self._ended = False
        self._line, self._column = 1, 0
        self.has_mark = False
        self._more(_CHUNK_BYTES)
        if self._text.startswith("\ufeff"):
            self.has_mark, self._at = True, 1

    def peek(self) -> str:
        """Give the next character that is no blank, without taking it; empty at the end."""
        while True:
            text, at = self._text, self._at
            while at < len(text) and text[at] in _BLANKS:
                at += 1
            self._at = at
            if at < len(text):
                return text[at]
            if not self._more(_CHUNK_BYTES):
                return ""

    def take(self, expected: str) -> str:
        """Take the next character that is no blank; it must be one of ``expected``."""
        found = self.peek()
        if not found or found not in expected:
            wanted = " or ".join(f"'{character}'" for character in expected)
            raise self.fault(
                f"expected {wanted}, found " + (f"'{printable(found)}'" if found else "the end of the file")
            )
        self._at += 1
        return found

    def value(self) -> tuple[object, bool]:
        r"""Take one value; also tells whether its text held an escape ``\\u``, behind which odd characters may hide."""
        if not self.peek():
            raise self.fault("expected a value, found the end of the file")
        wanted = _CHUNK_BYTES
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as fault:
                if not self._may_continue(fault) or not self._more(wanted):
                    raise self._syntax(fault) from None
            except RecursionError:
                raise self.fault(f"nested more than {self._limits.max_depth} deep") from None
            except JsonFault as fault:
                raise self.fault(str(fault)) from None
            else:
                # a number near the end of the buffer may go on
                if end + _TOKEN < len(self._text) or self._ended or isinstance(value, (dict, list, str)):
                    escaped = self._text.find("\\u", self._at, end) >= 0
                    self._at = end
                    return value, escaped
                self._more(wanted)
            wanted *= 2
            if len(self._text) - self._at > self._limits.max_row_bytes:
                raise self.fault(f"one value is longer than {self._limits.max_row_bytes // 1_000_000} MB of text")

    def end(self) -> None:
        """Refuse anything but blanks up to the end of the file."""
        if self.peek():
            raise self.fault("something follows the end of the JSON text")

    def fault(self, what: str) -> JsonFault:
        """Make the error for what stands at the current place."""
        return JsonFault(f"line {self._line + self._text.count(chr(10), 0, self._at)}: {what}")

    def _syntax(self, fault: json.JSONDecodeError) -> JsonFault:
        line = self._line + self._text.count("\n", 0, fault.pos)
        start = self._text.rfind("\n", 0, fault.pos)
        column = fault.pos - start if start >= 0 else self._column + fault.pos + 1
        at_end = self._ended and (fault.pos >= len(self._text.rstrip()) or fault.msg.startswith("Unterminated"))
        cut = "; the file ends inside it, was it cut off?" if at_end else ""
        return JsonFault(f"line {line}, column {column}: no JSON: {_lower(fault.msg)}{cut}")

    def _may_continue(self, fault: json.JSONDecodeError) -> bool:
        return not self._ended and (
            fault.msg.startswith("Unterminated string") or fault.pos >= len(self._text) - _TOKEN
        )

    def _more(self, wanted: int) -> bool:
        """Read on; False at the end of the file."""
        if self._ended:
            return False
        chunk = self._stream.read(wanted)
        self._ended = not chunk
        try:
            added = self._decode.decode(chunk, final=self._ended)
        except UnicodeDecodeError as fault:
            line = self._line + self._text.count("\n") + fault.object[: fault.start].count(b"\n")
            raise JsonFault(
                f"line {line}: no UTF-8, found byte 0x{fault.object[fault.start]:02x}; JSON is UTF-8, convert the file"
            ) from None
        taken = self._text[: self._at]
        self._line += taken.count("\n")
        self._column = len(taken) - taken.rfind("\n") - 1 if "\n" in taken else self._column + len(taken)
        self._text = self._text[self._at :] + added
        self._at = 0
        return True


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]
