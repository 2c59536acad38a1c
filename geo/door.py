"""The one way in for vector files made by others: nothing of them is trusted, nothing of them is changed in silence.

A file is copied to a private directory before anything looks into it, its content must be what its ending says, and
its rows pass one set of checks. What comes out is WGS 84 lon/lat, 2D, valid, within ±180.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from geo.layer import Field
from geo.reading.cleaning import cleaned
from geo.reading.crs import Reference, reference
from geo.reading.drafts import Draft, FileFault, Source, counted
from geo.reading.formats import open_source
from geo.reading.intake import private_copy
from geo.reading.records import Limits, OpenedLayer, Report, Row, printable, refusal, rows_refusal
from geo.reading.typing import Columns

__all__ = ["Limits", "OpenedLayer", "Report", "Row", "open_layer"]

_NO_CRS = "the file does not say which reference system it is in; say it, as in crs='EPSG:4326'"


@contextlib.contextmanager
def open_layer(  # noqa: PLR0913  what a caller may say of a file of others
    path: Path | str,
    *,
    layer: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    skip_invalid: bool = False,
    limits: Limits = Limits(),  # noqa: B008  frozen
) -> Iterator[OpenedLayer]:
    """Open one layer of a vector file; its private copy is removed on leaving.

    Parameters
    ----------
    path
        An existing regular file: GeoJSON (``.geojson``, ``.json``), GeoJSONL (``.geojsonl``, ``.ndjson``, ``.jsonl``,
        ``.geojsons``), GeoPackage, Shapefile (``.shp`` beside its siblings, or zipped), FlatGeobuf, GeoParquet, KML,
        KMZ, GPX, CSV.
    layer
        Its name, where a file holds several.
    crs
        ``AUTHORITY:CODE`` of the file's coordinates, where it says none or a wrong one; then it is not doubted.
    encoding
        Of the texts in a Shapefile or CSV that does not say it.
    skip_invalid
        Go on without the rows that are refused; the report lists them. Otherwise they are an error once the iteration
        ends, and a consumer keeps nothing.

    Raises
    ------
    ImportRefusedError
        Here and during the iteration, with what is wrong, where, and what to do.

    Examples
    --------
    >>> with open_layer("examples/no-such-file.geojson") as opened:
    ...     rows = list(opened)
    Traceback (most recent call last):
    geo.errors.ImportRefusedError: examples/no-such-file.geojson: is not there; check the name
    """
    shown = str(path)
    try:
        with (
            private_copy(path, limits) as file,
            open_source(file.path, layer=layer, encoding=encoding, limits=limits) as (source, member),
        ):
            place = _reference(crs or source.crs)
            report = Report(
                file=file.name,
                layer=source.name or Path(member or file.name).stem,
                format=source.format,
                crs=place.name,
                sha256=file.sha256,
            )
            report.warnings += file.warnings
            if crs and source.crs:
                report.warnings.append(f"the file's own reference system was set aside for {place.name}")
            if place.warning:
                report.warnings.append(place.warning)
            flow = _Flow(source, report, limits, skip_invalid=skip_invalid)
            drafts = cleaned(source.drafts(), place, stated=crs is not None)
            yield OpenedLayer(report, lambda: flow.rows(shown, drafts), flow.fields, source.metadata)
    except FileFault as fault:
        raise refusal(shown, str(fault)) from None


def _reference(definition: str | None) -> Reference:
    if definition is None:
        raise FileFault(_NO_CRS)
    return reference(definition)


class _Flow:
    """The rows of one layer on their way out, and what is noted of them."""

    def __init__(self, source: Source, report: Report, limits: Limits, *, skip_invalid: bool) -> None:
        self._source = source
        self._report = report
        self._limits = limits
        self._skip_invalid = skip_invalid
        self._columns = Columns()
        self._notices: dict[str, list[int]] = {}
        self._fields: tuple[Field, ...] | None = None

    def fields(self) -> tuple[Field, ...] | None:
        return self._fields if self._source.fields is None else self._source.fields

    def rows(self, shown: str, drafts: Iterator[Draft]) -> Iterator[Row]:
        report = self._report
        try:
            for draft in drafts:
                self._count()
                if draft.fault is not None:
                    report.refused.append((draft.row, draft.fault))
                    continue
                self._note(draft)
                report.kept += 1
                yield Row(draft.row, draft.id, draft.geometry, draft.properties)
        except FileFault as fault:
            raise refusal(shown, str(fault)) from None
        self._finish()
        if report.refused and not self._skip_invalid:
            raise rows_refusal(shown, report.refused)

    def _count(self) -> None:
        self._report.read += 1
        if self._report.read > self._limits.max_rows:
            raise FileFault(f"has more than {self._limits.max_rows} rows; split it, or raise the limit")

    def _note(self, draft: Draft) -> None:
        self._report.repaired.extend((draft.row, what) for what in draft.repairs)
        for notice in dict.fromkeys(draft.notices):
            self._notices.setdefault(notice, [draft.row, 0])[1] += 1
        if self._source.fields is None:
            self._columns.add(draft.properties)

    def _finish(self) -> None:
        report = self._report
        report.repaired[:0] = [(-1, what) for what in self._source.repairs]
        report.warnings += self._source.warnings
        report.warnings += counted(self._notices)
        if self._source.fields is None:
            self._fields = self._columns.fields(self._source.described)
            report.warnings += [
                f"column '{printable(name)}' holds several kinds of values, read as text"
                for name in self._columns.mixed
            ]
