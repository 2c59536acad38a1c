"""The catalogue as exchange layers: one value per layer, ready for the GeoJSON and GeoPackage writers and the map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from shapely import LineString, MultiLineString, Point

from geo.boundaries import load_outlines
from geo.geodesy import segment_lengths_m
from geo.layer import Feature, Field, GeometryType, Layer, LayerStyle, StyleCategory, Value
from layers.catalogue import Catalogue
from layers.claims import adopted
from layers.names import country_names, populations
from layers.schema import Claim, Line, Mode, Names, Place, Status
from layers.tracing import Grade, Segment, Tracks

OWN_ATTRIBUTION = "corridors catalogue; each claim names its source"
OWN_LICENCE = "CC-BY-4.0"
OSM_ATTRIBUTION = "© OpenStreetMap contributors; corridors catalogue; places from GeoNames (CC BY 4.0)"
OSM_LICENCE = "ODbL-1.0"
NATURAL_EARTH_ATTRIBUTION = "Made with Natural Earth; names from Unicode CLDR"
# a grade describes a line if at least this part of its length has it or a worse one
_GRADE_SHARE = 0.1

NAME_FIELDS = (
    Field("name", "text", "English name"),
    Field("name_ru", "text", "Russian name"),
    Field("name_zh", "text", "Chinese name"),
    Field("name_tr", "text", "Turkish name"),
    Field("name_local", "text", "name in the local script"),
)
LINE_FIELDS = (
    *NAME_FIELDS,
    Field("kind", "text", "rail, road, sea, ferry, air, gas, oil, or kind of corridor"),
    Field("mode", "text", "mode of transport"),
    Field("status", "text", "open, construction, planned, proposed, suspended or closed"),
    Field("opened", "text", "opening, EDTF; for lines not open the announced one"),
    Field("gauge_mm", "integer", "railway gauge", "mm"),
    Field("length_km", "real", "adopted published length, else the drawn one", "km"),
    Field("length_source", "text", "source of the length, or 'measured'"),
    Field("drawn_km", "real", "length of the drawn course; track lengths are those of the base network", "km"),
    Field("grade", "text", "track, traced or schematic"),
    Field("spacing_km", "real", "longest drawn stretch without a vertex", "km"),
    Field("countries", "text", "ISO 3166-1 alpha-3, joined with ;"),
    Field("corridors", "text", "ids of corridors that run over it, joined with ;"),
    Field("sources", "text", "source ids, joined with ;"),
    Field("note", "text", "remark"),
)
STATUS_STYLE = (
    StyleCategory(Status.OPEN.value, "open", "#1b1b1b", 0.6, "solid"),
    StyleCategory(Status.CONSTRUCTION.value, "under construction", "#d55e00", 0.6, "dash"),
    StyleCategory(Status.PLANNED.value, "planned", "#0072b2", 0.5, "dash"),
    StyleCategory(Status.PROPOSED.value, "proposed", "#56b4e9", 0.5, "dot"),
    StyleCategory(Status.SUSPENDED.value, "suspended", "#cc79a7", 0.5, "dashdot"),
    StyleCategory(Status.CLOSED.value, "closed", "#999999", 0.5, "dot"),
)
LINE_LAYERS: Mapping[str, tuple[str, tuple[Mode, ...], str]] = {
    "railways": ("Railways", (Mode.RAIL,), "#a8350b"),
    "roads": ("Roads", (Mode.ROAD,), "#987a10"),
    "sea_routes": ("Sea routes", (Mode.SEA,), "#0b4f94"),
    "ferries": ("Ferries", (Mode.FERRY,), "#2f86b5"),
    "pipelines": ("Pipelines", (Mode.GAS, Mode.OIL), "#00765a"),
}


def catalogue_layers(
    catalogue: Catalogue, tracks: Tracks, corridors_of: Mapping[str, Sequence[str]]
) -> dict[str, Layer]:
    """Return all layers that need the catalogue and the traced lines only, by name.

    Parameters
    ----------
    corridors_of
        Line id → ids of the corridors that run over it.
    """
    layers = [countries_layer(catalogue), places_layer(catalogue)]
    layers += [line_layer(name, catalogue, tracks, corridors_of) for name in LINE_LAYERS]
    layers += [events_layer(catalogue), figures_layer(catalogue)]
    layers += [claims_table(catalogue), sources_table(catalogue)]
    return {layer.name: layer for layer in layers}


def name_properties(names: Names) -> dict[str, Value]:
    """Return the name columns of one entity."""
    return {
        "name": names.en,
        "name_ru": names.ru,
        "name_zh": names.zh,
        "name_tr": names.tr,
        "name_local": names.local,
    }


def adopted_length(catalogue: Catalogue, target: str) -> tuple[float, str] | None:
    """Return the adopted length in km and its source id, or None where no claim gives one."""
    claims = [claim for claim in catalogue.claims_by_subject.get(target, ()) if claim.attribute == "length"]
    chosen = adopted(claims, catalogue.sources).get("length") if claims else None
    if chosen is None or chosen.unit != "km":
        return None
    try:
        return float(chosen.value), chosen.source
    except ValueError:
        return None


def line_geometry(segments: Sequence[Segment]) -> MultiLineString:
    """Join consecutive segments of each section to one linestring per unbroken run."""
    runs: list[list[tuple[float, float]]] = []
    for _, group in groupby(segments, key=lambda segment: segment.section):
        last: str | None = None
        for segment in group:
            points = [(float(lon), float(lat)) for lon, lat in segment.coords]
            if runs and last == segment.start and runs[-1][-1] == points[0]:
                runs[-1].extend(points[1:])
            else:
                runs.append(points)
            last = segment.end
    return MultiLineString([LineString(points) for points in runs if len(set(points)) > 1])


def line_grade(segments: Sequence[Segment]) -> Grade:
    """Return the worst grade that a tenth of the drawn length has, worse ones included."""
    total = sum(segment.length_m for segment in segments) or 1.0
    worse = 0.0
    for grade in (Grade.SCHEMATIC, Grade.TRACED):
        worse += sum(segment.length_m for segment in segments if segment.grade is grade)
        if worse / total >= _GRADE_SHARE:
            return grade
    return Grade.TRACK


def line_countries(catalogue: Catalogue, line: Line, tracks: Tracks) -> tuple[str, ...]:
    """Return the countries a line runs in, in the order of its course."""
    if line.id in catalogue.imported_lines:
        return catalogue.imported_lines[line.id].countries
    found: dict[str, None] = {}
    network = tracks.networks.get(line.mode)
    for segment in tracks.segments[line.id]:
        for key in (segment.start, segment.end):
            place = catalogue.places.get(key)
            if place is not None:
                found[place.country] = None
            if key == segment.start and network is not None:
                edges = [network.edges[number] for number, _ in segment.edges]
                found |= dict.fromkeys(network.country[edge.start] for edge in edges)
    return tuple(code for code in found if code)


def line_layer(name: str, catalogue: Catalogue, tracks: Tracks, corridors_of: Mapping[str, Sequence[str]]) -> Layer:
    """Return one of the line layers: railways, roads, sea_routes, ferries or pipelines."""
    title, modes, colour = LINE_LAYERS[name]
    features = []
    for line in catalogue.lines.values():
        if line.mode not in modes:
            continue
        segments = tracks.segments[line.id]
        drawn_km = sum(segment.length_m for segment in segments) / 1000
        length = adopted_length(catalogue, f"line:{line.id}")
        gauges = {section.gauge_mm for section in line.sections} - {None}
        properties: dict[str, Value] = {
            **name_properties(line.names),
            "kind": line.mode.value,
            "mode": line.mode.value,
            "status": line.status.value,
            "opened": line.opened,
            "gauge_mm": gauges.pop() if len(gauges) == 1 else None,
            "length_km": round(length[0] if length else drawn_km, 1),
            "length_source": length[1] if length else "measured",
            "drawn_km": round(drawn_km, 1),
            "grade": line_grade(segments).value,
            "spacing_km": round(_longest_stretch_km(segments), 1),
            "countries": ";".join(line_countries(catalogue, line, tracks)),
            "corridors": ";".join(corridors_of.get(line.id, ())),
            "sources": ";".join(line.sources),
            "note": line.note,
        }
        features.append(Feature(line.id, line_geometry(segments), properties))
    is_osm = bool({Mode.RAIL, Mode.ROAD} & set(modes))
    return Layer(
        name=name,
        title=title,
        description=f"{title} of the catalogue, drawn through their waypoints",
        fields=LINE_FIELDS,
        features=tuple(sorted(features, key=lambda feature: feature.id)),
        geometry_type="MultiLineString",
        attribution=OSM_ATTRIBUTION if is_osm else OWN_ATTRIBUTION,
        licence=OSM_LICENCE if is_osm else OWN_LICENCE,
        style=LayerStyle("status", _coloured(colour), colour=colour),
    )


def _coloured(colour: str) -> tuple[StyleCategory, ...]:
    """Return the status categories in one colour: status is told by dash and width."""
    return tuple(StyleCategory(c.value, c.label, colour, c.width_mm, c.dash) for c in STATUS_STYLE)


def _longest_stretch_km(segments: Sequence[Segment]) -> float:
    drawn = [segment for segment in segments if len(segment.coords) > 1]
    if not drawn:
        return 0.0
    # points of a geodesic between two waypoints are drawn, not known: a traced segment counts whole
    known = [
        float(segment_lengths_m(segment.coords).max())
        if segment.grade is Grade.TRACK or segment.is_imported
        else segment.length_m
        for segment in drawn
    ]
    return max(known) / 1000


def countries_layer(catalogue: Catalogue) -> Layer:
    """Return the countries of the catalogue with outlines and names in four languages."""
    outlines, names = load_outlines("countries_50m"), country_names()
    features = []
    for code, country in sorted(catalogue.countries.items()):
        groups = sorted(group.id for group in catalogue.groups.values() if code in group.members)
        called = names.get(code, Names(en=code))
        features.append(
            Feature(
                code,
                outlines.get(code),
                {
                    **name_properties(called),
                    "role": country.role,
                    "capital": country.capital,
                    "gauge_mm": country.gauge_mm,
                    "groups": ";".join(groups),
                    "note": country.note,
                },
            )
        )
    fields = (
        *NAME_FIELDS,
        Field("role", "text", "territory or actor"),
        Field("capital", "text", "place id of the capital"),
        Field("gauge_mm", "integer", "gauge of the main railway network", "mm"),
        Field("groups", "text", "ids of the groups it belongs to, joined with ;"),
        Field("note", "text", "remark"),
    )
    return Layer(
        "countries",
        "Countries",
        "Country outlines along Natural Earth's de facto lines; no position on disputed areas is implied",
        fields,
        tuple(features),
        "MultiPolygon",
        NATURAL_EARTH_ATTRIBUTION,
        "public domain",
        LayerStyle(colour="#b6aa96", fill_opacity=0.15),
    )


def places_layer(catalogue: Catalogue) -> Layer:
    """Return all places as points."""
    fields = (
        *NAME_FIELDS,
        Field("kind", "text", "city, station, border, port, dry-port, airport, compressor, pump, field, strait …"),
        Field("country", "text", "ISO 3166-1 alpha-3"),
        Field("aliases", "text", "other names, joined with ;"),
        Field("unlocode", "text", "UN/LOCODE"),
        Field("iata", "text", "IATA airport code"),
        Field("gauges", "text", "railway gauges in mm, joined with ;"),
        Field("population", "integer", "inhabitants, GeoNames"),
        Field("source", "text", "source of the coordinate"),
        Field("note", "text", "remark"),
    )
    people = populations()
    features = [
        Feature(
            place.id,
            Point(place.lon, place.lat),
            {**_place_properties(place), "population": people.get(place.geonames_id or 0)},
        )
        for place in sorted(catalogue.places.values(), key=lambda place: place.id)
    ]
    return Layer(
        "places",
        "Places",
        "Cities, stations, border points, ports, terminals and installations",
        fields,
        tuple(features),
        "Point",
        "GeoNames (CC BY 4.0); SeaRoute; airportsdata; corridors catalogue",
        OWN_LICENCE,
        LayerStyle(colour="#26241f"),
    )


def areas_layer(catalogue: Catalogue) -> Layer:
    """Return the areas of a study as polygons."""
    fields = (
        Field("name", "text", "name"),
        Field("sources", "text", "source ids, joined with ;"),
        Field("note", "text", "remark"),
    )
    shapes = {key: shape for layer in catalogue.imports for key, shape in layer.shapes.items()}
    features = [
        Feature(area.id, shapes[area.id], {"name": area.name, "sources": ";".join(area.sources), "note": area.note})
        for area in sorted(catalogue.areas.values(), key=lambda area: area.id)
    ]
    return Layer(
        "areas",
        "Areas of the study",
        "Areas that scenarios may close or avoid",
        fields,
        tuple(features),
        "MultiPolygon",
        "the files they were imported from",
        "as of the files they were imported from",
        LayerStyle(colour="#0072b2", fill_opacity=0.15),
    )


def _place_properties(place: Place) -> dict[str, Value]:
    return {
        **name_properties(place.names),
        "kind": place.kind.value,
        "country": place.country,
        "aliases": ";".join(place.aliases),
        "unlocode": place.unlocode,
        "iata": place.iata,
        "gauges": ";".join(str(gauge) for gauge in place.gauges),
        "source": place.source,
        "note": place.note,
    }


def events_layer(catalogue: Catalogue) -> Layer:
    """Return events at their first place; an event without a place has no geometry but is not lost."""
    fields = (
        Field("name", "text", "what happened"),
        Field("kind", "text", "meeting, agreement, opening …"),
        Field("date", "text", "EDTF"),
        Field("places", "text", "place ids, joined with ;"),
        Field("participants", "text", "countries, groups and organisations, joined with ;"),
        Field("subjects", "text", "what it is about, as targets joined with ;"),
        Field("series", "text", "series of meetings"),
        Field("number", "text", "number within the series"),
        Field("sources", "text", "source ids, joined with ;"),
        Field("note", "text", "remark"),
    )
    features = []
    for event in sorted(catalogue.events.values(), key=lambda event: event.id):
        place = catalogue.places[event.places[0]] if event.places else None
        properties: dict[str, Value] = {
            "name": event.name,
            "kind": event.kind,
            "date": event.date,
            "places": ";".join(event.places),
            "participants": ";".join(event.participants),
            "subjects": ";".join(event.subjects),
            "series": event.series,
            "number": event.number,
            "sources": ";".join(event.sources),
            "note": event.note,
        }
        features.append(Feature(event.id, Point(place.lon, place.lat) if place else None, properties))
    return _own_layer("events", "Events", "Dated meetings, agreements and openings", fields, features, "Point")


def figures_layer(catalogue: Catalogue) -> Layer:
    """Return published statistics at the capital of their first country, as an actor rather than a site."""
    fields = (
        Field("measure", "text", "trade, fdi-stock, freight …"),
        Field("countries", "text", "ISO 3166-1 alpha-3, joined with ;"),
        Field("partner", "text", "partner country or group"),
        Field("period", "text", "EDTF"),
        Field("value", "real", "value in the unit of the row"),
        Field("unit", "text", "unit of the value"),
        Field("change_percent", "real", "change against the period before", "%"),
        Field("source", "text", "source id"),
        Field("locator", "text", "page or paragraph"),
        Field("note", "text", "remark"),
    )
    features = []
    for figure in sorted(catalogue.figures.values(), key=lambda figure: figure.id):
        country = catalogue.countries[figure.countries[0]] if figure.countries else None
        capital = catalogue.places[country.capital] if country else None
        properties: dict[str, Value] = {
            "measure": figure.measure,
            "countries": ";".join(figure.countries),
            "partner": figure.partner,
            "period": figure.period,
            "value": figure.value,
            "unit": figure.unit,
            "change_percent": figure.change_percent,
            "source": figure.source,
            "locator": figure.locator,
            "note": figure.note,
        }
        features.append(Feature(figure.id, Point(capital.lon, capital.lat) if capital else None, properties))
    return _own_layer("figures", "Figures", "Published statistics, placed at a capital", fields, features, "Point")


def claims_table(catalogue: Catalogue) -> Layer:
    """Return every claim with whether it is the adopted one."""
    fields = (
        Field("subject", "text", "target the claim is about"),
        Field("attribute", "text", "attribute"),
        Field("value", "text", "published value"),
        Field("low", "real", "lower bound"),
        Field("high", "real", "upper bound"),
        Field("unit", "text", "unit"),
        Field("as_of", "text", "EDTF"),
        Field("source", "text", "source id"),
        Field("locator", "text", "page, table or paragraph"),
        Field("adopted", "boolean", "the value used where one is needed"),
        Field("note", "text", "remark"),
    )
    features = []
    for subject, claims in sorted(catalogue.claims_by_subject.items()):
        chosen = adopted(claims, catalogue.sources)
        for number, claim in enumerate(claims, start=1):
            key = f"{subject}#{claim.attribute}-{number}"
            features.append(Feature(key, None, _claim_properties(claim, is_adopted=chosen[claim.attribute] is claim)))
    return _own_layer("claims", "Claims", "One row per published value", fields, features, None)


def _claim_properties(claim: Claim, *, is_adopted: bool) -> dict[str, Value]:
    return {
        "subject": claim.subject,
        "attribute": claim.attribute,
        "value": claim.value,
        "low": claim.low,
        "high": claim.high,
        "unit": claim.unit,
        "as_of": claim.as_of,
        "source": claim.source,
        "locator": claim.locator,
        "adopted": is_adopted,
        "note": claim.note,
    }


def sources_table(catalogue: Catalogue) -> Layer:
    """Return the bibliography as a table."""
    fields = (
        Field("type", "text", "CSL type"),
        Field("title", "text", "title"),
        Field("author", "text", "authors, joined with ;"),
        Field("publisher", "text", "publisher or journal"),
        Field("year", "text", "year of issue or n.d."),
        Field("url", "text", "address"),
    )
    features = [
        Feature(
            source.id,
            None,
            {
                "type": source.type,
                "title": source.title,
                "author": source.authors,
                "publisher": source.publisher_name,
                "year": source.year,
                "url": source.URL,
            },
        )
        for source in sorted(catalogue.sources.values(), key=lambda source: source.id)
    ]
    return _own_layer("sources", "Sources", "Articles, reports, pages and data sets", fields, features, None)


def _own_layer(  # noqa: PLR0913, PLR0917 - the parts of a layer
    name: str,
    title: str,
    description: str,
    fields: tuple[Field, ...],
    features: Iterable[Feature],
    geometry_type: GeometryType | None,
) -> Layer:
    style = LayerStyle(colour="#7a2e62") if geometry_type else None
    return Layer(name, title, description, fields, tuple(features), geometry_type, OWN_ATTRIBUTION, OWN_LICENCE, style)
