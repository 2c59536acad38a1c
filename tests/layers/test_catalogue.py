"""The loader, and what must hold for the shipped catalogue."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from corridors.atlas import Atlas
from geo.errors import CatalogueError
from geo.geodesy import distance_m
from layers.catalogue import CATALOGUE_DIR, Catalogue, load_catalogue
from layers.names import country_names
from layers.schema import Mode


@pytest.fixture(scope="module")
def catalogue(atlas: Atlas) -> Catalogue:
    return atlas.catalogue


def broken(tmp_path: Path, file: str, text: str) -> str:
    """What the loader says of the shipped catalogue with one file changed."""
    shutil.copytree(CATALOGUE_DIR, tmp_path / "catalogue")
    path = tmp_path / "catalogue" / file
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(tmp_path / "catalogue")
    return str(caught.value)


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("places/x.csv", "id,kind,country,lon,lat,name_en,source\nok,city,KAZ,200,45,X,geonames\n", "x.csv:2: ok: lon"),
        ("places/x.csv", "id,kind,country,lon,lat,name_en,source\nok,town,KAZ,70,45,X,geonames\n", "kind"),
        ("places/x.csv", "id,kind,country,lon,lat,name_en,source\nxian,city,CHN,70,45,X,geonames\n", "given twice"),
        (
            "places/x.csv",
            "id,kind,country,lon,lat,name_en,source\nok,city,KAZ,70,45,X,geonames,1\n",
            "x.csv:2: 8 cells",
        ),
        (
            "places/x.csv",
            "id,kind,country,lon,lat,name_en,source\nok,city,KAZ,70,45,X,nobody\n",
            "unknown source 'nobody'",
        ),
        ("claims/x.csv", "subject,attribute,value,source\nline:nowhere,length,5,geonames\n", "unknown target"),
        ("claims/x.csv", "subject,attribute,value,as_of,source\nplace:xian,area,5,May 2020,geonames\n", "EDTF"),
        ("lines/x.yaml", "- id: a\n  id: b\n", "key given twice"),
        ("lines/x.yaml", "a: b\n", "expected a list"),
        (
            "lines/x.yaml",
            "- {id: a, names: {en: A}, mode: rail, status: open, waypoints: [xian, atlantis], sources: [geonames]}\n",
            "atlantis",
        ),
        ("sources/x.json", "[{", "not valid JSON"),
    ],
)
def test_a_wrong_record_is_a_clear_error(tmp_path: Path, file: str, text: str, says: str) -> None:
    assert says in broken(tmp_path, file, text)


def test_all_faults_are_told_in_one_go(tmp_path: Path) -> None:
    rows = "a,town,KAZ,70,45,A,geonames\nb,city,kaz,70,95,B,geonames\n"
    message = broken(tmp_path, "places/x.csv", "id,kind,country,lon,lat,name_en,source\n" + rows)
    assert "x.csv:2" in message
    assert message.count("x.csv:3") == 2


def test_the_mission_is_in_the_catalogue(catalogue: Catalogue) -> None:
    assert {"CHN", "KAZ", "KGZ", "TJK", "TKM", "UZB", "RUS", "AFG", "UKR", "IND", "JPN", "KOR", "USA"} <= set(
        catalogue.countries
    )
    assert len(catalogue.members("eu")) == 27
    places = (
        "xian moscow beijing urumqi lanzhou kashgar khorgos altynkol alashankou dostyk aktau kuryk-port turkmenbashi"
    )
    places += (
        " baku alat-port tbilisi poti batumi kars istanbul tehran mashhad gwadar duisburg hamburg rotterdam rome osaka"
    )
    assert set(places.split()) <= set(catalogue.places)
    lines = "cku-railway power-of-siberia-1-chayanda-blagoveshchensk aktau-alat-ferry"
    assert set(lines.split()) <= set(catalogue.lines)
    corridors = (
        "bri-silk-road-economic-belt new-eurasian-land-bridge china-mongolia-russia china-central-asia-west-asia"
    )
    corridors += " china-indochina-peninsula china-pakistan bangladesh-china-india-myanmar maritime-silk-road"
    corridors += " middle-corridor northern-corridor southern-corridor"
    assert set(corridors.split()) <= set(catalogue.corridors)


def test_meetings_of_the_mechanism_are_dated_and_numbered(catalogue: Catalogue) -> None:
    fourth = [event for event in catalogue.events.values() if event.number == "4" and "foreign" in event.name.lower()]
    assert any(event.date.startswith("2023-04-2") for event in fourth)
    dates = {event.date for event in catalogue.events.values()}
    assert any(date.startswith("2023-05-18") for date in dates)
    assert any(date.startswith("2020-07-16") for date in dates)


def test_five_articles_are_referenced_without_their_text(catalogue: Catalogue) -> None:
    articles = [
        source for source in catalogue.sources.values() if (source.model_extra or {}).get("custom", {}).get("sha256")
    ]
    assert len([source for source in articles if not source.id.startswith("corridors-2026-")]) == 5


def test_gazetteer_coordinates_are_the_gazetteer_s(catalogue: Catalogue) -> None:
    import csv
    import gzip

    from geo.store import DATA_DIR

    rows = csv.DictReader(gzip.decompress((DATA_DIR / "gazetteer.csv.gz").read_bytes()).decode().splitlines())
    known = {int(row["geonames_id"]): (float(row["lon"]), float(row["lat"])) for row in rows}
    checked = 0
    for place in catalogue.places.values():
        if place.source == "geonames" and place.geonames_id in known:
            assert distance_m((place.lon, place.lat), known[place.geonames_id]) < 50, place.id
            checked += 1
    assert checked > 800


def test_places_lie_in_their_country(catalogue: Catalogue) -> None:
    from geo.boundaries import country_index

    land = [place for place in catalogue.places.values() if place.kind != "strait"]
    found = country_index().countries_of_points([p.lon for p in land], [p.lat for p in land])
    wrong = [(p.id, p.country, code) for p, code in zip(land, found, strict=True) if code not in (p.country, "")]
    # border points stand on the line, which the outlines draw only to about a kilometre
    far = [item for item in wrong if catalogue.places[item[0]].kind not in ("border", "waypoint")]
    assert len(far) <= 0.01 * len(land), far


def test_no_open_land_line_jumps_more_than_a_waypoint_apart_where_it_claims_to_be_traced(atlas: Atlas) -> None:
    for segments in atlas.tracks.segments.values():
        for segment in segments:
            assert np.isfinite(segment.coords).all()
            assert segment.length_m > 0 or (segment.coords[0] == segment.coords[-1]).all()
            if segment.grade == "traced":
                assert segment.length_m <= 405_000
    rail = [
        s for line in atlas.catalogue.lines.values() if line.mode is Mode.RAIL for s in atlas.tracks.segments[line.id]
    ]
    assert all(s.length_m <= 45_000 for s in rail if s.grade == "traced")


def test_country_names_are_there_in_four_languages(catalogue: Catalogue) -> None:
    names = country_names()
    for code in catalogue.countries:
        assert names[code].en
        assert names[code].ru
        assert names[code].zh
        assert names[code].tr
