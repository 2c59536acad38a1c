"""Whether an XML file that was written is whole: it parses, and holds as many elements as were meant."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from xml.parsers import expat

from geo.errors import WriteError


def count_elements(file: Path, names: Iterable[str]) -> dict[str, int]:
    """Count the elements of each name in a file of our own, with expat: no tree of it is built.

    Raises
    ------
    WriteError
        When the file is no well-formed XML.
    """
    counts = dict.fromkeys(names, 0)

    def start(name: str, _attributes: dict[str, str]) -> None:
        if name in counts:
            counts[name] += 1

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    try:
        with file.open("rb") as stream:
            parser.ParseFile(stream)
    except expat.ExpatError as fault:
        raise WriteError(f"{file} was not written whole: {fault}; write it again") from fault
    return counts
