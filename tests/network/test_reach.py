"""Reach: more hours reach more, and the file is GeoJSON that others read."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from geojson_pydantic import FeatureCollection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.errors import RequestError
from geo.geodesy import distance_m
from geo.geojson import write_geojson
from layers.schema import Mode
from network.endpoint import resolve_endpoint
from network.reach import WIDTH_KM, Reach, find_reach, reach_json, reach_layer, reached_area
from network.request import Request
from network.route import Router
from network.scenarios import Effects, Factor

RAIL = (Mode.RAIL,)


def ask(router: Router, origin: str, *limits: float, request: Request | None = None) -> Reach:
    point, _ = resolve_endpoint(router.catalogue, origin)
    return find_reach(router, point, request or Request(modes=RAIL), limits)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    origin=st.sampled_from(["Almaty", "Baku", "Kashgar", "76.0,43.3"]),
    limits=st.lists(st.floats(0.5, 400), min_size=2, max_size=4),
)
def test_reach_grows_with_hours(router: Router, origin: str, limits: list[float]) -> None:
    found = ask(router, origin, *limits)
    within = [{place.id for place in found.within(limit)} for limit in sorted(limits)]
    assert all(smaller <= larger for smaller, larger in pairwise(within))


def test_hours_of_a_place_are_those_of_its_route(router: Router) -> None:
    found = ask(router, "Almaty", 60.0)
    hours = {place.id: place.hours for place in found.places}
    ends = [resolve_endpoint(router.catalogue, name)[0] for name in ("Almaty", "Astana")]
    route = router.route(ends[0], ends[1], Request(modes=RAIL)).routes[0]
    assert hours["astana"] == pytest.approx(sum(leg.time_h for leg in route.legs), abs=0.1)
    assert hours["almaty"] == 0.0


def test_slower_trains_reach_less(router: Router) -> None:
    slow = Request(modes=RAIL, effects=Effects(speeds=(Factor("rail", 0.5),)))
    assert len(ask(router, "Almaty", 48.0, request=slow).places) < len(ask(router, "Almaty", 48.0).places)


def test_areas_are_valid_geojson_and_lie_inside_each_other(router: Router, tmp_path: Path) -> None:
    found = ask(router, "Almaty", 12.0, 24.0)
    write_geojson(reach_layer(router, found), tmp_path / "reach.geojson")
    document = json.loads((tmp_path / "reach.geojson").read_text(encoding="utf-8"))
    FeatureCollection.model_validate(document)
    areas = {
        feature["properties"]["hours"]: shapely.geometry.shape(feature["geometry"]) for feature in document["features"]
    }
    assert list(areas) == [24.0, 12.0]
    assert all(area.is_valid and area.geom_type == "MultiPolygon" for area in areas.values())
    # ends lie on a grid of a twentieth of a degree: where the smaller area ends on a link, it may stand out by that
    assert areas[12.0].difference(areas[24.0].buffer(0.05)).area < 1e-3 * areas[12.0].area


def test_the_area_is_as_wide_as_it_says(router: Router) -> None:
    found = ask(router, "Almaty", 0.5)
    area = reached_area(router, found, 0.5)
    almaty = router.catalogue.places["almaty"]
    corners = shapely.get_coordinates(area)
    reach_km = [distance_m((almaty.lon, almaty.lat), (float(lon), float(lat))) / 1000 for lon, lat in corners]
    assert area.contains(shapely.Point(almaty.lon, almaty.lat))
    # half an hour by train at 37.7 km/h, and the half width
    assert max(reach_km) < 0.5 * 60 + WIDTH_KM + 8
    assert min(reach_km) > WIDTH_KM - 8


def test_json_lists_each_place_once(router: Router) -> None:
    document = reach_json(ask(router, "Almaty", 24.0, 48.0))
    ids = [place["id"] for place in document["places"]]
    assert len(ids) == len(set(ids))
    assert document["limits"][1]["places"] == ids
    assert np.isfinite([place["hours"] for place in document["places"]]).all()


@pytest.mark.parametrize("limits", [(), (0.0,), (-5.0,), (float("nan"),), (float("inf"),)])
def test_hours_that_are_none_are_refused(router: Router, limits: tuple[float, ...]) -> None:
    with pytest.raises(RequestError, match="above 0"):
        ask(router, "Almaty", *limits)
