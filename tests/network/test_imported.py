"""Imported lines on a small network: joined as planned, cut without loss, over no gauge or border by themselves."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from geo.basenet import Attachment, BaseNetwork, Edge
from geo.boundaries import country_index
from geo.geodesy import distance_m, line_length_m
from layers.catalogue import Catalogue, load_catalogue
from layers.imported import ImportedLayer, ImportedLine
from layers.schema import Line, Mode
from layers.tracing import Tracks
from network.border_posts import StatedCrossing
from network.build import build_network
from network.joining import FilePoint, JoinOptions, Plan, plan_joins
from network.table import LinkKind, Network
from network.topology import FileLine

EMPTY = BaseNetwork("roads", np.empty(0), np.empty(0), (), (), ())


@pytest.fixture(scope="module")
def steppe() -> Catalogue:
    """
    Countries, crossings and terminals aside: one railway of 1520 mm in Kazakhstan, 47° N, from 60° to 61° E.

    aral-west ───────────── aral-east
    """
    shipped = load_catalogue()
    source = shipped.places["almaty"]
    places = {
        "aral-west": source.model_copy(update={"id": "aral-west", "lon": 60.0, "lat": 47.0}),
        "aral-east": source.model_copy(update={"id": "aral-east", "lon": 61.0, "lat": 47.0}),
    }
    return dataclasses.replace(
        shipped, places=places, lines={}, corridors={}, crossings={}, terminals=(), events={}, claims=()
    )


def tracks(lines: Sequence[FileLine] = ()) -> Tracks:
    coords = np.asarray([(60.0, 47.0), (60.3, 47.0), (61.0, 47.0)])
    edge = Edge(0, 1, 80_000.0, coords, ("KAZ",))
    rail = BaseNetwork("railways", np.asarray([60.0, 61.0]), np.asarray([47.0, 47.0]), ("KAZ", "KAZ"), (edge,), ())
    attached = {"aral-west": Attachment(0, 0.0), "aral-east": Attachment(1, 0.0)}
    networks = {Mode.RAIL: rail, Mode.ROAD: EMPTY}
    return Tracks(
        networks,
        {Mode.RAIL: attached, Mode.ROAD: {}},
        {line.id: () for line in lines},
        {Mode.RAIL: frozenset(), Mode.ROAD: frozenset()},
    )


def file_line(name: str, points: Sequence[tuple[float, float]], gauge_mm: int = 1520) -> FileLine:
    return FileLine(name, 0, name, "rail", gauge_mm, (np.asarray(points, dtype=float),))


def with_import(
    catalogue: Catalogue, lines: Sequence[FileLine], plan: Plan, places: Sequence[FilePoint] = ()
) -> Catalogue:
    """The catalogue as it is once a study keeps the plan."""
    stops = {line.id: tuple(stop for name, stop in plan.stops if name == line.id) for line in lines}
    layer = ImportedLayer(
        "own",
        "own.geojson",
        {"lines": len(lines)},
        is_joined=True,
        lines={line.id: ImportedLine(line.id, line.parts, stops[line.id]) for line in lines},
        places=frozenset(place.id for place in places),
        connectors=tuple(plan.connectors),
        gauge_changes=tuple(plan.gauge_changes),
    )
    records = {
        line.id: Line.model_validate(
            {
                "id": line.id,
                "names": {"en": line.id},
                "mode": "rail",
                "status": "open",
                "sections": [
                    {"waypoints": [part[0].tolist(), part[-1].tolist()], "gauge_mm": line.gauge_mm or None}
                    for part in line.parts
                ],
                "sources": ["geonames"],
            }
        )
        for line in lines
    }
    sample = next(iter(catalogue.places.values()))
    own = {
        p.id: sample.model_copy(update={"id": p.id, "lon": p.lon_lat[0], "lat": p.lon_lat[1], "country": p.country})
        for p in places
    }
    return dataclasses.replace(catalogue, lines=records, places={**catalogue.places, **own}, imports=(layer,))


def joined(
    catalogue: Catalogue, lines: Sequence[FileLine], options: JoinOptions, places: Sequence[FilePoint] = ()
) -> tuple[Plan, Network]:
    plan = plan_joins(build_network(catalogue, tracks()), catalogue, lines, places, options, name="own")
    return plan, build_network(with_import(catalogue, lines, plan, places), tracks(lines))


def can_reach(network: Network, start: str, end: str) -> bool:
    size = len(network.nodes)
    dense = np.zeros((size, size), dtype=bool)
    dense[network.links.a, network.links.b] = True
    label = connected_components(dense, directed=False)[1]
    return bool(label[network.nodes.ids.index(start)] == label[network.nodes.ids.index(end)])


def far_end(plan: Plan, name: str) -> str:
    node = [stop.node for line, stop in plan.stops if line == name][-1]
    gauge = next(c.gauge_mm for c in plan.connectors) if plan.connectors else 0
    return f"{node}/rail/{gauge}"


def test_a_loose_end_is_joined_to_track_it_comes_near_to(steppe: Catalogue) -> None:
    """
    west ──────┬────── east
               ' 0.55 km
               own
    """
    branch = file_line("branch", [(60.5, 46.995), (60.5, 46.5)])
    plan, network = joined(steppe, [branch], JoinOptions(snap_km=1.0))
    (connector,) = plan.connectors
    assert connector.km == pytest.approx(0.556, abs=0.01)
    assert connector.label.startswith("KAZ 1520 mm rail track at 60.50000,47.00000")
    assert can_reach(network, "aral-west/rail/1520", far_end(plan, "branch"))
    links = network.links
    base = ~links.lines.matches(bool)
    assert links.length_m[base].sum() == pytest.approx(80_000.0)
    assert line_length_m(np.concatenate([links.shape(n) for n in np.flatnonzero(base).tolist()])) > 75_000
    assert any("ends at 60.50000,46.50000 and is not joined" in text for text in plan.warnings)


def test_nothing_is_joined_farther_than_the_snap_distance(steppe: Catalogue) -> None:
    branch = file_line("branch", [(60.5, 46.995), (60.5, 46.5)])
    plan, network = joined(steppe, [branch], JoinOptions(snap_km=0.5))
    assert plan.connectors == []
    assert len(network.links) == 2
    assert any("the nearest is 0.6 km off" in text for text in plan.warnings)


def test_an_end_at_a_station_is_joined_to_the_station(steppe: Catalogue) -> None:
    plan, _ = joined(steppe, [file_line("branch", [(60.001, 46.996), (60.0, 46.5)])], JoinOptions())
    assert [connector.target for connector in plan.connectors] == ["place:aral-west"]


def test_another_gauge_is_joined_only_where_the_user_states_a_change(steppe: Catalogue) -> None:
    branch = file_line("branch", [(60.001, 46.996), (60.0, 46.5)], gauge_mm=1435)
    plan, _ = joined(steppe, [branch], JoinOptions())
    assert plan.connectors == []
    assert any("1520 mm, the line 1435 mm" in t and "--gauge-change-at aral-west" in t for t in plan.warnings)
    plan, network = joined(steppe, [branch], JoinOptions(gauge_changes=("aral-west",)))
    assert can_reach(network, "aral-east/rail/1520", far_end(plan, "branch"))
    (change,) = np.flatnonzero(network.links.kind.matches(LinkKind.GAUGE_CHANGE.value.__eq__))
    assert network.links.crossing[int(change)] == "study:own:aral-west"
    assert any("assumed in this study" in text and "aral-west" in text for text in plan.warnings)


def test_a_stated_change_that_no_line_meets_is_told(steppe: Catalogue) -> None:
    branch = file_line("branch", [(60.5, 46.995), (60.5, 46.5)])
    plan, _ = joined(steppe, [branch], JoinOptions(gauge_changes=("aral-east",)))
    assert any("met by no line: aral-east" in text for text in plan.warnings)


def test_track_crossed_without_a_joint_is_told_and_joined_when_asked(steppe: Catalogue) -> None:
    across = file_line("across", [(60.5, 47.5), (60.5, 46.5)])
    plan, network = joined(steppe, [across], JoinOptions())
    assert plan.connectors == []
    assert any("crossed at 1 point(s) without a joint" in text for text in plan.warnings)
    plan, network = joined(steppe, [across], JoinOptions(connect_crossings=True))
    assert can_reach(network, "aral-west/rail/1520", far_end(plan, "across"))


def test_a_border_is_passed_only_where_the_user_states_a_crossing(steppe: Catalogue) -> None:
    """From the railway in Kazakhstan south into Uzbekistan (45.6° N at 60.5° E on the outlines: near 44.7)."""
    south = file_line("south", [(60.5, 46.999), (60.5, 43.5)])
    shut, network = joined(steppe, [south], JoinOptions())
    assert any("meets the border KAZ–UZB" in t and "none is listed" in t for t in shut.warnings)
    assert not can_reach(network, "aral-west/rail/1520", far_end(shut, "south"))
    border = next(stop for _, stop in shut.stops if stop.is_border)
    spot = (60.5, 46.999 - border.at * 3.499)
    plan, network = joined(steppe, [south], JoinOptions(crossings=(StatedCrossing("post", spot),)))
    assert can_reach(network, "aral-west/rail/1520", far_end(plan, "south"))
    (link,) = np.flatnonzero(network.links.kind.matches(LinkKind.BORDER.value.__eq__)).tolist()
    assert network.links.crossing[link] == "study:own:post"
    assert network.links.country[link] == "KAZ;UZB"
    own = network.links.lines.matches("south".__eq__) & network.links.kind.matches("rail".__eq__)
    assert {network.links.country[int(n)] for n in np.flatnonzero(own)} == {"KAZ", "UZB"}


def test_a_place_is_joined_to_track_and_to_a_line_of_its_file(steppe: Catalogue) -> None:
    branch = file_line("branch", [(60.5, 46.995), (60.5, 46.5)])
    mine = FilePoint("mine", (60.502, 46.7), "KAZ")
    plan, network = joined(steppe, [branch], JoinOptions(), [mine])
    assert can_reach(network, "mine/rail/1520", "aral-east/rail/1520")
    alone = FilePoint("alone", (62.0, 48.0), "KAZ")
    plan, _ = joined(steppe, [branch], JoinOptions(), [alone])
    assert any("alone stands on no network" in text for text in plan.warnings)


def test_a_railway_without_gauge_takes_that_of_its_country(steppe: Catalogue) -> None:
    branch = file_line("branch", [(60.5, 46.995), (60.5, 46.5)], gauge_mm=0)
    plan, network = joined(steppe, [branch], JoinOptions())
    assert plan.connectors[0].gauge_mm == 1520
    assert can_reach(network, "aral-west/rail/1520", far_end(plan, "branch"))


def test_a_railway_without_gauge_over_countries_of_two_gauges_is_refused(steppe: Catalogue) -> None:
    across = file_line("across", [(79.0, 44.5), (82.0, 44.5)], gauge_mm=0)
    branch = file_line("branch", [(60.5, 46.995), (60.5, 46.5)])
    network = build_network(steppe, tracks([]))

    plan = plan_joins(network, steppe, [across, branch], [], JoinOptions(), name="own")

    assert [(line.id, "CHN, KAZ" in why) for line, why in plan.refused] == [("across", True)]
    assert {name for name, _ in plan.stops} == {"branch"}


def test_a_connector_that_lost_its_track_is_told_and_left_out(steppe: Catalogue) -> None:
    branch = file_line("branch", [(60.5, 46.995), (60.5, 46.5)])
    plan, _ = joined(steppe, [branch], JoinOptions())
    plan.connectors = [dataclasses.replace(plan.connectors[0], lat=47.2)]
    network = build_network(with_import(steppe, [branch], plan), tracks([branch]))
    assert any("is no longer there" in text for text in network.warnings)


def test_cutting_many_times_keeps_the_length_of_the_track(steppe: Catalogue) -> None:
    lons = np.linspace(60.01, 60.99, 25)
    combs = [file_line(f"tooth-{n}", [(lon, 46.9995), (lon, 46.9)]) for n, lon in enumerate(lons)]
    plan, network = joined(steppe, combs, JoinOptions(snap_km=1.0))
    links = network.links
    base = np.flatnonzero(~links.lines.matches(bool))
    assert len(plan.connectors) == 25
    assert len(base) == 26
    assert links.length_m[base].sum() == pytest.approx(80_000.0)
    for link in base.tolist():
        ends = [(network.nodes.lon[n], network.nodes.lat[n]) for n in (links.a[link], links.b[link])]
        assert distance_m(tuple(links.shape(link)[0]), ends[0]) < 1.0
        assert distance_m(tuple(links.shape(link)[-1]), ends[1]) < 1.0


def test_lines_that_meet_on_a_border_pass_it_only_where_stated(steppe: Catalogue) -> None:
    """
    Two lines share the vertex where the outlines have the border: north of it Kazakhstan, south Uzbekistan.
    """
    whole = file_line("whole", [(60.5, 46.999), (60.5, 43.5)])
    shut, _ = joined(steppe, [whole], JoinOptions())
    at = next(stop.at for _, stop in shut.stops if stop.is_border)
    border = (60.5, 46.999 - at * 3.499)
    lines = [file_line("north", [(60.5, 46.999), border]), file_line("south", [border, (60.5, 43.5)])]
    plan, network = joined(steppe, lines, JoinOptions())
    assert not can_reach(network, "aral-west/rail/1520", far_end(plan, "south"))
    assert any("and is not joined" in text or "and are not joined" in text for text in plan.warnings)
    plan, network = joined(steppe, lines, JoinOptions(crossings=(StatedCrossing("post", border),)))
    assert can_reach(network, "aral-west/rail/1520", far_end(plan, "south"))
    assert border_links(network) == ["study:own:post"]


def test_ends_snapped_over_a_border_pass_it_only_where_stated(steppe: Catalogue) -> None:
    whole = file_line("whole", [(60.5, 46.999), (60.5, 43.5)])
    shut, _ = joined(steppe, [whole], JoinOptions())
    lat = 46.999 - next(stop.at for _, stop in shut.stops if stop.is_border) * 3.499
    lines = [
        file_line("north", [(60.5, 46.999), (60.5, lat + 0.0001)]),
        file_line("south", [(60.5, lat - 0.0001), (60.5, 43.5)]),
    ]
    plan, network = joined(steppe, lines, JoinOptions(snap_ends_m=50.0))
    assert not can_reach(network, "aral-west/rail/1520", far_end(plan, "south"))
    stated = JoinOptions(snap_ends_m=50.0, crossings=(StatedCrossing("post", (60.5, lat)),))
    plan, network = joined(steppe, lines, stated)
    assert can_reach(network, "aral-west/rail/1520", far_end(plan, "south"))
    assert border_links(network) == ["study:own:post"]


def border_links(network: Network) -> list[str]:
    rows = np.flatnonzero(network.links.kind.matches(LinkKind.BORDER.value.__eq__)).tolist()
    return [network.links.crossing[row] for row in rows]


# a grid of vertices over the border of Kazakhstan and Uzbekistan south of the Aral Sea
spots = st.tuples(st.integers(0, 4), st.integers(0, 4)).map(lambda spot: (59.0 + spot[0] * 0.9, 43.4 + spot[1] * 0.9))
drawn_lines = st.lists(
    st.tuples(st.lists(spots, min_size=2, max_size=4, unique=True), st.sampled_from([1435, 1520])),
    min_size=1,
    max_size=4,
)


@settings(max_examples=40, deadline=None)
@given(drawn_lines, spots, st.booleans(), st.sampled_from([0.0, 20.0, 50.0]))
def test_no_train_changes_country_or_gauge_but_over_a_border_or_a_change(
    steppe: Catalogue,
    drawn: list[tuple[list[tuple[float, float]], int]],
    place: tuple[float, float],
    connect_crossings: bool,  # noqa: FBT001 - drawn by hypothesis
    snap_km: float,
) -> None:
    lines = [file_line(f"line-{n}", points, gauge_mm) for n, (points, gauge_mm) in enumerate(drawn)]
    options = JoinOptions(snap_km=snap_km, snap_ends_m=50.0, connect_crossings=connect_crossings)
    country = country_index().countries_of_points([place[0]], [place[1]])[0] or "KAZ"
    _, network = joined(steppe, lines, options, [FilePoint("mine", place, country)])
    nodes, links = network.nodes, network.links
    for row in range(len(links)):
        ends = (int(links.a[row]), int(links.b[row]))
        if links.kind[row] != LinkKind.GAUGE_CHANGE.value:
            assert {int(nodes.gauge_mm[end]) for end in ends} == {int(links.gauge_mm[row])}
        if links.kind[row] != LinkKind.BORDER.value:
            assert len({nodes.country[end] for end in ends} - {""}) <= 1
    assert not border_links(network)
