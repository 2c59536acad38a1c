"""Every JSON answer keeps its published schema, and its figures are those of a real journey."""

from __future__ import annotations

import json
import math
import random
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from corridors.api import Corridors
from corridors.atlas import Atlas
from corridors.cli import main
from geo.errors import RouteRefusedError
from layers.schema import PlaceKind

SCHEMAS = Path(__file__).parents[2] / "corridors" / "schemas"
NAMES = ("route", "compare", "search", "show", "matrix", "reach")
# km/h beyond which a leg is a slip of units, by kind
FASTEST_KMH = {"rail": 90, "road": 90, "sea": 45, "ferry": 45, "air": 1000, "pipeline": 90}


@cache
def validator(name: str) -> Draft202012Validator:
    loaded = {one: json.loads((SCHEMAS / f"{one}.schema.json").read_text(encoding="utf-8")) for one in NAMES}
    registry = Registry().with_resources(
        [(f"{one}.schema.json", Resource.from_contents(schema)) for one, schema in loaded.items()]
    )
    Draft202012Validator.check_schema(loaded[name])
    return Draft202012Validator(loaded[name], registry=registry)


def check(name: str, document: Any) -> None:  # noqa: ANN401 - any JSON
    # what goes over the wire, not what Python holds
    told = json.loads(json.dumps(document, allow_nan=False))
    faults = [f"{error.json_path}: {error.message[:200]}" for error in validator(name).iter_errors(told)]
    assert not faults, "\n".join(faults[:5])


@pytest.fixture(scope="module")
def asked(atlas: Atlas) -> Corridors:
    return Corridors(atlas)


@pytest.mark.parametrize("name", NAMES)
def test_schema_is_one(name: str) -> None:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert schema["title"].startswith("corridors")
    assert validator(name)


def test_random_pairs_of_cities_keep_schema_sums_and_joints(asked: Corridors) -> None:
    cities = sorted(place.id for place in asked.catalogue.places.values() if place.kind is PlaceKind.CITY)
    choose = random.Random(20260601)
    answered = 0
    for number in range(60):
        origin, destination = choose.sample(cities, 2)
        by = ("time", "cost", "distance", "co2")[number % 4]
        try:
            answer = asked.route(origin, destination, by=by, alternatives=1 + number % 2)  # type: ignore[arg-type]  # one of four
        except RouteRefusedError:
            continue
        document = answer.to_dict()
        check("route", document)
        for told, route in zip(document["routes"], answer.routes, strict=True):
            check_route(told)
            for leg, following in pairwise(route.legs):
                assert leg.coords[-1] == pytest.approx(following.coords[0], abs=1e-6), (origin, destination, leg.end)
        answered += 1
    assert answered >= 50


def check_route(route: dict[str, Any]) -> None:
    legs = route["legs"]
    for total, part in (("distance_km", "distance_km"), ("co2_kg_per_teu", "co2_kg_per_teu")):
        assert route[total] == pytest.approx(sum(leg[part] for leg in legs), abs=0.06 * len(legs) + 0.06)
    for part in ("time_h", "cost_usd_per_teu"):
        assert route["central"][part] == pytest.approx(sum(leg[part] for leg in legs), abs=0.01 * len(legs))
        assert route[part]["p10"] <= route[part]["p50"] <= route[part]["p90"]
    assert route["countries"] == list(dict.fromkeys(code for leg in legs for code in leg["countries"]))
    for leg, following in pairwise(legs):
        assert leg["to"] == following["from"]
    for leg in legs:
        assert leg["claims"] or leg["assumed"]
        is_rail = leg["kind"] == "rail"
        assert (leg["gauge_mm"] is not None) or not is_rail
        if leg["kind"] in FASTEST_KMH and leg["kind"] != "ferry":
            assert leg["distance_km"] <= leg["time_h"] * FASTEST_KMH[leg["kind"]] + 0.2
        assert math.isfinite(leg["time_h"])
    for leg, following in pairwise([leg for leg in legs if leg["kind"] == "rail"]):
        if leg["gauge_mm"] != following["gauge_mm"]:
            between = legs[legs.index(leg) + 1 : legs.index(following)]
            assert {one["kind"] for one in between} & {"gauge_change", "transfer"}, between


def test_comparison_reach_and_search_keep_their_schema(asked: Corridors) -> None:
    check("compare", asked.compare("Kashgar", "Tashkent", "cku-opens", modes=["rail"]).to_dict())
    check("compare", asked.compare("Aktau", "Baku", "russia-closed", "today").to_dict())
    check("reach", asked.reach("Almaty", (24, 48)).to_dict())
    for text in ("西安", "Samarkand", "Middle Corridor", "nothing at all"):
        check("search", asked.search(text).to_dict())


def test_a_scenario_without_a_route_keeps_the_schema_too(asked: Corridors) -> None:
    document = asked.compare("Ulaanbaatar", "Irkutsk", "russia-closed", modes=["rail"]).to_dict()
    check("compare", document)
    assert document["scenarios"]["russia-closed"]["routes"] == []
    assert document["difference"]["time_h"] is None


@pytest.mark.parametrize(
    "name",
    [
        "cku-railway",
        "xian",
        "country:KAZ",
        "middle-corridor",
        "crossing:dostyk-alashankou",
        "group:eaeu",
        "aktau-alat-ferry",
    ],
)
def test_records_keep_their_schema(asked: Corridors, name: str) -> None:
    check("show", asked.show(name).to_dict())


def test_matrix_says_what_it_wrote(atlas: Atlas, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corridors.cli_analysis.open_atlas", lambda _: atlas)
    out = tmp_path / "m.csv"
    result = CliRunner().invoke(main, ["matrix", "--places", "south-caucasus", "--out", str(out)])
    assert result.exit_code == 0, result.output
    check("matrix", json.loads(result.stdout))
