"""A matrix says of each pair what a route of its own would say."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from corridors.atlas import Atlas
from geo.errors import NameNotFoundError, RequestError, RouteRefusedError
from layers.schema import Mode
from network.access import Endpoint
from network.costs import Objective
from network.endpoint import resolve_endpoint
from network.matrix import FIGURES, Matrix, check_output, make_matrix, neutral, places_of, write_matrix
from network.request import Request
from network.route import Router
from network.spread import Spread

NAMES = ("xian", "almaty", "tashkent", "istanbul", "baku", "tehran", "kabul", "duisburg", "colombo")


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.permutations(NAMES),
    objective=st.sampled_from(list(Objective)),
    modes=st.sampled_from([(Mode.RAIL,), (Mode.RAIL, Mode.FERRY), (Mode.RAIL, Mode.ROAD, Mode.SEA, Mode.FERRY)]),
    is_full=st.booleans(),
)
def test_matrix_equals_pairwise_routes(
    router: Router, *, names: list[str], objective: Objective, modes: tuple[Mode, ...], is_full: bool
) -> None:
    places = [resolve_endpoint(router.catalogue, name)[0] for name in names[:3]]
    request = Request(objective=objective, modes=modes)
    column = {"time": "time_h", "cost": "cost_usd_per_teu", "distance": "distance_km", "co2": "co2_kg_per_teu"}
    matrix = make_matrix(router, places, request, is_full=is_full)
    assert matrix.rows == 6
    assert [figure.name for figure in matrix.figures] == (
        list(column.values()) if is_full else [column[objective.value]]
    )
    for origin, destination in permutations(places, 2):
        value = matrix.value(origin.id, destination.id, column[objective.value])
        try:
            route = router.route(origin, destination, request).routes[0]
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


def endpoints(router: Router, names: Sequence[str]) -> list[Endpoint]:
    return [resolve_endpoint(router.catalogue, name)[0] for name in names]


def test_unreachable_pairs_stay_in_the_table_and_are_counted(router: Router, tmp_path: Path) -> None:
    matrix = make_matrix(router, endpoints(router, ("colombo", "almaty", "tashkent")), Request(modes=(Mode.RAIL,)))
    assert matrix.unreachable == 4
    write_matrix(matrix, tmp_path / "m.csv")
    with (tmp_path / "m.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["origin", "origin_name", "destination", "destination_name", "time_h"]
    assert [(row["origin"], row["destination"]) for row in rows] == list(
        permutations(("colombo", "almaty", "tashkent"), 2)
    )
    assert sum(row["time_h"] == "" for row in rows) == 4


def test_parquet_holds_what_csv_holds(router: Router, tmp_path: Path) -> None:
    matrix = make_matrix(router, endpoints(router, NAMES), Request(modes=(Mode.RAIL,)), is_full=True)
    for name in ("m.csv", "m.parquet"):
        write_matrix(matrix, tmp_path / name)
    table = parquet.read_table(tmp_path / "m.parquet")
    with (tmp_path / "m.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert table.num_rows == len(rows) == matrix.rows
    assert table.column_names == list(rows[0])
    told = [{name: "" if value is None else value for name, value in row.items()} for row in table.to_pylist()]
    assert [{name: str(value) for name, value in row.items()} for row in told] == [
        {
            name: value if name.startswith(("origin", "dest")) or not value else str(float(value))
            for name, value in r.items()
        }
        for r in rows
    ]


def test_two_cities_of_one_port_are_not_at_one_place(router: Router) -> None:
    """Batumi and Poti each have both ports within reach."""
    groups = router.access.groups
    assert set(groups["batumi"]) & set(groups["poti"])
    ends = endpoints(router, ("batumi", "poti"))
    found = make_matrix(router, ends, Request(), is_full=True)
    quick = make_matrix(router, ends, Request())
    route = router.route(ends[0], ends[1], Request()).routes[0]
    assert len(route.steps) > 0
    for one in (found, quick):
        assert one.value("batumi", "poti", "time_h") == pytest.approx(sum(leg.time_h for leg in route.legs), abs=0.1)
        assert one.value("batumi", "poti", "time_h") != 0


def test_workers_of_a_scheduler_find_what_one_process_finds(router: Router) -> None:
    """Two threads of a local cluster, addressed as any cluster is."""
    from distributed import LocalCluster

    places = endpoints(router, NAMES)
    make: Any = LocalCluster
    with make(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster:
        for is_full in (False, True):
            done: list[int] = []
            with Spread(cluster.scheduler_address) as spread:
                found = make_matrix(router, places, Request(), is_full=is_full, spread=spread, progress=done.append)
            alone = make_matrix(router, places, Request(), is_full=is_full)
            assert np.array_equal(found.values, alone.values, equal_nan=True)
            assert done == sorted(done)
            assert done[-1] == len(places)


def test_a_scheduler_that_does_not_answer_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("network.spread._PATIENCE_S", 0.2)
    with pytest.raises(RequestError, match=r"no Dask scheduler answers at tcp://127.0.0.1:1.*dask worker"):
        Spread("tcp://127.0.0.1:1")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=x", "\r@x"])
def test_no_cell_is_a_formula(text: str, tmp_path: Path) -> None:
    ends = (Endpoint("a", text, 0, 0, is_place=True), Endpoint("b", "b", 0, 0, is_place=True))
    write_matrix(Matrix(ends, FIGURES[:1], np.ones((2, 2, 1)), 0.0), tmp_path / "m.csv")
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


def test_an_output_of_another_kind_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"must end in \.csv or \.parquet"):
        check_output(tmp_path / "m.xlsx")
