"""Bring a vector file into a study: lines to route over, places to start from, areas to go around.

All of a file is taken or nothing, in one step. The same file gives the same ids each time; taking it in again replaces
what it brought before. Removing the folder ``imports/ID`` of the study removes the import.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from corridors.atlas import load_atlas
from corridors.import_rows import RowFaultError, RowTaker, Stated, slug
from geo.atomic import replace_directory
from geo.door import Limits, Report, open_layer
from geo.errors import NameNotFoundError, RequestError
from geo.reading.records import printable, refusal, rows_refusal
from layers.catalogue import Catalogue
from layers.import_store import INFO_FILE, LAYER_FILE, StoredRow, StoreWriter, read_info, writing
from layers.imported import IMPORTS_DIR, MAX_JOINED_LINES
from layers.schema import Edtf, Mode, Status

if TYPE_CHECKING:
    from network.joining import FilePoint, JoinOptions, Plan
    from network.topology import FileLine

Progress = Callable[[str], None]

MAX_JOINED_VERTICES = 5_000_000
_TELL_EVERY = 20_000
_MAX_SNAP_KM = 50.0
# a file whose rows are all wrong is not read to its end
_MANY_REFUSED = 1_000


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a file is read and joined; what is stated here goes before the columns of the file."""

    id: str | None = None
    """Name of the import in the study; that of the file unless given."""
    mode: str | None = None
    status: str | None = None
    opened: str | None = None
    gauge_mm: int | None = None
    speed_kmh: float | None = None
    snap_km: float = 1.0
    """Loose ends and places farther than this from the network are not joined to it."""
    snap_ends_m: float = 0.0
    """Ends of the file's own lines this near to each other, or to another line, are joined; 0 leaves them apart."""
    connect_crossings: bool = False
    gauge_changes: tuple[str, ...] = ()
    """Places where gauges change, by the user's own word."""
    crossings: tuple[str, ...] = ()
    """Places, or ``lon,lat``, where a border may be passed, by the user's own word."""
    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    skip_invalid: bool = False


@dataclass
class ImportResult:
    """What an import did."""

    id: str
    report: Report
    connected: list[tuple[str, float]] = field(default_factory=list)
    """What was joined, and over how many kilometres."""
    counts: dict[str, int] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    """Ids of the first lines."""
    folder: Path | None = None
    """Where the study keeps it; None when nothing was kept."""
    picture: str = ""
    """SVG of the course, the joints and the repairs; empty unless asked for."""

    @property
    def document(self) -> dict[str, Any]:
        """The answer of ``import --json``."""
        report = self.report
        return {
            "file": report.file,
            "layer": report.layer,
            "crs": report.crs,
            "read": report.read,
            "kept": report.kept,
            "repaired": [{"row": row, "what": what} for row, what in report.repaired],
            "refused": [{"row": row, "why": why} for row, why in report.refused],
            "connected": [{"node": node, "km": round(km, 3)} for node, km in self.connected],
            "warnings": list(report.warnings),
        }


@dataclass
class _Joining:
    """Rows that are to join the network; none once there are too many."""

    lines: list[FileLine] = field(default_factory=list)
    points: list[FilePoint] = field(default_factory=list)
    areas: int = 0
    vertices: int = 0
    is_small: bool = True

    def add(self, table: str, record: StoredRow) -> None:
        """Take a row up."""
        if not self.is_small:
            return
        self.vertices += int(shapely.get_num_coordinates(record.geometry))
        if table == "lines":
            self.lines.append(_file_line(record))
        elif table == "places":
            self.points.append(_file_point(record))
        else:
            self.areas += 1
        if max(len(self.lines), len(self.points), self.areas) > MAX_JOINED_LINES or self.vertices > MAX_JOINED_VERTICES:
            self.is_small = False
            self.lines, self.points = [], []


def import_layer(  # noqa: PLR0913 - what, where to and how; the rest has defaults
    file: Path | str,
    study: Path | str | None = None,
    options: ImportOptions = ImportOptions(),
    *,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    progress: Progress = lambda _: None,
    with_picture: bool = False,
) -> ImportResult:
    """Import one layer of a file into a study; without a study it is only tried, and nothing is kept.

    Parameters
    ----------
    file
        Any format of `geo.door.open_layer`.
    study
        Folder made by ``corridors new``.
    progress
        Called with what is being done.

    Raises
    ------
    ImportRefusedError
        The file, or a row without ``skip_invalid``; the study is as it was.
    RequestError
        An option has no meaning.
    NameNotFoundError
        A stated place is not known.
    """
    root = None if study is None else Path(study)
    if root is not None and not (root / "catalogue").is_dir():
        raise RequestError(f"{root} is no study; make one with: corridors new {root}")
    importer = _Importer(Path(file), root, options, limits, progress, with_picture=with_picture)
    if root is None:
        with tempfile.TemporaryDirectory() as folder:
            importer.fill(Path(folder))
        return importer.result
    (root / IMPORTS_DIR).mkdir(exist_ok=True)
    target = root / IMPORTS_DIR / importer.result.id
    replaced = read_info(target)["source"]["custom"]["sha256"] if (target / INFO_FILE).is_file() else None
    importer.replaces(replaced)
    replace_directory(target, importer.fill)
    importer.result.folder = target
    return importer.result


def remove_import(study: Path | str, name: str) -> None:
    """Remove an import from a study.

    Raises
    ------
    NameNotFoundError
        The study has no import of this name.
    """
    folder = Path(study) / IMPORTS_DIR / name
    if not _is_name(name) or not (folder / INFO_FILE).is_file():
        raise NameNotFoundError(f"{study} has no import {name!r}")
    shutil.rmtree(folder)


def _is_name(name: str) -> bool:
    return bool(name) and slug(name) == name


class _Importer:
    """One import on its way; ``result`` grows step by step."""

    def __init__(  # noqa: PLR0913 - as import_layer
        self,
        file: Path,
        study: Path | None,
        options: ImportOptions,
        limits: Limits,
        progress: Progress,
        *,
        with_picture: bool,
    ) -> None:
        self._file = file
        self._study = study
        self._options = options
        self._limits = limits
        self._progress = progress
        self._with_picture = with_picture
        self._stated = _stated(options)
        name = options.id or slug(f"{file.stem}-{options.layer}" if options.layer else file.stem) or "layer"
        if not _is_name(name):
            raise RequestError(f"{name!r} is no name for an import; give a lower-case slug such as 'my-line'")
        progress("loading the catalogue")
        self._atlas = load_atlas(study, without_import=name)
        self._join_options = _join_options(self._atlas.catalogue, options)
        self.result = ImportResult(name, Report(file.name, "", "", ""))
        self._was_there: str | None = None

    def replaces(self, sha256: str | None) -> None:
        """Note what stands there already, so that the report can say so."""
        self._was_there = sha256

    def fill(self, folder: Path) -> None:
        """Write the whole import into an empty folder."""
        with writing(folder / LAYER_FILE) as store:
            found = self._read(store)
            plan = self._plan(found.lines, found.points)
            self._leave_out(plan, store)
            store.plan(plan.stops, plan.connectors)
        result = self.result
        result.counts = dict(store.counts)
        result.connected = [(c.label, c.km) for c in plan.connectors]
        result.report.warnings += plan.warnings
        if self._with_picture:
            from corridors.import_picture import draw_picture

            self._progress("drawing")
            result.picture = draw_picture(folder / LAYER_FILE, self._atlas, plan, result.report)
        text = json.dumps(self._info(plan, is_joined=found.is_small), ensure_ascii=False, indent=1, allow_nan=False)
        (folder / INFO_FILE).write_text(text + "\n", encoding="utf-8", newline="\n")

    def _read(self, store: StoreWriter) -> _Joining:
        """Keep all rows, and give those that are to join the network."""
        options = self._options
        found = _Joining()
        taker = RowTaker(self.result.id, self._stated, self._atlas.catalogue, store.claim_id)
        refused: list[tuple[int, str]] = []
        with open_layer(
            self._file,
            layer=options.layer,
            crs=options.crs,
            encoding=options.encoding,
            skip_invalid=options.skip_invalid,
            limits=self._limits,
        ) as opened:
            for number, row in enumerate(opened, start=1):
                if number % _TELL_EVERY == 0:
                    self._progress(f"{number:,} rows read")
                try:
                    for table, record in taker.take(row):
                        store.add(table, record)
                        found.add(table, record)
                except RowFaultError as fault:
                    refused.append((row.row, str(fault)))
                    if not options.skip_invalid and len(refused) >= _MANY_REFUSED:
                        raise rows_refusal(str(self._file), refused) from None
            report = opened.report
        if refused and not options.skip_invalid:
            raise rows_refusal(str(self._file), sorted([*report.refused, *refused]))
        self._report_rows(report, taker, refused)
        if not found.is_small:
            report.warnings.append(
                f"{store.counts['lines']:,} lines and {store.counts['places']:,} places are kept in the study; more "
                f"than {MAX_JOINED_LINES:,} rows or {MAX_JOINED_VERTICES:,} vertices are not joined to the network: "
                "import a part of them to route over it"
            )
        return found

    def _report_rows(self, report: Report, taker: RowTaker, refused: Sequence[tuple[int, str]]) -> None:
        report.kept -= len(refused)
        report.refused = sorted([*report.refused, *refused])
        report.repaired = sorted([*report.repaired, *taker.repaired])
        report.warnings += [f"{count:,} {text}" for text, count in taker.told.items()]
        if self._was_there is not None:
            same = "the same file" if self._was_there == report.sha256 else "another file"
            report.warnings.append(f"replaces the import {self.result.id} of {same} that was there")
        self.result.report = report
        self._refuse_nothing_left()

    def _leave_out(self, plan: Plan, store: StoreWriter) -> None:
        """Refuse the rows of lines that cannot join, as rows are that cannot be taken.

        Raises
        ------
        ImportRefusedError
            There are such lines, and invalid rows are not skipped.
        """
        report = self.result.report
        refused = [(line.row, why) for line, why in plan.refused]
        if refused and not self._options.skip_invalid:
            raise rows_refusal(str(self._file), sorted(refused))
        ids = [line.id for line, _ in plan.refused]
        store.discard("lines", ids)
        report.kept -= len(ids)
        report.refused = sorted([*report.refused, *refused])
        self.result.lines = [line for line in self.result.lines if line not in ids]
        self._refuse_nothing_left()

    def _refuse_nothing_left(self) -> None:
        report = self.result.report
        if report.kept:
            return
        if report.refused:
            raise rows_refusal(str(self._file), report.refused)
        raise refusal(str(self._file), "has no rows; nothing was imported")

    def _plan(self, lines: list[FileLine], points: list[FilePoint]) -> Plan:
        from network.joining import Plan, plan_joins

        self.result.lines = [line.id for line in lines[:20]]
        if not lines and not points:
            return Plan()
        self._progress("joining the network")
        return plan_joins(
            self._atlas.network, self._atlas.catalogue, lines, points, self._join_options, name=self.result.id
        )

    def _info(self, plan: Plan, *, is_joined: bool) -> dict[str, Any]:
        report = self.result.report
        return {
            "id": self.result.id,
            "file": printable(report.file, length=200),
            "is_joined": is_joined,
            "counts": self.result.counts,
            "gauge_changes": plan.gauge_changes,
            "source": _source(self.result.id, report),
            "options": _plain_options(self._options),
            "report": self.result.document,
        }


def _stated(options: ImportOptions) -> Stated:
    """Check what the user states about all rows.

    Raises
    ------
    RequestError
        A value is out of its range.
    """
    from pydantic import TypeAdapter, ValidationError

    faults = []
    if options.mode is not None and options.mode not in set(Mode):
        faults.append(f"mode {options.mode!r} is none of {', '.join(Mode)}")
    if options.status is not None and options.status not in set(Status):
        faults.append(f"status {options.status!r} is none of {', '.join(Status)}")
    if options.opened is not None:
        try:
            TypeAdapter(Edtf).validate_python(options.opened)
        except ValidationError:
            faults.append(f"opened {options.opened!r} is no date such as 2032, 2032-05 or 2032~")
    if options.gauge_mm is not None and not 500 <= options.gauge_mm <= 2000:
        faults.append(f"gauge {options.gauge_mm} mm is not from 500 to 2000")
    if options.speed_kmh is not None and not 1 <= options.speed_kmh <= 1000:
        faults.append(f"speed {options.speed_kmh:g} km/h is not from 1 to 1000")
    if not 0 <= options.snap_km <= _MAX_SNAP_KM:
        faults.append(f"snap distance {options.snap_km:g} km is not from 0 to {_MAX_SNAP_KM:g}")
    if not 0 <= options.snap_ends_m <= 50:
        faults.append(f"snap distance of ends {options.snap_ends_m:g} m is not from 0 to 50")
    if faults:
        raise RequestError("; ".join(faults))
    return Stated(
        mode=Mode(options.mode) if options.mode else None,
        status=Status(options.status) if options.status else None,
        opened=options.opened,
        gauge_mm=options.gauge_mm,
        speed_kmh=options.speed_kmh,
    )


def _join_options(catalogue: Catalogue, options: ImportOptions) -> JoinOptions:
    from network.border_posts import StatedCrossing
    from network.endpoint import resolve_endpoint
    from network.joining import JoinOptions

    changes = []
    for text in options.gauge_changes:
        point, _ = resolve_endpoint(catalogue, text)
        if not point.is_place:
            raise NameNotFoundError(f"gauges cannot change at {text!r}: it is no place of the catalogue")
        changes.append(point.id)
    crossings = []
    for text in options.crossings:
        point, _ = resolve_endpoint(catalogue, text)
        label = point.id if point.is_place else slug(point.name) or "crossing"
        crossings.append(StatedCrossing(label, (point.lon, point.lat)))
    return JoinOptions(
        options.snap_km, options.snap_ends_m, options.connect_crossings, tuple(changes), tuple(crossings)
    )


def _file_line(record: StoredRow) -> FileLine:
    from network.topology import FileLine

    parts = tuple(shapely.get_coordinates(part) for part in shapely.get_parts(record.geometry))
    values = record.values
    return FileLine(record.id, record.row, values["name"], values["mode"], values["gauge_mm"] or 0, parts)


def _file_point(record: StoredRow) -> FilePoint:
    from network.joining import FilePoint

    lon, lat = shapely.get_coordinates(record.geometry)[0].tolist()
    return FilePoint(record.id, (lon, lat), record.values["country"])


def _source(name: str, report: Report) -> dict[str, Any]:
    """Return the CSL-JSON record of the file."""
    title = printable(report.file, length=200)
    return {
        "id": f"file-{name}",
        "type": "dataset",
        "title": title,
        "note": f"{report.format}, layer {printable(report.layer)}, {report.crs}; sha256 {report.sha256}",
        "custom": {"sha256": report.sha256, "rows": report.read, "format": report.format, "crs": report.crs},
    }


def _plain_options(options: ImportOptions) -> dict[str, Any]:
    """Return the options as JSON holds them; 2 and 2.0 kilometres are one text."""
    plain: dict[str, Any] = asdict(options)
    numbers = ("speed_kmh", "snap_km", "snap_ends_m")
    return plain | {key: float(plain[key]) for key in numbers if plain[key] is not None}
