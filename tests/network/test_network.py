"""What must hold for every link of the shipped network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corridors.atlas import Atlas
from geo.errors import BaseDataError, RequestError
from layers.features import adopted_length
from network.compiled import read_network, write_network
from network.costs import Objective
from network.route import Router
from network.scenarios import Scenario, resolve_scenario
from network.table import Network


@pytest.fixture(scope="module")
def network(router: Router) -> Network:
    return router.network


def test_trains_and_lorries_pass_a_border_only_over_a_border_link(network: Network) -> None:
    links, nodes = network.links, network.nodes
    land = links.kind.is_in(frozenset({"rail", "road"}))
    crosses = nodes.country.codes[links.a] != nodes.country.codes[links.b]
    assert not (land & crosses).any()


def test_trains_change_gauge_only_over_a_gauge_change_at_a_listed_place(router: Router) -> None:
    links, nodes = router.network.links, router.network.nodes
    both_rail = (nodes.gauge_mm[links.a] > 0) & (nodes.gauge_mm[links.b] > 0)
    differs = both_rail & (nodes.gauge_mm[links.a] != nodes.gauge_mm[links.b])
    changes = links.kind.matches("gauge_change".__eq__)
    assert (differs == (changes & both_rail)).all()
    listed = {place for crossing in router.catalogue.crossings.values() for place in crossing.gauge_change_at}
    assert {nodes.place[int(node)] for node in links.a[changes]} <= listed


def test_the_great_gauge_borders_change_gauge(network: Network) -> None:
    changes = np.flatnonzero(network.links.kind.matches("gauge_change".__eq__))
    places = {network.nodes.place[int(network.links.a[link])] for link in changes}
    assert {"dostyk", "alashankou", "altynkol", "khorgos", "erenhot", "zamyn-uud", "akhalkalaki", "sarakhs"} <= places
    assert {"zabaykalsk", "manzhouli"} & places
    assert {"brest", "terespol"} & places


def test_every_border_link_names_its_crossing_or_regime(router: Router) -> None:
    links = router.network.links
    border = np.flatnonzero(links.kind.matches("border".__eq__))
    for link in border.tolist():
        name = links.crossing[link]
        is_planned = links.status[link] != "open"
        assert name in router.catalogue.crossings or name in {"free-movement", "customs-union"} or is_planned
        assert len(links.country[link].split(";")) == 2


def test_lengths_and_shapes_are_sound(network: Network) -> None:
    links = network.links
    assert np.isfinite(links.length_m).all()
    assert (links.length_m >= 1).all()
    assert np.isfinite(links.shape_coords).all()
    assert (np.diff(links.shape_offsets) >= 2).all()
    # a shape ends where its nodes are, or the drawn route would jump
    starts = links.shape_coords[links.shape_offsets[:-1]]
    ends = links.shape_coords[links.shape_offsets[1:] - 1]
    for points, nodes in ((starts, links.a), (ends, links.b)):
        off = np.hypot(points[:, 0] - network.nodes.lon[nodes], points[:, 1] - network.nodes.lat[nodes])
        assert (off < 0.2).all()
        assert np.quantile(off, 0.999) < 0.01


@pytest.mark.parametrize("objective", list(Objective))
def test_every_weight_is_a_positive_whole_number(router: Router, objective: Objective) -> None:
    weights = router.costs.weights(objective)
    assert weights.dtype == np.int64
    assert (weights >= 1).all()
    # a path of ten thousand links stays far below what a float holds exactly
    assert int(weights.max()) * 10_000 < 2**53


def test_compiled_network_comes_back_the_same_and_damage_is_noticed(network: Network, tmp_path: Path) -> None:
    path = tmp_path / "network.npz"
    write_network(network, path)
    back = read_network(path)
    assert back.nodes.ids == network.nodes.ids
    assert (back.links.length_m == network.links.length_m).all()
    assert back.links.crossing.words == network.links.crossing.words
    raw = bytearray(path.read_bytes())
    for damage in (raw[: len(raw) // 2], raw[:-1] + b"x", b"", b"something else"):
        path.write_bytes(bytes(damage))
        with pytest.raises(BaseDataError, match="built anew"):
            read_network(path)


def test_scenarios_fold_in_what_they_extend_and_never_circle() -> None:
    assert resolve_scenario("cku-opens").open == ("cku-railway",)
    assert resolve_scenario("cku-opens").year == 2026
    circle = {key: Scenario(id=key, name=key, extends=other) for key, other in (("a", "b"), ("b", "a"))}
    with pytest.raises(RequestError, match="extends itself"):
        resolve_scenario("a", circle)


def test_a_schematic_line_is_routed_with_its_published_length(network: Network, atlas: Atlas) -> None:
    published = adopted_length(atlas.catalogue, "line:espo-1")
    drawn_km = sum(segment.length_m for segment in atlas.tracks.segments["espo-1"]) / 1000
    links = network.links.lines.matches("espo-1".__eq__)

    assert published is not None
    assert drawn_km < 0.95 * published[0]
    assert network.links.length_m[links].sum() / 1000 == pytest.approx(published[0], rel=1e-3)


def test_freight_never_runs_over_a_line_for_passengers_only(network: Network, atlas: Atlas) -> None:
    carried = {line for words in network.links.lines.words for line in words.split(";")}
    shut_out = [line for line in atlas.catalogue.lines.values() if line.passengers_only]

    assert "lanxin-high-speed" in {line.id for line in shut_out}
    assert carried.isdisjoint(line.id for line in shut_out)
    assert "lanxin" in carried
