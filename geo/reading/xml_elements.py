"""XML read element by element through defusedxml: a DOCTYPE is refused, and with it entities and outside references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from geo.reading.drafts import FileFault
from geo.reading.records import Limits, printable

# elements inside one that is read whole; a placemark has some dozens
_ELEMENTS: Final = 500_000


class _Bounded:
    """A stream that refuses to give more than ``most`` bytes between two calls of ``start``."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._stream = stream
        self._most = most
        self._given = 0

    def start(self) -> None:
        self._given = 0

    def read(self, size: int = -1) -> bytes:
        given = self._stream.read(size)
        self._given += len(given)
        if self._given > self._most:
            raise FileFault(f"one element holds more than {self._most / 1e6:g} MB; split it, or raise the limit")
        return given


class Elements:
    """The elements of a file that have one of the wanted names, each complete; everything else is dropped."""

    def __init__(self, file: Path, wanted: frozenset[str], limits: Limits) -> None:
        self._file = file
        self._wanted = wanted
        self._limits = limits
        self.names: list[str | None] = []
        """The texts of ``name`` of the containers around the current element, outermost first."""
        self.others: Counter[str] = Counter()
        """How often elements of other names were met outside the wanted ones."""

    def __iter__(self) -> Iterator[Element]:
        try:
            yield from self._walk()
        except ParseError as fault:
            raise FileFault(f"no XML: {printable(fault)}; was it cut off?") from None
        except DefusedXmlException:
            raise FileFault("has a DOCTYPE, which may define entities and name other files; remove it") from None
        except (ValueError, LookupError) as fault:
            if isinstance(fault, FileFault):
                raise
            raise FileFault(f"no XML that is read: {printable(fault)}") from None

    def _walk(self) -> Iterator[Element]:
        stack: list[Element] = []
        inside = 0
        count = 0
        with self._file.open("rb") as stream:
            bounded = _Bounded(stream, self._limits.max_row_bytes)
            for event, element in iterparse(bounded, events=("start", "end"), forbid_dtd=True):
                if not inside:
                    bounded.start()
                if event == "start":
                    if len(stack) >= self._limits.max_depth:
                        raise FileFault(f"nested more than {self._limits.max_depth} deep")
                    stack.append(element)
                    self.names.append(None)
                    if inside or local(element) in self._wanted:
                        inside += 1
                    count = count + 1 if inside > 1 else 0
                    if count > _ELEMENTS:
                        raise FileFault(f"one {local(stack[-inside])} has more than {_ELEMENTS} elements; split it")
                    continue
                stack.pop()
                self.names.pop()
                inside -= bool(inside)
                if inside:
                    continue
                if local(element) in self._wanted:
                    yield element
                else:
                    self._pass(element)
                if stack:
                    stack[-1].remove(element)

    def _pass(self, element: Element) -> None:
        self.others[local(element)] += 1
        if local(element) == "name" and self.names and not len(element):
            self.names[-1] = (element.text or "").strip()


def local(element: Element) -> str:
    """Give an element's name without its namespace; comments and the like have none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def child(element: Element, name: str) -> Element | None:
    """Give the first child of that local name."""
    return next((one for one in element if local(one) == name), None)


def text(element: Element | None) -> str | None:
    """Give the text right inside an element, None where it has none but blanks."""
    found = (element.text or "").strip() if element is not None else ""
    return found or None
