"""What one page shows, as plain values that know neither folium nor HTML.

Everything here may hold hostile text; only ``maps.encode`` turns it into bytes of a page.
Coordinates are WGS 84 lon/lat degrees. ``Names`` maps a language (``en``, ``ru``, ``zh``, ``tr``, ``local``) to a name.
A *target* is ``kind:id``, for instance ``line:cku-railway``, ``place:xian``, ``country:KAZ``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from shapely.geometry.base import BaseGeometry

from geo.layer import Feature

Names = Mapping[str, str]
Language = Literal["en", "ru", "zh", "tr"]
LANGUAGES: tuple[Language, ...] = ("en", "ru", "zh", "tr")
GeometryKind = Literal["point", "line", "area"]
Bbox = tuple[float, float, float, float]
"""West, south, east, north; west is larger than east across 180°."""


@dataclass(frozen=True)
class MapLayer:
    """One switch of the layer list and what it shows.

    The style comes from ``maps/style.csv`` by the properties ``mode``, ``status`` and ``kind`` of each feature.
    """

    key: str
    """Name of the layer as exported: ``railways``, ``places`` …"""
    group: str
    """``network``, ``corridors``, ``places``, ``areas``, ``evidence`` or a text of the user's own."""
    title: str
    """Shown where the interface has no translation of ``key``."""
    geometry: GeometryKind
    features: tuple[Feature, ...]
    """A feature without geometry is listed and can be opened, but not drawn."""
    target_kind: str
    """First half of the targets of this layer; a feature's ``target`` property overrides the whole."""
    is_visible: bool = True
    is_itemised: bool = False
    """Give each feature a switch of its own (corridors)."""
    tolerance_deg: float | None = None
    """Tolerance of the simplification of the drawn copy; None takes the default of the geometry kind."""
    note: str = ""
    """One line below the switch: what a reader should know of this layer."""


@dataclass(frozen=True)
class BaseNetwork:
    """A faint network for orientation: no clicks, drawn only."""

    key: str
    title: str
    mode: str
    lines: tuple[BaseGeometry, ...]
    is_visible: bool = False


@dataclass(frozen=True)
class MapLabel:
    """A name written on the map that is not a feature: a sea, a desert, a mountain range."""

    names: Names
    lon: float
    lat: float
    kind: Literal["water", "land"] = "water"
    min_zoom: float = 3.0


@dataclass(frozen=True)
class Basemap:
    """What lies under the layers: outlines, lakes, disputed areas, faint networks; all optional but the outlines."""

    outlines: tuple[BaseGeometry, ...] = ()
    """Country polygons that share their borders vertex by vertex; borders and coast are told apart by that."""
    lakes: tuple[BaseGeometry, ...] = ()
    disputed: tuple[Feature, ...] = ()
    networks: tuple[BaseNetwork, ...] = ()
    labels: tuple[MapLabel, ...] = ()


@dataclass(frozen=True)
class SourceRecord:
    """A reference as the page shows it; a ``url`` that is not http or https is shown as text."""

    title: str
    author: str = ""
    publisher: str = ""
    year: str = ""
    url: str = ""
    type: str = "webpage"


@dataclass(frozen=True)
class ClaimLine:
    """One published value of one attribute; ``adopted`` marks the one the project uses."""

    attribute: str
    value: str
    source_id: str
    adopted: bool
    low: float | None = None
    high: float | None = None
    unit: str = ""
    as_of: str = ""
    locator: str = ""
    note: str = ""


@dataclass(frozen=True)
class HistoryStep:
    """One step in the life of a line."""

    status: str
    date: str
    source_id: str = ""
    note: str = ""


@dataclass(frozen=True)
class MentionLine:
    """A place in an article that names the subject; ``quote`` is empty where the text may not be shown."""

    source_id: str
    surface: str
    before: str = ""
    after: str = ""
    sense: str = ""
    position: int | None = None
    """Code point of its first character in the text, as in ``ArticleMention.start``."""


@dataclass(frozen=True)
class ArticleMention:
    """One name at one place of an article, for the reading pane."""

    start: int
    """Code point of the text; ``end`` is the one after the last."""
    end: int
    surface: str
    name: str
    """Main name of the target; empty while ambiguous or unknown."""
    kind: str
    target: str = ""
    sense: str = "place"
    """``place``, ``government``, ``demonym`` or ``adjective``: only the first is drawn as a site."""
    status: str = "auto"
    is_boilerplate: bool = False
    candidates: tuple[str, ...] = ()
    """Targets the name may mean as well."""


@dataclass(frozen=True)
class ArticleFinding:
    """An event or a figure that an article tells, and how it stands to the catalogue."""

    start: int
    kind: Literal["event", "figure"]
    text: str
    comparison: str
    """``agree``, ``differ`` or ``new``."""
    target: str = ""
    """The event, figure or subject of the catalogue it was compared with."""
    note: str = ""


@dataclass(frozen=True)
class ArticlePage:
    """One article of the Articles tab; its reference is the source of the same id."""

    source_id: str
    language: str = "en"
    text: str = ""
    """Empty where the text may not be shown: then only names and positions are listed."""
    mentions: tuple[ArticleMention, ...] = ()
    """In the order of the text; a mention may lie inside another."""
    findings: tuple[ArticleFinding, ...] = ()


@dataclass(frozen=True)
class Detail:
    """Everything the side panel says about one target, beyond the properties of its feature."""

    names: Names
    kind: str = ""
    claims: tuple[ClaimLine, ...] = ()
    history: tuple[HistoryStep, ...] = ()
    sources: tuple[str, ...] = ()
    mentions: tuple[MentionLine, ...] = ()
    related: tuple[str, ...] = ()
    """Targets shown as links: the corridors of a line, the lines of a corridor."""
    note: str = ""
    grade: str = ""
    """``track``, ``traced`` or ``schematic``."""


@dataclass(frozen=True)
class SearchEntry:
    """One name that finds one target; give a target once per name and language."""

    target: str
    name: str
    language: str
    lon: float
    lat: float
    bbox: Bbox | None = None


@dataclass(frozen=True)
class Band:
    """A value with its tenth, fiftieth and ninetieth percentile."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True)
class RouteLeg:
    """One leg of a route; ``kind`` as in ``route --json``."""

    kind: str
    origin: Names
    destination: Names
    distance_km: float
    time_h: Band
    cost_usd: Band
    is_assumed: bool
    geometry: BaseGeometry
    countries: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    """The lines the leg runs over."""
    evidence: tuple[str, ...] = ()
    """Source ids of the claims behind its numbers."""


@dataclass(frozen=True)
class Route:
    """One route with its totals."""

    title: str
    legs: tuple[RouteLeg, ...]
    distance_km: float
    time_h: Band
    cost_usd: Band
    evidence_share: float
    """Share of the hours that rests on sources, 0 to 1."""


@dataclass(frozen=True)
class RouteOverlay:
    """The routes of one request, the best first, and what the reader should know of them."""

    origin: Names
    destination: Names
    routes: tuple[Route, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class MapContent:
    """The whole page."""

    title: str
    layers: tuple[MapLayer, ...]
    basemap: Basemap
    sources: Mapping[str, SourceRecord] = field(default_factory=dict)
    details: Mapping[str, Detail] = field(default_factory=dict)
    names: tuple[SearchEntry, ...] = ()
    articles: tuple[ArticlePage, ...] = ()
    route: RouteOverlay | None = None
    policy: str = ""
    """The boundary policy, in plain text."""
    licences: tuple[str, ...] = ()
    """Attributions that must stand on the map, one per data set."""
    accuracy: str = ""
    generated_from: str = ""
    """Hash of the content the page was made from."""
    language: Language = "en"
