"""Chokepoints: what is counted is what routes run over, and what is lost is what routes lose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from geo.errors import RequestError, RouteRefusedError
from layers.schema import Mode, PlaceKind
from network.access import Endpoint
from network.chokepoints import Chokepoints, chokepoints_json, chokepoints_layer, default_places, find_chokepoints
from network.endpoint import resolve_endpoint
from network.request import Request
from network.route import Router

NAMES = ("Xi'an", "Almaty", "Tashkent", "Baku", "Istanbul", "Tehran", "Moscow", "Duisburg")


@pytest.fixture(scope="module")
def places(router: Router) -> list[Endpoint]:
    return [resolve_endpoint(router.catalogue, name)[0] for name in NAMES]


@pytest.fixture(scope="module")
def report(router: Router, places: list[Endpoint]) -> Chokepoints:
    return find_chokepoints(router, places, Request())


def hours(router: Router, origin: Endpoint, destination: Endpoint, request: Request) -> float:
    return sum(leg.time_h for leg in router.route(origin, destination, request).routes[0].legs)


def test_what_a_closure_adds_is_what_avoiding_it_adds(
    router: Router, report: Chokepoints, places: list[Endpoint]
) -> None:
    by_id = {place.id: place for place in places}
    checked = [one for one in report.found if one.added][:12]
    assert len(checked) == 12
    for one in checked:
        pair = one.added[0]
        ends = by_id[pair.origin], by_id[pair.destination]
        assert hours(router, *ends, Request()) == pytest.approx(pair.before, abs=0.1)
        avoided = replace(Request(), avoid=(one.id,))
        assert pair.after is not None
        assert hours(router, *ends, avoided) == pytest.approx(pair.after, abs=0.1)


def test_no_closure_shortens_and_no_share_exceeds_one(report: Chokepoints) -> None:
    for one in report.found:
        assert 0 < one.pairs <= report.joined
        assert len(one.added) + len(one.unreachable) == one.pairs
        assert all(pair.after is not None and pair.after >= pair.before for pair in one.added)


def test_pairs_that_are_counted_run_over_it(router: Router, report: Chokepoints, places: list[Endpoint]) -> None:
    by_id = {place.id: place for place in places}
    crossing = next(one for one in report.found if one.kind == "crossing")
    for pair in (*crossing.added, *crossing.unreachable):
        legs = router.route(by_id[pair.origin], by_id[pair.destination], Request()).routes[0].legs
        assert crossing.id in {leg.crossing for leg in legs}


def test_what_cuts_off_is_refused_as_a_route(router: Router) -> None:
    """One strait only leads from the Black Sea to Piraeus by ship."""
    ends = [resolve_endpoint(router.catalogue, name)[0] for name in ("constanta-port", "piraeus-port", "odesa-port")]
    request = Request(modes=(Mode.SEA,))
    found = find_chokepoints(router, ends, request, kinds=("strait",))
    cut = [one for one in found.found if one.unreachable]
    assert cut
    pair = cut[0].unreachable[0]
    by_id = {place.id: place for place in ends}
    with pytest.raises(RouteRefusedError):
        router.route(by_id[pair.origin], by_id[pair.destination], replace(request, avoid=(cut[0].id,)))


def test_a_country_is_not_a_chokepoint_of_its_own_cities(router: Router, report: Chokepoints) -> None:
    for one in report.found:
        if one.kind == "country":
            for pair in (*one.added, *one.unreachable):
                assert one.id not in {router.catalogue.places[end].country for end in (pair.origin, pair.destination)}


def test_default_places_are_ends_of_corridors(router: Router) -> None:
    chosen = default_places(router.catalogue)
    assert {"xian", "duisburg", "istanbul"} <= {place.id for place in chosen}
    assert all(router.catalogue.places[place.id].kind is PlaceKind.CITY for place in chosen)
    assert 10 <= len(chosen) <= 60


def test_the_layer_draws_what_is_used(router: Router, report: Chokepoints) -> None:
    layer = chokepoints_layer(router, report)
    assert len(layer.features) == len(report.found) == len(chokepoints_json(report)["chokepoints"])
    assert all(not feature.geometry.is_empty for feature in layer.features if feature.geometry is not None)


def test_a_place_that_nothing_joins_is_named(router: Router) -> None:
    ends = [resolve_endpoint(router.catalogue, name)[0] for name in ("colombo", "almaty", "tashkent")]
    found = find_chokepoints(router, ends, Request(modes=(Mode.RAIL,)), kinds=("crossing",))
    assert found.isolated == ("colombo",)
    assert (found.joined, found.unjoined) == (1, 2)


def test_too_few_or_unjoined_places_are_refused(router: Router, places: list[Endpoint]) -> None:
    with pytest.raises(RequestError, match="two or more"):
        find_chokepoints(router, places[:1], Request())
    ends = [resolve_endpoint(router.catalogue, name)[0] for name in ("colombo", "almaty")]
    with pytest.raises(RequestError, match="no two of the 2 places"):
        find_chokepoints(router, ends, Request(modes=(Mode.RAIL,)))
