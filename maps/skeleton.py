"""The folium map of a page: our constants only, no text from data ever passes through its templates.

branca renders an element twice, the second time with the rendered text as template, so harmless braces in a name
would break the map and hostile ones would run in Python. Data goes into the island of ``maps.encode`` instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import folium
from branca.element import Element, MacroElement
from folium.template import Template

_START_LAT_LON = (43.0, 68.0)
_START_ZOOM = 3


class OfflineMap(folium.Map):
    """A folium map that links to no file at all; the page carries Leaflet itself."""

    # new lists on the subclass: folium's own are shared by every map of the process
    default_js: list[tuple[str, str]] = []  # noqa: RUF012
    default_css: list[tuple[str, str]] = []  # noqa: RUF012


class ScaleBar(MacroElement):
    """A metric scale bar in the lower right corner."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            L.control.scale({position: "bottomright", imperial: false, maxWidth: 120})
                .addTo({{ this._parent.get_name() }});
        {% endmacro %}
        """
    )

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # branca has no annotations
        self._name = "ScaleBar"


@dataclass(frozen=True)
class Skeleton:
    """What folium made: the element of the map, the script that creates it, and the name it gives it."""

    html: str
    script: str
    map_name: str


def build_map() -> folium.Map:
    """Give the map all pages start from: own projection, canvas, no tiles, no zoom buttons (the page brings its own).

    Element ids are numbered, not random: two builds are equal byte for byte.
    """
    page_map = OfflineMap(
        location=_START_LAT_LON,
        zoom_start=_START_ZOOM,
        tiles=None,
        crs="EurasiaEqualArea",
        prefer_canvas=True,
        zoom_control=False,
        attribution_control=False,
        zoom_snap=0.25,
        zoom_delta=0.5,
        wheel_px_per_zoom_level=90,
        world_copy_jump=False,
        max_bounds_viscosity=0,
    )
    page_map.add_child(ScaleBar())
    return page_map


def render_skeleton() -> Skeleton:
    """Render the map to its two constant pieces."""
    page_map = build_map()
    figure = page_map.get_root()
    _number_ids(figure)
    page_map.render()  # type: ignore[no-untyped-call]  # folium has no annotations here
    return Skeleton(
        html=_rendered(figure, "html"),
        script=_rendered(figure, "script"),
        map_name=page_map.get_name(),
    )


def _rendered(figure: Element, part: str) -> str:
    element: Element = getattr(figure, part)
    lines = str(element.render()).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip()) + "\n"


def _number_ids(root: Element) -> None:
    """Change the random ids of an element tree to numbers, in tree order."""
    waiting = [root]
    number = 0
    while waiting:
        element = waiting.pop()
        element._id = f"{number}"  # noqa: SLF001 - branca has no other way to fix an id
        number += 1
        waiting.extend(reversed(element._children.values()))  # noqa: SLF001
