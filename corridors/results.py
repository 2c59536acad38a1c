"""What the Python facade answers: values that turn into tables, GeoJSON and the documents of the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from corridors import notebook
from network.answer import answer_geojson, answer_json
from network.compare import Comparison, comparison_json, sentence
from network.legs import Route
from network.matrix import Matrix
from network.reach import Reach, ReachedPlace, reach_json, reach_layer
from network.route import Answer, Router

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from layers.names import Match

Document = dict[str, Any]
_WGS84 = "EPSG:4326"


@dataclass(frozen=True, slots=True)
class RouteResult:
    """Routes of one question, best first."""

    answer: Answer
    remarks: tuple[str, ...] = ()
    """How the names asked for were taken."""

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes, best first; there is at least one."""
        return self.answer.routes

    @property
    def best(self) -> Route:
        """The first of them."""
        return self.answer.routes[0]

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know: names taken, lines not open yet, disputed areas, assumptions of a scenario."""
        return (*self.remarks, *self.answer.notes)

    def to_dict(self) -> Document:
        """Return the document of ``corridors route --json``."""
        return {**answer_json(self.answer), "notes": list(self.notes)}

    def to_geojson(self) -> Document:
        """Return the legs of all routes as a GeoJSON feature collection (WGS 84)."""
        return answer_geojson(self.answer)

    def to_gdf(self) -> gpd.GeoDataFrame:
        """Return one row per leg, in order of travel, in WGS 84 (EPSG:4326).

        Columns are those of a leg in the document, ``route`` (its rank) before them; lists are joined with ``;``.
        """
        return _frame(self.to_geojson()["features"])

    def _repr_html_(self) -> str:
        return notebook.routes_html(self.to_dict())


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """One question under two scenarios."""

    comparison: Comparison
    remarks: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What changes, and how sure that is."""
        return sentence(self.comparison)

    @property
    def difference(self) -> Mapping[str, float | None]:
        """Second minus first: medians of hours and USD per TEU, and km; None where one has no route."""
        return self.comparison.difference

    def to_dict(self) -> Document:
        """Return the document of ``corridors compare --json``."""
        return {**comparison_json(self.comparison), "notes": list(self.remarks)}

    def to_geojson(self) -> Document:
        """Return the legs of both routes as GeoJSON; the property ``scenario`` tells them apart."""
        features = [
            {
                **feature,
                "id": f"{outcome.name}-{feature['id']}",
                "properties": {"scenario": outcome.name, **feature["properties"]},
            }
            for outcome in (self.comparison.before, self.comparison.after)
            if outcome.answer is not None
            for feature in answer_geojson(outcome.answer)["features"]
        ]
        return {"type": "FeatureCollection", "features": features}

    def to_gdf(self) -> gpd.GeoDataFrame:
        """Return one row per leg of both routes, in WGS 84 (EPSG:4326)."""
        return _frame(self.to_geojson()["features"])

    def _repr_html_(self) -> str:
        return notebook.comparison_html(self.to_dict())


@dataclass(frozen=True, slots=True)
class MatrixResult:
    """Figures of all ordered pairs of places."""

    matrix: Matrix

    def to_df(self) -> pd.DataFrame:
        """Return one row per pair: ids, hours, USD per TEU, km and kg CO2e; not a number where there is no route."""
        import pandas as pd

        figures = self.matrix.values  # noqa: PD011 - a field of ours, no pandas
        rows = [
            (origin.id, destination.id, *figures[row, column].tolist())
            for row, origin in enumerate(self.matrix.places)
            for column, destination in enumerate(self.matrix.places)
            if row != column
        ]
        names = [figure.name for figure in self.matrix.figures]
        return pd.DataFrame(rows, columns=["origin", "destination", *names])

    def to_dict(self) -> Document:
        """Return places and pairs as plain values, null where there is no route."""
        names = [figure.name for figure in self.matrix.figures]
        return {
            "places": [_point(place.id, place.name, place.lon, place.lat) for place in self.matrix.places],
            "rows": [
                {
                    "origin": origin.id,
                    "destination": destination.id,
                    **{name: self.matrix.value(origin.id, destination.id, name) for name in names},
                }
                for origin in self.matrix.places
                for destination in self.matrix.places
                if origin.id != destination.id
            ],
            "unreachable": self.matrix.unreachable,
        }

    def to_geojson(self) -> Document:
        """Return the places as points; a pair has no course of its own, ask :meth:`Corridors.route` for it."""
        return _points([_point(place.id, place.name, place.lon, place.lat) for place in self.matrix.places])

    def to_gdf(self) -> gpd.GeoDataFrame:
        """Return the places as points in WGS 84 (EPSG:4326)."""
        return _frame(self.to_geojson()["features"])

    def _repr_html_(self) -> str:
        return notebook.matrix_html(self.to_dict())


@dataclass(frozen=True, slots=True)
class ReachResult:
    """Places and areas within some hours of a place."""

    reach: Reach
    router: Router
    remarks: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[ReachedPlace, ...]:
        """The places reached, nearest first."""
        return self.reach.places

    def to_dict(self) -> Document:
        """Return the document of ``corridors reach --json``."""
        return reach_json(self.reach, self.remarks)

    def to_geojson(self) -> Document:
        """Return one area per limit as GeoJSON (WGS 84), the longest first."""
        import json

        from geo.geojson import geojson_text

        document: Document = json.loads(geojson_text(reach_layer(self.router, self.reach)))
        return document

    def to_gdf(self) -> gpd.GeoDataFrame:
        """Return one area per limit, the longest first, in WGS 84 (EPSG:4326)."""
        from geo.frames import layer_frame

        return layer_frame(reach_layer(self.router, self.reach))

    def _repr_html_(self) -> str:
        return notebook.reach_html(self.to_dict())


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a name may stand for, best first."""

    query: str
    results: tuple[Match, ...]

    def to_dict(self) -> Document:
        """Return the document of ``corridors search --json``."""
        from corridors.records import search_json

        return search_json(self.query, list(self.results))

    def to_geojson(self) -> Document:
        """Return the results that have a point as GeoJSON (WGS 84)."""
        return _points([found for found in self.to_dict()["results"] if found["lon"] is not None])

    def to_gdf(self) -> gpd.GeoDataFrame:
        """Return the results that have a point, in WGS 84 (EPSG:4326)."""
        return _frame(self.to_geojson()["features"])

    def _repr_html_(self) -> str:
        return notebook.search_html(self.to_dict())


@dataclass(frozen=True, slots=True)
class RecordResult:
    """One record with its claims, conflicts, history, references and shape."""

    record: Document
    """The document of ``corridors show --json``."""

    @property
    def claims(self) -> Sequence[Document]:
        """Published values, in file order; ``adopted`` marks those that are used."""
        claims: list[Document] = self.record["claims"]
        return claims

    def to_dict(self) -> Document:
        """Return the document of ``corridors show --json``."""
        return self.record

    def to_geojson(self) -> Document:
        """Return the record's shape as a feature collection of one feature, or of none."""
        record = self.record
        if record["geometry"] is None:
            return {"type": "FeatureCollection", "features": []}
        kept = {key: value for key, value in record.items() if isinstance(value, str | int | float | bool)}
        feature = {"type": "Feature", "id": record["id"], "properties": kept, "geometry": record["geometry"]}
        return {"type": "FeatureCollection", "features": [feature]}

    def to_gdf(self) -> gpd.GeoDataFrame:
        """Return one row with the record's shape, or none, in WGS 84 (EPSG:4326)."""
        return _frame(self.to_geojson()["features"])

    def _repr_html_(self) -> str:
        return notebook.record_html(self.record)


def _point(key: str, name: str, lon: float, lat: float) -> Document:
    return {"id": key, "name": name, "lon": round(lon, 6), "lat": round(lat, 6)}


def _points(rows: Sequence[Document]) -> Document:
    features = [
        {
            "type": "Feature",
            "id": row["id"],
            "properties": {key: value for key, value in row.items() if key not in {"id", "lon", "lat"}},
            "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]},
        }
        for row in rows
    ]
    return {"type": "FeatureCollection", "features": features}


def _frame(features: Sequence[Document]) -> gpd.GeoDataFrame:
    """Return features as a GeoDataFrame indexed by id; lists become text joined with ``;``, as in the layers."""
    import geopandas as gpd
    import pandas as pd
    from shapely.geometry import shape

    rows = [
        {key: ";".join(value) if isinstance(value, list) else value for key, value in feature["properties"].items()}
        for feature in features
    ]
    index = pd.Index([feature["id"] for feature in features], name="id")
    geometry = gpd.GeoSeries([shape(feature["geometry"]) for feature in features], index=index, crs=_WGS84)
    return gpd.GeoDataFrame(pd.DataFrame(rows, index=index), geometry=geometry)
