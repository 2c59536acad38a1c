"""One layer of each kind, with hostile texts, for the writers and their readers."""

from __future__ import annotations

from shapely.geometry import LineString, MultiLineString, Point, box

from geo.layer import Feature, Field, Layer, LayerStyle, StyleCategory, Value

FIELDS = (
    Field("name", "text", "Name"),
    Field("gauge_mm", "integer", "Gauge", "mm"),
    Field("length_km", "real", "Length", "km"),
    Field("electrified", "boolean", "Electrified"),
)
HOSTILE = (
    "'; DROP TABLE gpkg_contents; --",
    '"quotes" {{7*7}} {% x %} `${y}` \\',
    "</script><img src=x onerror=alert(1)> &amp; ]]>",
    "\u2028\u202eabc",
    "Шёлковый путь 丝绸之路 🐫",
    "two\nlines, and a comma;semicolon",
    "=HYPERLINK('http://x')",
    "'=already quoted",
    "-5 is no formula",
)
STYLE = LayerStyle("name", (StyleCategory("a", 'A & "b" <c>', "#0072B2", 0.6, "dash"),))


def all_kinds() -> list[Layer]:
    """Lines over 180°, points of which one is nowhere, an area, an empty layer, a table and an empty table."""
    values: dict[str, Value] = {"name": "a", "gauge_mm": 1520, "length_km": 12.5, "electrified": True}
    lines = (
        Feature("far-east", LineString([(179, 60), (-179, 62)]), values),
        Feature("two-parts", MultiLineString([[(0, 1), (2, 3)], [(4, 5), (6, 7)]]), {"electrified": False}),
    )
    points = (
        *(Feature(f"p{number}", Point(number, 2), {"name": text}) for number, text in enumerate(HOSTILE)),
        Feature("nowhere", None, {"gauge_mm": -1, "length_km": -0.1}),
    )
    sources = ("A book (1999)", "A page (2020). https://example.org/a?b=1&c=<2>")
    return [
        Layer(
            "railways",
            "Railways",
            "Tracks",
            FIELDS,
            lines,
            "MultiLineString",
            "© OSM",
            "ODbL-1.0",
            STYLE,
            "2026-11-21",
            "1 track",
            sources,
        ),
        Layer("points", "Points", 'Places & "more"', FIELDS, points, "Point", "GeoNames", "CC-BY-4.0", STYLE),
        Layer("belts", "Belts", "", FIELDS, (Feature("belt", box(0, 0, 9, 9), {}),), "MultiPolygon", "us", "CC0-1.0"),
        Layer("ferries", "Ferries", "", FIELDS, (), "MultiLineString", "us", "CC0-1.0", STYLE),
        Layer("claims", "Claims", "", FIELDS, (Feature("line:x#1", None, values),), None, "us", "CC0-1.0"),
        Layer("sources", "Sources", "", (), (), None, "us", "public domain"),
    ]


def railways() -> Layer:
    return all_kinds()[0]


def points() -> Layer:
    return all_kinds()[1]
