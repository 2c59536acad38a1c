"""Join base networks, catalogue lines, crossings and terminals into one network.

A vehicle passes a border or a break of gauge only over a listed crossing; between countries of one free-movement
area or customs union the base network's own border points serve as crossings of that cheap regime.
"""

from __future__ import annotations

from layers.catalogue import Catalogue
from layers.tracing import Tracks
from network.borders import add_crossings, add_open_borders
from network.ground import Ground
from network.imported import add_imports
from network.lines import add_base_networks, add_drawn_segments
from network.table import Network
from network.terminals import add_air_links, add_gauge_changes, add_transfers


def build_network(catalogue: Catalogue, tracks: Tracks) -> Network:
    """Return the whole network of a catalogue whose lines have been traced."""
    ground = Ground(catalogue, tracks)
    # gauge changes and transfers come last: they join what the other steps have put there
    for step in (
        add_base_networks,
        add_drawn_segments,
        add_crossings,
        add_open_borders,
        add_air_links,
        add_imports,
        add_gauge_changes,
        add_transfers,
    ):
        step(ground)
    return ground.build.finish()
