"""Record types of the catalogue, checked when its files are read.

Every record is a frozen pydantic model; an unknown key is refused. Lists in CSV cells are joined with ``;``.
Ids are lower-case slugs; countries are ISO 3166-1 alpha-3; dates are EDTF; coordinates are WGS 84 lon/lat degrees.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

LANGUAGES = ("en", "ru", "zh", "tr")


class Mode(StrEnum):
    """What a line carries and how."""

    RAIL = "rail"
    ROAD = "road"
    SEA = "sea"
    FERRY = "ferry"
    AIR = "air"
    GAS = "gas"
    OIL = "oil"


class Status(StrEnum):
    """Where a line stands in its life."""

    OPEN = "open"
    CONSTRUCTION = "construction"
    PLANNED = "planned"
    PROPOSED = "proposed"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class PlaceKind(StrEnum):
    """What a place is, in the sense that matters for transport."""

    CITY = "city"
    STATION = "station"
    BORDER = "border"
    PORT = "port"
    DRY_PORT = "dry-port"
    AIRPORT = "airport"
    COMPRESSOR = "compressor"
    PUMP = "pump"
    FIELD = "field"
    STRAIT = "strait"
    WAYPOINT = "waypoint"


def _split_list(value: object) -> object:
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(";") if part.strip())
    if isinstance(value, list):
        return tuple(value)
    return value


def _blank_to_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ISO3 = re.compile(r"[A-Z]{3}")
# the subset of EDTF (levels 0 and 1) the catalogue uses: year, month, day, qualifiers ? ~ %, unspecified X, intervals
_EDTF_DATE = r"-?[0-9X]{4}(-[0-9X]{2}(-[0-9X]{2})?)?[?~%]?"
_EDTF = re.compile(rf"(?:{_EDTF_DATE})(?:/(?:{_EDTF_DATE}|\.\.)?)?|\.\./{_EDTF_DATE}")


def _check_slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError(f"id {value!r} is not a lower-case slug such as 'khorgos-altynkol'")
    return value


def _check_iso3(value: str) -> str:
    if not _ISO3.fullmatch(value):
        raise ValueError(f"country {value!r} is not an ISO 3166-1 alpha-3 code such as 'KAZ'")
    return value


def _check_edtf(value: str) -> str:
    if not _EDTF.fullmatch(value):
        raise ValueError(
            f"date {value!r} is not an EDTF date such as '2023', '2023-05', '2023-05-18/2023-05-19' or '2030~'"
        )
    return value


Slug = Annotated[str, AfterValidator(_check_slug)]
Iso3 = Annotated[str, AfterValidator(_check_iso3)]
Edtf = Annotated[str, AfterValidator(_check_edtf)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_split_list)]
Slugs = Annotated[tuple[Slug, ...], BeforeValidator(_split_list)]
Countries = Annotated[tuple[Iso3, ...], BeforeValidator(_split_list)]
OptionalEdtf = Annotated[Edtf | None, BeforeValidator(_blank_to_none)]
OptionalText = Annotated[str | None, BeforeValidator(_blank_to_none)]
OptionalNumber = Annotated[float | None, BeforeValidator(_blank_to_none), Field(allow_inf_nan=False)]
Gauge = Annotated[int, Field(ge=500, le=2000)]
Gauges = Annotated[tuple[Gauge, ...], BeforeValidator(_split_list)]
OptionalGauge = Annotated[Gauge | None, BeforeValidator(_blank_to_none)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
LonLat = tuple[Longitude, Latitude]


class Record(BaseModel):
    """Base of all catalogue records: immutable, unknown keys refused, text stripped."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Names(Record):
    """Names of one entity: English always, Russian, Chinese, Turkish and the local script where known."""

    en: Annotated[str, Field(min_length=1)]
    ru: OptionalText = None
    zh: OptionalText = None
    tr: OptionalText = None
    local: OptionalText = None


class Group(Record):
    """A set of countries: a union, an organisation or a region."""

    id: Slug
    name: Annotated[str, Field(min_length=1)]
    kind: str
    """``customs-union``, ``free-movement``, ``organisation`` or ``region``; the first two make borders cheap."""
    members: Countries
    source: OptionalText = None
    note: OptionalText = None


class Country(Record):
    """One country that a corridor crosses or that acts on one."""

    id: Iso3
    capital: Slug
    role: str
    """``territory`` where a line of the catalogue runs, ``actor`` where the country only acts."""
    gauge_mm: OptionalGauge = None
    """Gauge of the country's main railway network; the base railways take it."""
    note: OptionalText = None


def _box(value: object) -> object:
    parts = _split_list(value)
    return parts or None


class DisputedArea(Record):
    """An area whose status is disputed: an outline of its own, or the part of a country's outline in a box."""

    id: Slug
    name_en: Annotated[str, Field(min_length=1)]
    name_ru: OptionalText = None
    name_zh: OptionalText = None
    name_tr: OptionalText = None
    outline: Iso3
    """Code of the outline it is drawn as."""
    clip: Annotated[tuple[Longitude, Latitude, Longitude, Latitude] | None, BeforeValidator(_box)] = None
    """West, south, east, north of the part that is meant; empty for the whole outline."""
    administered_by: OptionalText = None
    claimed_by: OptionalText = None
    source: Slug
    note: OptionalText = None

    @property
    def names(self) -> Names:
        """The names of the area by language."""
        return Names(en=self.name_en, ru=self.name_ru, zh=self.name_zh, tr=self.name_tr)


class Place(Record):
    """A point with a name: city, station, border point, port, compressor station and the like."""

    id: Slug
    kind: PlaceKind
    country: Iso3
    lon: Longitude
    lat: Latitude
    name_en: Annotated[str, Field(min_length=1)]
    name_ru: OptionalText = None
    name_zh: OptionalText = None
    name_tr: OptionalText = None
    name_local: OptionalText = None
    aliases: Texts = ()
    """Old names, other spellings and common misspellings."""
    gauges: Gauges = ()
    unlocode: OptionalText = None
    iata: OptionalText = None
    geonames_id: Annotated[int | None, BeforeValidator(_blank_to_none)] = None
    source: Slug
    """Where the coordinate comes from: ``geonames`` with ``geonames_id``, or any other source id."""
    note: OptionalText = None

    @property
    def names(self) -> Names:
        """The names of the place by language."""
        return Names(en=self.name_en, ru=self.name_ru, zh=self.name_zh, tr=self.name_tr, local=self.name_local)


class StatusChange(Record):
    """One step in the life of a line."""

    status: Status
    date: Edtf
    source: Slug
    note: OptionalText = None


class LineSection(Record):
    """A run of waypoints with one gauge; a line without a break of gauge has one section."""

    waypoints: Annotated[tuple[Slug | LonLat, ...], Field(min_length=2)]
    gauge_mm: OptionalGauge = None
    status: Status | None = None
    """Overrides the status of the line where one section differs."""
    opened: OptionalEdtf = None
    follow: bool = True
    """Follow the base network where it has the track; false draws geodesics only."""


class Line(Record):
    """One physical piece of infrastructure, with geometry computed from its waypoints."""

    id: Slug
    names: Names
    aliases: tuple[str, ...] = ()
    mode: Mode
    status: Status
    opened: OptionalEdtf = None
    """When traffic started or, for lines not open, when it is announced to start."""
    history: tuple[StatusChange, ...] = ()
    sections: Annotated[tuple[LineSection, ...], Field(min_length=1)]
    tracks: int | None = None
    electrified: bool | None = None
    operator: OptionalText = None
    passengers_only: bool = False
    """True where no freight train runs: drawn and told, but no part of the network that routes run over."""
    is_schematic: bool = False
    """True where the true course is not documented: drawn, but graded ``schematic``."""
    sources: tuple[Slug, ...]
    note: OptionalText = None

    @model_validator(mode="before")
    @classmethod
    def _one_section_shorthand(cls, data: Any) -> Any:  # noqa: ANN401 - pydantic hands over raw input
        if isinstance(data, dict) and "waypoints" in data:
            data = dict(data)
            if "sections" in data:
                raise ValueError("give 'waypoints' or 'sections', not both")
            keys = ("waypoints", "gauge_mm", "follow")
            data["sections"] = [{key: data.pop(key) for key in keys if key in data}]
        return data


class CorridorSection(Record):
    """A part of a corridor: a catalogue line, or a path over the network through places."""

    line: Slug | None = None
    path: tuple[Slug, ...] = ()
    mode: Mode = Mode.RAIL
    branch: OptionalText = None
    """Name of the branch this section belongs to; empty for the main course."""

    @model_validator(mode="after")
    def _line_or_path(self) -> CorridorSection:
        if (self.line is None) == (len(self.path) == 0):
            raise ValueError("a corridor section needs either 'line' or 'path'")
        if len(self.path) == 1:
            raise ValueError("a corridor path needs at least two places")
        return self


class Corridor(Record):
    """A named concept that runs over lines."""

    id: Slug
    names: Names
    aliases: tuple[str, ...] = ()
    kind: str
    """``initiative``, ``economic-corridor``, ``transport-corridor`` or ``programme``."""
    status: Status
    since: OptionalEdtf = None
    sponsor: OptionalText = None
    part_of: Slug | None = None
    countries: tuple[Iso3, ...]
    belt_km: Annotated[float | None, Field(gt=0, le=500)] = None
    """Half width of the geodesic belt polygon, where the corridor is drawn as a belt."""
    sections: Annotated[tuple[CorridorSection, ...], Field(min_length=1)]
    sources: tuple[Slug, ...]
    note: OptionalText = None


class Claim(Record):
    """One published value of one attribute of one subject."""

    subject: str
    """Target of the claim: ``line:…``, ``corridor:…``, ``place:…``, ``country:…`` or ``crossing:…``."""
    attribute: Slug
    value: Annotated[str, Field(min_length=1)]
    """A number, a date or a short term, as text."""
    low: OptionalNumber = None
    high: OptionalNumber = None
    unit: OptionalText = None
    as_of: OptionalEdtf = None
    source: Slug
    locator: OptionalText = None
    """Page, table or paragraph within the source."""
    note: OptionalText = None


class LengthException(Record):
    """A published length that is not that of the drawn course, and why: ``corridors check`` does not count it."""

    subject: str
    """``line:…`` or ``corridor:…`` with a ``length`` claim, or ``line:…/length-<a>-<b>`` for that of a part."""
    reason: Annotated[str, Field(min_length=1)]


class TimeBasis(StrEnum):
    """What a published transit time stands for."""

    TYPICAL = "typical"
    """What an operator or user says it usually takes."""
    RUN = "run"
    """What one shipment took."""
    PLAN = "plan"
    """What was announced at departure."""
    BEST = "best"
    """A run its source calls a record, an express, a demonstration or the fastest."""


class PublishedTime(Record):
    """A published transit time, and the request whose answer it is compared with."""

    origin: Annotated[str, Field(min_length=1)]
    """As typed for ``corridors route``: a place id, or a name of the gazetteer."""
    destination: Annotated[str, Field(min_length=1)]
    options: str = ""
    """Options of ``corridors route``, as typed."""
    low: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    high: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    unit: Literal["d", "h"]
    basis: TimeBasis
    as_of: OptionalEdtf = None
    source: Slug
    note: OptionalText = None

    @model_validator(mode="after")
    def _ordered(self) -> PublishedTime:
        if self.low > self.high:
            raise ValueError(f"low {self.low:g} is above high {self.high:g}")
        return self


class Source(Record):
    """A bibliographic record in CSL-JSON, reduced to the fields the project shows."""

    model_config = ConfigDict(frozen=True, extra="allow", str_strip_whitespace=True)

    id: Slug
    type: str
    title: Annotated[str, Field(min_length=1)]
    URL: str | None = None

    @property
    def authors(self) -> str:
        """Authors as ``Family, Given`` joined with ``;``; empty when unknown."""
        people = (self.model_extra or {}).get("author") or []
        return "; ".join(
            person.get("literal") or ", ".join(part for part in (person.get("family"), person.get("given")) if part)
            for person in people
        )

    @property
    def publisher_name(self) -> str:
        """Publisher, or the journal or site it appeared in; empty when unknown."""
        extra = self.model_extra or {}
        return str(extra.get("publisher") or extra.get("container-title") or "")

    @property
    def year(self) -> str:
        """Year of issue, or ``n.d.``."""
        issued = (self.model_extra or {}).get("issued") or {}
        parts = issued.get("date-parts") or [[]]
        return str(parts[0][0]) if parts[0] else "n.d."


class Event(Record):
    """A dated happening: a meeting, an agreement, an opening."""

    id: Slug
    name: Annotated[str, Field(min_length=1)]
    kind: str
    date: Edtf
    places: Slugs = ()
    participants: Texts = ()
    """Country codes (``KAZ``), group ids or names of organisations."""
    subjects: Texts = ()
    """Targets the event is about, such as ``line:cku-railway``."""
    series: OptionalText = None
    number: OptionalText = None
    sources: Slugs
    note: OptionalText = None


class Figure(Record):
    """A published statistic about countries in a period."""

    id: Slug
    measure: Slug
    """What is counted: ``trade``, ``fdi-stock``, ``contracts``, ``freight``, among others."""
    countries: Countries
    partner: OptionalText = None
    period: Edtf
    value: Annotated[float, Field(allow_inf_nan=False)]
    unit: Annotated[str, Field(min_length=1)]
    change_percent: OptionalNumber = None
    source: Slug
    locator: OptionalText = None
    note: OptionalText = None


class Crossing(Record):
    """A listed pair of places between which vehicles may pass a border, a break of gauge, or both."""

    id: Slug
    names: OptionalText = None
    a: Slug
    b: Slug
    modes: Texts
    gauge_change_at: Slugs = ()
    """Places of the pair where wheelsets are changed or boxes moved over; empty where the gauge goes through."""
    status: Status = Status.OPEN
    opened: OptionalEdtf = None
    source: Slug
    note: OptionalText = None


class Terminal(Record):
    """A place where boxes change mode."""

    place: Slug
    modes: Texts
    source: Slug
    note: OptionalText = None


class Parameter(Record):
    """One input of the cost model: low, central and high value with its source."""

    id: Slug
    quantity: str
    """``speed``, ``tariff``, ``fee``, ``hours``, ``emission``."""
    scope: str
    """What it applies to: ``rail``, ``border:rail``, ``crossing:khorgos-altynkol:rail``, ``country:CHN:rail`` …"""
    low: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    central: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    high: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    unit: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]
    """A source id, or ``assumed``."""
    sources: Slugs = ()
    """What else the bounds and the conversion rest on."""
    locator: OptionalText = None
    note: OptionalText = None

    @model_validator(mode="after")
    def _ordered(self) -> Parameter:
        if not self.low <= self.central <= self.high:
            raise ValueError(f"low {self.low}, central {self.central}, high {self.high} are not in order")
        return self
