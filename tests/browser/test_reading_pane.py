"""Text and map side by side: from a mention to the map, from a feature to its quote, and back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Opened
from tests.browser.hostile import PAYLOAD, hostile_content
from tests.maps.sample import TEXT, articles, sample_content

pytestmark = pytest.mark.browser
Opener = Callable[..., Opened]
READING = "#tab=articles&art=thediplomat-2023-cku"


def selected(opened: Opened) -> str | None:
    found = opened.run("() => window.corridors.state.selected")
    return None if found is None else str(found)


def test_every_mention_is_marked_at_its_place(open_page: Opener) -> None:
    opened = open_page(sample_content(), fragment=READING)

    shown = opened.run(
        """() => {
            const text = document.querySelector(".reading .text").cloneNode(true);
            for (const badge of text.querySelectorAll(".around")) badge.remove();
            const marks = [...text.querySelectorAll("[data-mention]")];
            return [text.textContent, marks.map((mark) => [Number(mark.dataset.mention), mark.textContent])];
        }"""
    )

    assert shown[0] == TEXT
    assert sorted(shown[1]) == [[n, mention.surface] for n, mention in enumerate(articles()[0].mentions)]


def test_a_mention_of_a_place_brings_the_map_there(open_page: Opener) -> None:
    opened = open_page(sample_content(), fragment=READING)

    opened.page.click(".text >> text=Andijan")

    centre = opened.run("() => { const at = window.corridorsMap.getCenter(); return [at.lng, at.lat]; }")
    assert selected(opened) == "place:andijan"
    assert centre == pytest.approx([72.34, 40.78], abs=6)
    assert opened.page.text_content("#detail h2") == "Andijan"
    assert "character" in (opened.page.text_content(".current") or "")


def test_the_smallest_of_nested_mentions_takes_the_click_and_a_button_opens_the_larger(open_page: Opener) -> None:
    opened = open_page(sample_content(), fragment=READING)

    opened.page.click(".text .outer >> text=Uzbekistan")
    assert selected(opened) == "country:UZB"

    opened.page.click(".text .around")
    assert selected(opened) == "line:cku-railway"


def test_a_government_is_an_actor_and_does_not_move_the_map(open_page: Opener) -> None:
    opened = open_page(sample_content(), fragment=READING)
    view = "() => [window.corridorsMap.getCenter().lat, window.corridorsMap.getZoom()]"
    before = opened.run(view)

    opened.page.click(".text >> text=Beijing")

    assert selected(opened) == "country:CHN"
    assert opened.run(view) == before
    assert "acts as a government" in (opened.page.text_content(".current") or "")


def test_next_and_previous_walk_through_the_text_and_the_map_follows(open_page: Opener) -> None:
    opened = open_page(sample_content(), fragment=READING)
    seen = []
    for _ in articles()[0].mentions:
        opened.page.click("[aria-label='Next mention']")
        seen.append(opened.page.text_content(".current b"))

    assert seen == [mention.surface for mention in articles()[0].mentions]
    opened.page.click("[aria-label='Previous mention']")
    assert opened.page.text_content(".position") == "7 of 8"
    assert "Could be:" in (opened.page.text_content(".candidates") or "")
    opened.page.click(".candidates >> text=Almaty")
    assert selected(opened) == "place:almaty"


def test_a_quote_on_a_feature_leads_into_the_text(open_page: Opener) -> None:
    opened = open_page(sample_content(), fragment="#sel=line:cku-railway")

    opened.page.click("#detail .snippet")

    assert opened.run("() => [window.corridors.state.tab, window.corridors.state.article]") == [
        "articles",
        "thediplomat-2023-cku",
    ]
    assert opened.page.text_content(".text .chosen") == "China-Kyrgyzstan-Uzbekistan railway"


def test_the_list_sorts_filters_and_names_what_has_no_place(open_page: Opener) -> None:
    opened = open_page(sample_content(), fragment=READING)
    opened.page.click(".reading >> text=Mentions")

    opened.page.click(".mention-list th >> text=In the text")
    names = opened.page.locator(".mention-list tbody .target").all_inner_texts()
    assert names == sorted(names, key=str.lower)

    opened.page.select_option(".reading select", "offmap")
    assert opened.page.locator(".mention-list tbody .target").all_inner_texts() == ["Steppe Forum"]
    assert "not on the map" in opened.page.inner_text(".mention-list tbody")


def test_findings_tell_how_they_stand_to_the_catalogue(open_page: Opener) -> None:
    opened = open_page(sample_content(), fragment=READING)

    opened.page.click(".reading >> text=Events and figures")

    assert "differs" in opened.page.inner_text(".findings")
    assert "catalogue: 70.2 bn USD" in opened.page.inner_text(".findings")


def test_an_article_without_its_text_lists_names_and_positions(open_page: Opener) -> None:
    opened = open_page(sample_content(), fragment="#tab=articles")

    opened.page.click("[data-article=other-2022-cku]")

    assert "names and their positions" in opened.page.inner_text(".reading")
    assert opened.page.locator(".reading .text").count() == 0
    assert "outside the article’s own text" in opened.page.inner_text(".mention-list")
    opened.page.click(".reading >> text=All articles")
    assert opened.page.locator("[data-article]").count() == 2


def test_the_hash_brings_the_article_back(open_page: Opener) -> None:
    opened = open_page(sample_content(), fragment="#tab=articles")
    opened.page.click("[data-article=thediplomat-2023-cku]")

    again = open_page(sample_content(), fragment=opened.run("() => location.hash"))

    assert again.page.locator(".reading .text").count() == 1


def test_on_a_phone_the_text_stays_in_sight(open_page: Opener) -> None:
    opened = open_page(sample_content(), size=(390, 844), fragment=READING)

    opened.page.click("[aria-label='Next mention']")

    assert opened.page.is_visible(".reading .current b")
    assert opened.page.is_hidden("#detail")
    assert opened.run("() => document.documentElement.scrollWidth") <= 390


def test_a_hostile_text_is_read_and_never_run(open_page: Opener) -> None:
    content = hostile_content()
    opened = open_page(content)
    for index, article in enumerate(content.articles):
        opened.run("index => window.corridors.openArticle(window.corridors.articles[index].source_id, 0)", index)
        for view in opened.page.locator(".reading [aria-pressed]").all():
            view.click()
        opened.page.click("[aria-label='Next mention']")
        assert article.text == "" or article.text.startswith(PAYLOAD)

    assert opened.run("() => window.canaryCalls") == 0
    assert opened.requests == [opened.address]
    assert opened.complaints == []
    assert opened.run("() => document.querySelectorAll('#panel img, #panel script, #panel iframe').length") == 0
