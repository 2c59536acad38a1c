"""What the door hands out: rows, a report of what was done to them, and the bounds it keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shapely.geometry.base import BaseGeometry

from geo.errors import ImportRefusedError
from geo.layer import Field, Value

_SHOWN_CHARACTERS = 80
_SHOWN_ROWS = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read; beyond a limit it is refused, never cut.

    ``max_bytes`` None means 200 MB for formats that are one text (GeoJSON, KML, GPX) and for what an archive unpacks
    to, 4 GB for those that hold one row after the other (GeoJSONL, CSV, GeoPackage, Shapefile, FlatGeobuf, GeoParquet).
    """

    max_bytes: int | None = None
    max_row_bytes: int = 32_000_000
    max_rows: int = 10_000_000
    max_depth: int = 256
    archive_members: int = 1000
    archive_ratio: int = 100
    memory_bytes: int = 2_000_000_000
    seconds: int = 600


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file that may be used.

    ``row`` counts from 0 as in the file. ``geometry`` is valid, 2D, WGS 84 lon/lat within ±180 and ±90, or None where
    the file has none. ``properties`` holds the values as the file types them; `geo.reading.typing.as_kind` turns one
    into the kind its column has over the whole file.
    """

    row: int
    id: str | None
    geometry: BaseGeometry | None
    properties: Mapping[str, Value]


@dataclass(slots=True)
class Report:
    """What was read, and everything that was changed or refused on the way; complete once the rows are read.

    ``crs`` names the file's reference system, before it became WGS 84. ``repaired`` and ``refused`` hold a row number
    and a sentence each, in the order of the file; a row may be repaired in several ways, and row −1 stands for the file
    as a whole.
    """

    file: str
    layer: str
    format: str
    crs: str
    sha256: str = ""
    read: int = 0
    kept: int = 0
    repaired: list[tuple[int, str]] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class OpenedLayer:
    """One layer of a file behind the door; iterate it once for its rows.

    Rows come as the file is read. Use nothing of them before the iteration ended well: without ``skip_invalid`` a
    refused row shows as an error at the end, with every fault. ``fields`` are known at once where the format declares
    them, else after the iteration.
    """

    def __init__(
        self,
        report: Report,
        rows: Callable[[], Iterator[Row]],
        fields: Callable[[], tuple[Field, ...] | None],
        metadata: Mapping[str, str],
    ) -> None:
        self.report = report
        self.metadata = metadata
        """Texts the file carries for the layer: title, description, attribution, licence."""
        self._rows = rows
        self._fields = fields
        self._taken = False

    @property
    def name(self) -> str:
        """The layer's name: as the file gives it, else the file's stem."""
        return self.report.layer

    @property
    def fields(self) -> tuple[Field, ...] | None:
        """The columns with the kind that fits every value; None until it is known."""
        return self._fields()

    def __iter__(self) -> Iterator[Row]:
        if self._taken:
            raise RuntimeError("the rows of an opened layer can be read once; open it again")
        self._taken = True
        return self._rows()


def printable(text: object, *, length: int = _SHOWN_CHARACTERS) -> str:
    r"""Give a text of the file for a message: one line, no control characters, not longer than ``length``.

    Examples
    --------
    >>> printable("rail\x1b[31m way\n")
    'rail�[31m way�'
    """
    # a terminal obeys control characters and marks that turn the direction of text; Python calls them unprintable
    shown = "".join(one if one.isprintable() else "\ufffd" for one in str(text)[: length + 1])
    return shown if len(shown) <= length else shown[: length - 1] + "…"


def refusal(file: str, what: str) -> ImportRefusedError:
    """Make the error for a file as a whole."""
    return ImportRefusedError(f"{printable(file, length=200)}: {what}")


def rows_refusal(file: str, refused: Sequence[tuple[int, str]]) -> ImportRefusedError:
    """Make the error that lists the refused rows: the first 20 and the count."""
    count = "1 row is refused" if len(refused) == 1 else f"{len(refused)} rows are refused"
    lines = [f"row {row}: {why}" for row, why in refused[:_SHOWN_ROWS]]
    more = [f"… and {len(refused) - _SHOWN_ROWS} more"] if len(refused) > _SHOWN_ROWS else []
    head = f"{printable(file, length=200)}: {count} and nothing was taken; mend them, or skip invalid rows"
    return ImportRefusedError("\n  ".join((head, *lines, *more)))
