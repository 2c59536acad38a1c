"""A matrix says of each pair what a route of its own would say."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corridors.atlas import Atlas
from geo.errors import NameNotFoundError, RequestError, RouteRefusedError
from layers.schema import Mode
from network.costs import Objective
from network.endpoint import resolve_endpoint
from network.matrix import COLUMNS, Matrix, Row, make_matrix, neutral, places_of, write_matrix
from network.request import Request
from network.route import Router

NAMES = ("xian", "almaty", "tashkent", "istanbul", "baku", "tehran", "kabul", "duisburg", "colombo")


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.permutations(NAMES),
    objective=st.sampled_from(list(Objective)),
    modes=st.sampled_from([(Mode.RAIL,), (Mode.RAIL, Mode.FERRY), (Mode.RAIL, Mode.ROAD, Mode.SEA, Mode.FERRY)]),
)
def test_matrix_equals_pairwise_routes(
    router: Router, names: list[str], objective: Objective, modes: tuple[Mode, ...]
) -> None:
    places = [resolve_endpoint(router.catalogue, name)[0] for name in names[:3]]
    request = Request(objective=objective, modes=modes)
    column = {"time": "time_h", "cost": "cost_usd_per_teu", "distance": "distance_km", "co2": "co2_kg_per_teu"}
    matrix = make_matrix(router, places, request)
    assert len(matrix.rows) == 6
    by_id = {place.id: place for place in places}
    for row in matrix.rows:
        value = getattr(row, column[objective.value])
        try:
            route = router.route(by_id[row.origin], by_id[row.destination], request).routes[0]
        except RouteRefusedError:
            assert value is None
            continue
        totals = {
            "time": sum(leg.time_h for leg in route.legs),
            "cost": sum(leg.cost_usd_per_teu for leg in route.legs),
            "distance": route.distance_km,
            "co2": route.co2_kg_per_teu,
        }
        assert value == pytest.approx(totals[objective.value], rel=2e-3, abs=0.1)


def test_unreachable_pairs_stay_in_the_table_and_are_counted(router: Router, tmp_path: Path) -> None:
    places = [resolve_endpoint(router.catalogue, name)[0] for name in ("colombo", "almaty", "tashkent")]
    matrix = make_matrix(router, places, Request(modes=(Mode.RAIL,)))
    assert matrix.unreachable == 4
    write_matrix(matrix, tmp_path / "m.csv")
    with (tmp_path / "m.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert sum(row["time_h"] == "" for row in rows) == 4


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=x", "\r@x"])
def test_no_cell_is_a_formula(text: str, tmp_path: Path) -> None:
    write_matrix(Matrix((Row("a", text, "b", text, 1.0, 2.0, 3.0, 4.0),), 0.0), tmp_path / "m.csv")
    with (tmp_path / "m.csv").open(encoding="utf-8", newline="") as file:
        row = next(iter(csv.DictReader(file)))
    assert row["origin_name"] == f"'{text.strip()}" == neutral(text)


def test_places_come_from_a_group_a_country_or_a_file(atlas: Atlas, tmp_path: Path) -> None:
    catalogue = atlas.catalogue
    five = {catalogue.places[place.id].country for place in places_of(catalogue, "central-asia-5")}
    assert five == {"KAZ", "KGZ", "TJK", "TKM", "UZB"}
    assert {catalogue.places[place.id].country for place in places_of(catalogue, "kaz")} == {"KAZ"}
    file = tmp_path / "places.txt"
    file.write_text("# two\n西安\n\nAlmaty\nXi'an\n", encoding="utf-8")
    assert [place.id for place in places_of(catalogue, str(file))] == ["xian", "almaty"]
    file.write_text("Almaty\nAtlantis-on-Sea\n80.0,44.0\n", encoding="utf-8")
    with pytest.raises(NameNotFoundError, match=r"line 2: .*line 3: "):
        places_of(catalogue, str(file))
    with pytest.raises(NameNotFoundError, match="no file, no country code"):
        places_of(catalogue, "dragons")
    file.write_text("Almaty\n", encoding="utf-8")
    with pytest.raises(RequestError, match="two or more"):
        places_of(catalogue, str(file))


def test_parquet_needs_pyarrow_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(RequestError, match=r"pip install pyarrow.*\.csv"):
        write_matrix(Matrix((), 0.0), tmp_path / "m.parquet")
    assert list(tmp_path.iterdir()) == []
