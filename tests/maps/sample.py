"""Small, real content for the page tests: a dozen places (GeoNames coordinates), a few lines, one corridor.

::

    xian ── lanzhou ── urumqi ── almaty ── aktau ~~~ baku ── tbilisi ── kars ── istanbul ── duisburg
                         │          tashkent ┄┄ andijan ┄┄ osh ┄┄ kashgar
                         └ kashgar
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from shapely.geometry import LineString, MultiLineString, Point, Polygon, box

from geo.layer import Feature
from maps.content import (
    ArticleFinding,
    ArticleMention,
    ArticlePage,
    Band,
    Basemap,
    BaseNetwork,
    ClaimLine,
    Detail,
    HistoryStep,
    MapContent,
    MapLabel,
    MapLayer,
    MentionLine,
    Route,
    RouteLeg,
    RouteOverlay,
    SearchEntry,
    SourceRecord,
)

LANGUAGES = ("en", "ru", "zh", "tr")
with Path(__file__).with_name("sample_places.csv").open(encoding="utf-8", newline="") as _file:
    _ROWS = {row["id"]: row for row in csv.DictReader(_file)}
PLACES = {key: row for key, row in _ROWS.items() if row["kind"] != "line"}
COUNTRIES: dict[str, tuple[Polygon, tuple[str, str, str, str]]] = {
    # rectangles: a test needs shared borders, not shores
    "KAZ": (box(50, 42, 80, 54), ("Kazakhstan", "Казахстан", "哈萨克斯坦", "Kazakistan")),
    "CHN": (Polygon([(80, 42), (80, 54), (125, 54), (125, 22), (80, 22)]), ("China", "Китай", "中国", "Çin")),
    "UZB": (box(56, 36, 80, 42), ("Uzbekistan", "Узбекистан", "乌兹别克斯坦", "Özbekistan")),
}


def names_of(key: str) -> dict[str, str]:
    return {language: _ROWS[key][f"name_{language}"] for language in LANGUAGES}


def position(key: str) -> tuple[float, float]:
    return float(PLACES[key]["lon"]), float(PLACES[key]["lat"])


def names(values: tuple[str, str, str, str]) -> dict[str, str]:
    return dict(zip(LANGUAGES, values, strict=True))


def through(*ids: str) -> LineString:
    """Line through places of the sample."""
    return LineString([position(place) for place in ids])


def _places() -> MapLayer:
    features = tuple(
        Feature(
            key,
            Point(position(key)),
            {"kind": row["kind"], "countries": row["country"], "capital": bool(row["capital"]) or None},
        )
        for key, row in PLACES.items()
    )
    return MapLayer("places", "places", "Places", "point", features, "place")


LINES: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    # id, layer, mode, status, course
    ("lanxin-railway", "railways", "rail", "open", ("xian", "lanzhou", "urumqi", "almaty")),
    ("southern-xinjiang-railway", "railways", "rail", "open", ("urumqi", "kashgar")),
    ("cku-railway", "railways", "rail", "construction", ("kashgar", "osh", "andijan")),
    ("andijan-tashkent", "railways", "rail", "open", ("andijan", "tashkent")),
    ("baku-tbilisi-kars", "railways", "rail", "open", ("baku", "tbilisi", "kars")),
    ("kars-istanbul", "railways", "rail", "planned", ("kars", "istanbul")),
    ("aktau-baku", "ferries", "ferry", "open", ("aktau", "baku")),
    ("central-asia-china-gas", "pipelines", "gas", "open", ("tashkent", "almaty", "urumqi")),
    ("astana-duisburg-air", "air_links", "air", "suspended", ("astana", "duisburg")),
)


def _lines(key: str, title: str) -> MapLayer:
    features = tuple(
        Feature(
            line,
            through(*course),
            {
                "name": line.replace("-", " ").title(),
                "mode": mode,
                "status": status,
                "opened": "2030~" if status in ("construction", "planned") else "1994",
                "length_km": 523 if line == "cku-railway" else None,
                "length_source": "thediplomat-2023-cku" if line == "cku-railway" else None,
                "gauge_mm": 1435,
                "countries": "CHN;KAZ",
                "corridors": "middle-corridor",
                "sources": "thediplomat-2023-cku",
            },
        )
        for line, layer, mode, status, course in LINES
        if layer == key
    )
    return MapLayer(key, "network", title, "line", features, "line")


def _corridors() -> MapLayer:
    course = MultiLineString([through("xian", "lanzhou", "urumqi", "almaty"), through("baku", "tbilisi", "kars")])
    feature = Feature("middle-corridor", course, {"kind": "transport-corridor", "status": "open"})
    return MapLayer(
        "corridors", "corridors", "Corridors", "line", (feature,), "corridor", is_visible=False, is_itemised=True
    )


def _countries() -> MapLayer:
    features = tuple(Feature(code, polygon, {"kind": "country"}) for code, (polygon, _) in COUNTRIES.items())
    return MapLayer("countries", "areas", "Countries", "area", features, "country")


def _line_details() -> dict[str, Detail]:
    cku = Detail(
        names=names_of("cku-railway"),
        kind="line",
        claims=(
            ClaimLine(
                "length", "523", "thediplomat-2023-cku", adopted=True, unit="km", as_of="2023", locator="paragraph 3"
            ),
            ClaimLine("length", "454", "other-2022-cku", adopted=False, unit="km", as_of="2022"),
            ClaimLine("cost", "4.5", "thediplomat-2023-cku", adopted=True, unit="bn USD", low=4.5, high=8.0),
        ),
        history=(
            HistoryStep("proposed", "1997", "other-2022-cku"),
            HistoryStep("construction", "2024-12", "thediplomat-2023-cku", "ceremony in Jalal-Abad"),
        ),
        sources=("thediplomat-2023-cku",),
        mentions=(
            MentionLine(
                "thediplomat-2023-cku",
                "China-Kyrgyzstan-Uzbekistan railway",
                "The ",
                " leaves Kashgar",
                "place",
                TEXT.index("China"),
            ),
        ),
        related=("place:kashgar", "place:andijan"),
        note="Two gauges meet on the Kyrgyz section.",
        grade="schematic",
    )
    others = {f"line:{line}": Detail(names={"en": line.replace("-", " ").title()}, kind="line") for line, *_ in LINES}
    return {**others, "line:cku-railway": cku}


def _details() -> dict[str, Detail]:
    places = {f"place:{key}": Detail(names=names_of(key)) for key in PLACES}
    countries = {
        f"country:{code}": Detail(names=names(values), kind="country") for code, (_, values) in COUNTRIES.items()
    }
    corridor = Detail(
        names=names(("Middle Corridor", "Средний коридор", "中间走廊", "Orta Koridor")),
        kind="transport-corridor",
        related=("line:lanxin-railway", "line:baku-tbilisi-kars"),
        claims=(ClaimLine("transit-time", "13", "other-2022-cku", adopted=True, unit="days", low=9, high=55),),
    )
    return {**places, **countries, **_line_details(), "corridor:middle-corridor": corridor}


def _names() -> tuple[SearchEntry, ...]:
    entries = [
        SearchEntry(f"place:{key}", name, language, *position(key))
        for key in PLACES
        for language, name in names_of(key).items()
    ]
    entries.append(SearchEntry("place:xian", "Shian", "en", 108.92861, 34.25833))
    return tuple(entries)


# a wide character comes first: positions in the page and in Python differ from there on
TEXT = (
    "\U0001f686 A new line\n\nThe China-Kyrgyzstan-Uzbekistan railway leaves Kashgar for Andijan. Beijing pays.\n\n"
    "The Steppe Forum met in Kazakhstan in 2023; trade reached $70bn."
)


def mention(surface: str, kind: str, target: str, *, sense: str = "place", **more: Any) -> ArticleMention:  # noqa: ANN401
    start = TEXT.index(surface)
    name = target.partition(":")[2].title()
    return ArticleMention(start, start + len(surface), surface, name, kind, target, sense, **more)


def articles() -> tuple[ArticlePage, ...]:
    """One text with nested, acting, ambiguous and unplaced mentions, and one of which only positions are known."""
    text = ArticlePage(
        "thediplomat-2023-cku",
        "en",
        TEXT,
        (
            mention("China-Kyrgyzstan-Uzbekistan railway", "line", "line:cku-railway"),
            mention("China", "country", "country:CHN"),
            mention("Uzbekistan", "country", "country:UZB"),
            mention("Kashgar", "place", "place:kashgar"),
            mention("Andijan", "place", "place:andijan"),
            mention("Beijing", "country", "country:CHN", sense="government"),
            mention(
                "Steppe Forum",
                "unmatched",
                "",
                status="ambiguous",
                candidates=("place:almaty", "organisation:steppe-forum"),
            ),
            mention("Kazakhstan", "country", "country:KAZ"),
        ),
        (
            ArticleFinding(TEXT.index("met"), "event", "Steppe Forum, 2023", "new"),
            ArticleFinding(
                TEXT.index("$70bn"), "figure", "70 bn USD", "differ", "country:CHN", "catalogue: 70.2 bn USD"
            ),
        ),
    )
    names_only = ArticlePage(
        "other-2022-cku",
        mentions=(ArticleMention(120, 126, "Baku’s", "Baku", "place", "place:baku", is_boilerplate=True),),
    )
    return text, names_only


def route() -> RouteOverlay:
    """Route with a border between its two legs."""
    legs = (
        RouteLeg(
            "rail",
            names_of("xian"),
            names_of("almaty"),
            3900.0,
            Band(80, 96, 130),
            Band(2100, 2400, 3000),
            is_assumed=False,
            geometry=through("xian", "lanzhou", "urumqi", "almaty"),
            countries=("CHN", "KAZ"),
            targets=("line:lanxin-railway",),
            evidence=("thediplomat-2023-cku",),
        ),
        RouteLeg(
            "border",
            {"en": "Khorgos"},
            {"en": "Khorgos"},
            0.0,
            Band(8, 16, 40),
            Band(150, 200, 300),
            is_assumed=True,
            geometry=Point(80.25, 44.2),
        ),
        RouteLeg(
            "ferry",
            names_of("aktau"),
            names_of("baku"),
            450.0,
            Band(24, 40, 120),
            Band(500, 650, 900),
            is_assumed=True,
            geometry=through("aktau", "baku"),
            targets=("line:aktau-baku",),
        ),
    )
    one = Route("1", legs, 4350.0, Band(112, 152, 290), Band(2750, 3250, 4200), 0.63)
    return RouteOverlay({"en": "Xi'an", "zh": "西安"}, {"en": "Baku"}, (one,), ("Rail ends at the sea.",))


def sample_content(*, has_route: bool = False) -> MapContent:
    """The whole sample as a page's content."""
    outlines = tuple(polygon for polygon, _ in COUNTRIES.values())
    return MapContent(
        title="Corridors of Eurasia",
        layers=(
            _countries(),
            _corridors(),
            _lines("railways", "Railways"),
            _lines("ferries", "Ferries"),
            _lines("pipelines", "Pipelines"),
            _lines("air_links", "Air links"),
            _places(),
        ),
        basemap=Basemap(
            outlines=outlines,
            disputed=(Feature("sample", box(79, 30, 81, 36), {"name": "Disputed sample"}),),
            networks=(BaseNetwork("railways", "Main railways", "rail", (through("xian", "kashgar"),)),),
            labels=(MapLabel({"en": "Caspian Sea", "ru": "Каспийское море", "zh": "里海"}, 50.7, 42.0),),
        ),
        sources={
            "thediplomat-2023-cku": SourceRecord(
                "The railway that was discussed for decades",
                "A. Author",
                "The Diplomat",
                "2023",
                "https://example.org/cku",
                "article-newspaper",
            ),
            "other-2022-cku": SourceRecord("Another length", publisher="Other", year="2022", url="javascript:alert(1)"),
        },
        details=_details(),
        names=_names(),
        articles=articles(),
        route=route() if has_route else None,
        policy="Natural Earth's de facto lines; disputed areas are hatched.",
        licences=("Natural Earth, public domain", "© OpenStreetMap contributors, ODbL"),
        accuracy="Each line states its grade.",
        generated_from="sha256:0123456789abcdef",
    )
