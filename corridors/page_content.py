"""Turn an atlas and its layers into the content of the map page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import shapely
from shapely import LineString, Point

from corridors.evidence import mention_lines
from corridors.page_articles import article_pages
from geo.boundaries import load_outlines
from geo.layer import Layer
from layers.articles.library import Library
from layers.catalogue import Catalogue
from layers.claims import adopted
from layers.disputed import disputed_features
from layers.features import LINE_LAYERS, line_grade
from layers.names import country_names
from layers.schema import Claim, Names
from layers.tracing import Tracks
from maps.arrange import map_layer
from maps.content import Band as PageBand
from maps.content import (
    Basemap,
    Bbox,
    ClaimLine,
    Detail,
    HistoryStep,
    Language,
    MapContent,
    RouteLeg,
    RouteOverlay,
    SearchEntry,
    SourceRecord,
)
from maps.content import Route as PageRoute
from network.bands import Band, bands
from network.legs import Leg, Route
from network.route import Answer, Router

# 2,500 great circles of which pairs are served only by assumption: exported, but no help to a reader of the map
_NOT_SHOWN = frozenset({"air_links"})
POLICY = (
    "Country outlines follow Natural Earth's de facto lines at 1:50 million. They show who administers a territory, "
    "not who has a right to it. Areas whose status is disputed are hatched where the data has an outline for them; "
    "it has none for Abkhazia, South Ossetia, Transnistria, the parts of Kashmir, Arunachal Pradesh, the Golan or the "
    "southern Kurils, which are drawn as part of whoever the outlines show. Names are those of Unicode CLDR."
)
ACCURACY = (
    "Grade track: the course follows open railway or road data, whose lengths are true though long stretches may be "
    "drawn straight. Grade traced: geodesics through waypoints at most 32 km apart (80 km for pipelines). Grade "
    "schematic: the course is not documented well enough; read it as a connection, not as a place. "
    "A number without a claim is assumed and marked so."
)
LICENCES = (
    "Railways and roads © OpenStreetMap contributors, ODbL 1.0",
    "Country outlines: Natural Earth, public domain",
    "Places: GeoNames, CC BY 4.0",
    "Sea lanes and ports: SeaRoute, Eurostat, Apache 2.0",
    "Airports: airportsdata, MIT",
    "Country names: Unicode CLDR",
)


def page_content(  # noqa: PLR0913 - what the page shows
    catalogue: Catalogue,
    tracks: Tracks,
    layers: Mapping[str, Layer],
    *,
    fingerprint: str,
    language: Language = "en",
    route: RouteOverlay | None = None,
    library: Library | None = None,
) -> MapContent:
    """Return everything the page shows; ``library`` gives each feature the quotes of articles on it."""
    shown = [layer for layer in layers.values() if layer.geometry_type is not None and layer.name not in _NOT_SHOWN]
    return MapContent(
        title="corridors",
        layers=tuple(map_layer(layer) for layer in shown),
        basemap=Basemap(
            outlines=tuple(load_outlines("countries_50m").values()),
            disputed=tuple(disputed_features(catalogue, outlines="countries_50m")),
        ),
        sources=_sources(catalogue),
        details={
            target: replace(detail, mentions=mention_lines(library, target)) if library else detail
            for target, detail in _details(catalogue, tracks, layers)
        },
        names=tuple(_search_entries(catalogue, shown)),
        articles=article_pages(library, catalogue) if library else (),
        route=route,
        policy=POLICY,
        licences=LICENCES,
        accuracy=ACCURACY,
        generated_from=fingerprint[:16],
        language=language,
    )


def _sources(catalogue: Catalogue) -> dict[str, SourceRecord]:
    return {
        source.id: SourceRecord(
            title=source.title,
            author=source.authors,
            publisher=source.publisher_name,
            year=source.year,
            url=source.URL or "",
            type=source.type,
        )
        for source in catalogue.sources.values()
    }


def _page_names(names: Names) -> dict[str, str]:
    return {language: name for language, name in names.model_dump().items() if name}


def _claim_lines(catalogue: Catalogue, target: str) -> tuple[ClaimLine, ...]:
    claims: Sequence[Claim] = catalogue.claims_by_subject.get(target, ())
    chosen = adopted(claims, catalogue.sources)
    return tuple(
        ClaimLine(
            attribute=claim.attribute,
            value=claim.value,
            source_id=claim.source,
            adopted=chosen[claim.attribute] is claim,
            low=claim.low,
            high=claim.high,
            unit=claim.unit or "",
            as_of=claim.as_of or "",
            locator=claim.locator or "",
        )
        for claim in claims
    )


def _details(catalogue: Catalogue, tracks: Tracks, layers: Mapping[str, Layer]) -> Iterator[tuple[str, Detail]]:
    for place in catalogue.places.values():
        target = f"place:{place.id}"
        yield (
            target,
            Detail(
                names=_page_names(place.names),
                kind=place.kind.value,
                claims=_claim_lines(catalogue, target),
                sources=(place.source,),
                note=place.note or "",
            ),
        )
    for code in catalogue.countries:
        target = f"country:{code}"
        yield (
            target,
            Detail(
                names=_page_names(country_names().get(code, Names(en=code))),
                kind="country",
                claims=_claim_lines(catalogue, target),
                sources=("natural-earth", "cldr"),
                related=tuple(f"event:{e.id}" for e in catalogue.events.values() if code in e.participants),
            ),
        )
    lines_of = _lines_of_corridors(layers)
    yield from _line_details(catalogue, tracks, lines_of)
    for corridor in catalogue.corridors.values():
        target = f"corridor:{corridor.id}"
        parts = [f"corridor:{other.id}" for other in catalogue.corridors.values() if other.part_of == corridor.id]
        whole = [f"corridor:{corridor.part_of}"] if corridor.part_of else []
        yield (
            target,
            Detail(
                names=_page_names(corridor.names),
                kind=corridor.kind,
                claims=_claim_lines(catalogue, target),
                sources=corridor.sources,
                related=(*whole, *parts, *(f"line:{line}" for line in lines_of.get(corridor.id, ()))),
                note=corridor.note or "",
            ),
        )
    for event in catalogue.events.values():
        yield (
            f"event:{event.id}",
            Detail(
                names={"en": event.name},
                kind=event.kind,
                claims=_claim_lines(catalogue, f"event:{event.id}"),
                sources=event.sources,
                related=(*event.subjects, *(f"place:{place}" for place in event.places)),
                note=event.note or "",
            ),
        )
    for figure in catalogue.figures.values():
        about = f"{', '.join(figure.countries)}{f' – {figure.partner}' if figure.partner else ''}"
        yield (
            f"figure:{figure.id}",
            Detail(
                names={"en": f"{figure.measure} {about} {figure.period}: {figure.value:g} {figure.unit}"},
                kind=figure.measure,
                sources=(figure.source,),
                related=tuple(f"country:{code}" for code in figure.countries),
                note=figure.note or "",
            ),
        )


def _lines_of_corridors(layers: Mapping[str, Layer]) -> dict[str, list[str]]:
    """Return corridor → lines, from the ``corridors`` column of the line layers."""
    found: dict[str, list[str]] = {}
    for name in LINE_LAYERS:
        for feature in layers[name].features if name in layers else ():
            for corridor in str(feature.properties["corridors"] or "").split(";"):
                if corridor:
                    found.setdefault(corridor, []).append(feature.id)
    return found


def _line_details(
    catalogue: Catalogue, tracks: Tracks, lines_of: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, Detail]]:
    corridors_of: dict[str, list[str]] = {}
    for corridor, lines in lines_of.items():
        for line_id in lines:
            corridors_of.setdefault(line_id, []).append(corridor)
    for line in catalogue.lines.values():
        target = f"line:{line.id}"
        yield (
            target,
            Detail(
                names=_page_names(line.names),
                kind=line.mode.value,
                claims=_claim_lines(catalogue, target),
                history=tuple(
                    HistoryStep(status=step.status.value, date=step.date, source_id=step.source, note=step.note or "")
                    for step in line.history
                ),
                sources=line.sources,
                related=tuple(f"corridor:{corridor}" for corridor in corridors_of.get(line.id, ())),
                note=line.note or "",
                grade=line_grade(tracks.segments[line.id]).value,
            ),
        )


def _search_entries(catalogue: Catalogue, layers: Sequence[Layer]) -> Iterator[SearchEntry]:
    for place in catalogue.places.values():
        for language, name in _spellings(place.names, place.aliases):
            yield SearchEntry(f"place:{place.id}", name, language, place.lon, place.lat)
    boxes: dict[str, tuple[float, float, Bbox]] = {}
    for layer in layers:
        if layer.geometry_type in ("MultiLineString", "MultiPolygon"):
            kind = map_layer(layer).target_kind
            for feature in layer.features:
                if feature.geometry is not None and not feature.geometry.is_empty:
                    west, south, east, north = feature.geometry.bounds
                    box = (west, south, east, north)
                    boxes.setdefault(f"{kind}:{feature.id}", ((west + east) / 2, (south + north) / 2, box))
    named = [(f"line:{line.id}", line.names, line.aliases) for line in catalogue.lines.values()]
    named += [(f"corridor:{item.id}", item.names, item.aliases) for item in catalogue.corridors.values()]
    named += [(f"country:{code}", country_names().get(code, Names(en=code)), ()) for code in catalogue.countries]
    for target, names, aliases in named:
        if target in boxes:
            lon, lat, box = boxes[target]
            for language, spelling in _spellings(names, aliases):
                yield SearchEntry(target, spelling, language, lon, lat, box)


def _spellings(names: Names, aliases: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from _page_names(names).items()
    yield from (("", alias) for alias in aliases)


def route_overlay(router: Router, answer: Answer) -> RouteOverlay:
    """Return a computed answer as the page's route tab shows it."""
    return RouteOverlay(
        origin={"en": answer.origin.name},
        destination={"en": answer.destination.name},
        routes=tuple(_page_route(router, answer, route) for route in answer.routes),
        notes=answer.notes,
    )


def _page_route(router: Router, answer: Answer, route: Route) -> PageRoute:
    return PageRoute(
        title=f"{answer.origin.name} – {answer.destination.name} ({answer.request.objective.value})",
        legs=tuple(_page_leg(router, leg) for leg in route.legs),
        distance_km=round(route.distance_km, 1),
        time_h=_page_band(route.time_h),
        cost_usd=_page_band(route.cost_usd_per_teu),
        evidence_share=round(route.evidence_share, 3),
    )


def _page_leg(router: Router, leg: Leg) -> RouteLeg:
    hours, usd = bands(router.costs, leg.steps)
    sources = {router.catalogue.parameters[claim].source for claim in leg.claims} - {"assumed"}
    distinct = len(shapely.get_coordinates(LineString(leg.coords).simplify(0))) > 1 and leg.distance_km > 0.01
    return RouteLeg(
        kind=leg.kind,
        origin={"en": leg.start},
        destination={"en": leg.end},
        distance_km=round(leg.distance_km, 1),
        time_h=_page_band(hours),
        cost_usd=_page_band(usd),
        is_assumed=leg.assumed,
        geometry=LineString(leg.coords) if distinct else Point(leg.coords[0]),
        countries=leg.countries,
        targets=tuple(f"line:{line}" for line in leg.lines),
        evidence=tuple(sorted(sources)),
    )


def _page_band(band: Band) -> PageBand:
    return PageBand(round(band.p10, 1), round(band.p50, 1), round(band.p90, 1))
