"""Country outlines and which country a point lies in."""

from __future__ import annotations

import pytest
import shapely
from shapely import LineString

from geo.boundaries import country_index, load_outlines


@pytest.mark.parametrize(
    ("lon_lat", "country"),
    [
        ((108.93, 34.26), "CHN"),
        ((82.48, 45.25), "KAZ"),
        ((37.62, 55.75), "RUS"),
        ((20.5, 54.7), "RUS"),
        ((4.48, 51.92), "NLD"),
        ((71.67, 40.72), "UZB"),
        ((-179.5, 66.0), "RUS"),
    ],
)
def test_points_lie_in_their_country(lon_lat: tuple[float, float], country: str) -> None:
    assert country_index().countries_of_points([lon_lat[0]], [lon_lat[1]]) == [country]


@pytest.mark.parametrize("lon_lat", [(-30.0, 68.0), (50.5, 42.0), (150.0, 20.0)])
def test_open_sea_lies_in_no_country(lon_lat: tuple[float, float]) -> None:
    assert country_index().countries_of_points([lon_lat[0]], [lon_lat[1]]) == [""]


def test_a_line_touches_all_countries_on_its_way() -> None:
    line = LineString([(80.0, 44.5), (82.0, 45.0), (84.0, 44.8)])
    assert country_index().countries_of_lines([line]) == [("CHN", "KAZ")]


@pytest.mark.parametrize("name", ["countries_10m", "countries_50m"])
def test_outlines_are_valid_and_none_runs_round_the_world(name: str) -> None:
    outlines = load_outlines(name)
    assert all(shapely.is_valid(shape) for shape in outlines.values())
    # west of 180° Russia ends at the Gulf of Finland: a band round the map would reach Greenland
    russia = outlines["RUS"]
    assert not russia.intersects(shapely.box(-160, 40, 15, 80))
    assert {"CHN", "KAZ", "KGZ", "TJK", "TKM", "UZB", "NLD", "ITA", "EGY", "JPN"} <= set(outlines)
