"""The page made from the shipped catalogue, in a real browser with the network cut."""

from __future__ import annotations

import pytest

from corridors.atlas import Atlas
from corridors.build import draw_layers
from corridors.page_content import page_content, route_overlay
from maps.content import MapContent, RouteOverlay
from network.endpoint import resolve_endpoint
from network.request import Request
from tests.browser.conftest import Opener

pytestmark = pytest.mark.browser


def content_of(atlas: Atlas, route: RouteOverlay | None = None) -> MapContent:
    return page_content(
        atlas.catalogue, atlas.tracks, draw_layers(atlas).layers, fingerprint=atlas.fingerprint, route=route
    )


@pytest.fixture(scope="module")
def content(atlas: Atlas) -> MapContent:
    return content_of(atlas)


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_it_asks_for_nothing_and_complains_of_nothing(
    open_page: Opener, content: MapContent, size: tuple[int, int]
) -> None:
    opened = open_page(content, size=size)
    opened.settle()
    assert opened.requests == [opened.address]
    assert opened.complaints == []
    assert opened.run("() => window.violations") == []
    assert opened.run("() => document.documentElement.scrollWidth") <= size[0]


def test_the_railway_of_three_countries_shows_its_claims_and_sources(open_page: Opener, content: MapContent) -> None:
    opened = open_page(content, fragment="#sel=line:cku-railway")
    page = opened.page
    page.get_by_role("tab", name="Search").click()
    page.keyboard.type("中吉乌铁路")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    opened.settle()
    text = page.locator("body").inner_text()
    for words in ("523", "486", "under construction", "Railway Gazette"):
        assert words in text


def test_the_length_of_a_part_names_its_ends(open_page: Opener, content: MapContent) -> None:
    opened = open_page(content, fragment="#sel=line:navoi-uchkuduk-nukus")
    opened.settle()
    names = opened.page.locator(".claims .attribute").all_inner_texts()
    assert "length Navoi–Uchkuduk" in names
    assert "length" in names


def test_a_computed_route_is_shown_leg_by_leg(open_page: Opener, atlas: Atlas) -> None:
    start, end = (resolve_endpoint(atlas.catalogue, name)[0] for name in ("Aktau", "Baku"))
    answer = atlas.router.route(start, end, Request(avoid=("RUS",)))
    opened = open_page(content_of(atlas, route_overlay(atlas.router, answer)))
    text = opened.page.locator("body").inner_text()
    assert "Aktau" in text
    assert "Ferry" in text
    assert opened.complaints == []
