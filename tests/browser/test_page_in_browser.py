from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import Opened
from tests.browser.hostile import hostile_content
from tests.maps.sample import sample_content

pytestmark = pytest.mark.browser
Opener = Callable[..., Opened]
TABS = ("layers", "route", "articles", "search", "about")


def walk_through(opened: Opened) -> None:
    """Open every tab, every language, every feature, both themes and projections."""
    for language in ("ru", "zh", "tr", "en"):
        opened.run("language => window.corridors.setLanguage(language)", language)
        for tab in TABS:
            opened.page.click(f"#tab-{tab}")
    opened.run(
        """() => {
            const C = window.corridors;
            for (const layer of C.layers) C.setLayerVisible(layer, true);
            for (const target of Object.keys(C.data.details)) C.select(target, { zoom: true });
        }"""
    )
    opened.run("() => { for (const theme of ['dark', 'light']) window.corridors.setTheme(theme); }")
    opened.run("() => { for (const name of ['mercator', 'equal-area']) window.corridors.setProjection(name); }")
    opened.page.click("#tab-layers")
    for button in opened.page.query_selector_all("#panel .count"):
        button.click()
    opened.page.click("#tab-search")
    opened.page.fill("#search-input", "a")
    opened.settle()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_asks_for_nothing_and_complains_of_nothing(open_page: Opener, theme: str) -> None:
    opened = open_page(sample_content(has_route=True), dark=theme == "dark")

    walk_through(opened)

    assert opened.requests == [opened.address]
    assert opened.complaints == []
    assert opened.run("() => window.violations") == []


def test_hostile_text_is_shown_and_never_run(open_page: Opener) -> None:
    opened = open_page(hostile_content())

    walk_through(opened)

    assert opened.run("() => window.canaryCalls") == 0
    assert opened.requests == [opened.address]
    assert opened.complaints == []
    assert opened.run("() => window.violations") == []
    assert (
        opened.run("() => document.querySelectorAll('img, iframe, object, #panel script, #detail script').length") == 0
    )


# what must stand where: [text found on the page, text of the data]
SHOWN = {
    "title": "() => [document.querySelector('#panel h1').textContent, C.data.title]",
    "name": "() => [document.querySelector('#detail h2').textContent, detail().names.en]",
    "note": "() => shown('#detail p', detail().note)",
    "history note": "() => shown('#detail small', detail().history[1].note)",
    "quote": "() => shown('#detail mark', detail().mentions[0].surface)",
    "source": "() => shown('#detail .sources span span', inSentence(C.data.sources[detail().sources[0]]))",
    "property key": "() => shown('#detail dt', Object.keys(feature().properties).find((key) => key.endsWith('key')))",
    "licence": "() => { C.openTab('about'); return shown('#tab-body li', C.data.about.licences[0]); }",
    "reference": "() => { C.openTab('articles'); return shown('.title', Object.values(C.data.sources)[0].title); }",
    "route note": "() => { C.openTab('route'); return shown('#tab-body p', C.data.route.notes[0]); }",
    "group": "() => { C.openTab('layers'); return shown('h3', C.layers[0].group); }",
    "layer": "() => { C.openTab('layers'); return shown('.switch span', C.layers[0].title); }",
}
_FIND = """
const C = window.corridors;
const detail = () => C.detailOf(C.state.selected);
const feature = () => C.featureOf(C.state.selected);
const inSentence = (source) => `${source.author}, ${source.title} (${source.year})`;
const texts = (selector) => [...document.querySelectorAll(selector)].map((element) => element.textContent);
const shown = (selector, text) => [texts(selector).find((found) => found === text), text];
"""
_IS_SHOWN = "const [found, expected] = (%s)(); return typeof expected === 'string' && found === expected;"


def test_hostile_text_is_shown_literally(open_page: Opener) -> None:
    opened = open_page(hostile_content())
    opened.run(f"() => {{ {_FIND} C.select(Object.keys(C.data.details).find((key) => key.endsWith('cku-railway'))); }}")

    # compared inside the page: a lone surrogate does not survive the way to Python
    wrong = [what for what, script in SHOWN.items() if not opened.run(f"() => {{ {_FIND} {_IS_SHOWN % script} }}")]

    assert wrong == []


@pytest.mark.parametrize(
    "hostile",
    [
        "sel=javascript:alert(1)",
        "sel=__proto__",
        "lang=<img src=x>",
        "at=1e999,NaN,x",
        "on=__proto__",
        "tab=constructor",
        "year=9999",
        "%E0%A4%A",
    ],
)
def test_a_hostile_hash_is_ignored(open_page: Opener, hostile: str) -> None:
    opened = open_page(sample_content(), fragment=f"#{hostile}")

    assert opened.complaints == []
    assert opened.page.is_hidden("#detail")
    assert opened.page.text_content("#panel h1") == "Corridors of Eurasia"


def test_only_web_addresses_become_links(open_page: Opener) -> None:
    opened = open_page(sample_content(), fragment="#tab=articles")

    links = opened.run("() => [...document.querySelectorAll('#tab-body a')].map((a) => [a.href, a.rel, a.target])")

    assert links == [["https://example.org/cku", "noopener noreferrer", "_blank"]]
    assert "Another length" in (opened.page.text_content("#tab-body") or "")


@pytest.mark.parametrize("text", ["西安", "Сиань", "сиань", "Xian", "xi'an", "Şian", "sian", "Shian"])
def test_search_finds_a_city_in_any_writing(open_page: Opener, text: str) -> None:
    opened = open_page(sample_content())

    opened.page.keyboard.press("/")
    opened.page.keyboard.type(text)
    opened.page.keyboard.press("Enter")

    assert opened.run("() => window.corridors.state.selected") == "place:xian"
    assert opened.page.text_content("#detail h2") == "Xi'an"
    assert opened.run("() => window.corridorsMap.getZoom()") >= 5


def test_arrow_keys_choose_among_the_results(open_page: Opener) -> None:
    opened = open_page(sample_content(), fragment="#tab=search")
    opened.page.fill("#search-input", "ka")
    first, second = opened.run("() => window.corridors.find('ka').slice(0, 2)")

    opened.page.keyboard.press("ArrowDown")

    assert opened.page.get_attribute("#search-input", "aria-activedescendant") == "option-1"
    opened.page.keyboard.press("Enter")
    assert opened.run("() => window.corridors.state.selected") == second != first


def test_a_click_on_a_line_opens_its_evidence(open_page: Opener) -> None:
    opened = open_page(sample_content())

    opened.run("() => window.corridors.zoomTo(window.corridors.boundsOfTarget('line:cku-railway'))")
    opened.settle()
    opened.click_target("line:cku-railway")

    text = opened.page.inner_text("#detail")
    assert opened.run("() => window.corridors.state.selected") == "line:cku-railway"
    assert "under construction" in text
    assert "523 km" in text
    assert "454 km" in text
    assert "sources differ" in text
    assert opened.page.locator("#detail tr.adopted").first.inner_text().startswith("523 km")
    assert "schematic" in text


def test_lines_over_each_other_are_offered_as_a_list(open_page: Opener) -> None:
    opened = open_page(sample_content())
    opened.run(
        "() => window.corridors.setLayerVisible(window.corridors.layers.find((l) => l.key === 'corridors'), true)"
    )

    opened.click_target("line:lanxin-railway")

    names = opened.page.locator("#chooser [role=menuitem]").all_inner_texts()
    assert {"Middle Corridor", "Lanxin Railway"} <= set(names)
    opened.page.keyboard.press("ArrowDown")
    opened.page.keyboard.press("Enter")
    assert opened.run("() => window.corridors.state.selected") in ("line:lanxin-railway", "corridor:middle-corridor")
    assert opened.page.locator("#chooser").count() == 0


def painted_pixels(opened: Opened) -> int:
    """Count the pixels of the feature canvas that are not transparent."""
    opened.settle()
    count = opened.run(
        """() => {
            const canvas = document.querySelector(".leaflet-corridors-features-pane canvas");
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            let count = 0;
            for (let i = 3; i < data.length; i += 4) if (data[i]) count += 1;
            return count;
        }"""
    )
    return int(count)


def test_a_switch_hides_the_features_of_its_layer(open_page: Opener) -> None:
    opened = open_page(sample_content())
    before = painted_pixels(opened)

    opened.page.click("input[data-key=railways]")

    assert painted_pixels(opened) < before * 0.8
    opened.click_target("line:southern-xinjiang-railway")
    assert opened.run("() => window.corridors.state.selected") != "line:southern-xinjiang-railway"
    assert "railways" not in opened.run("() => location.hash")


def test_all_layers_off_leave_an_empty_canvas(open_page: Opener) -> None:
    opened = open_page(sample_content(), fragment="#on=-")

    assert painted_pixels(opened) == 0


def test_far_out_only_the_more_important_of_near_places_is_drawn(open_page: Opener) -> None:
    opened = open_page(sample_content())
    drawn = "([target, zoom]) => window.corridors.isDrawn(window.corridors.featureOf(target), zoom)"

    # Andijan, where two lines meet, and Osh are 50 km apart
    assert [opened.run(drawn, [f"place:{city}", 4.5]) for city in ("tashkent", "andijan", "osh")] == [True, True, False]
    assert opened.run(drawn, ["place:osh", 9]) is True


def test_the_year_hides_what_was_not_open(open_page: Opener) -> None:
    opened = open_page(sample_content(), fragment="#year=2020")

    shown = "target => window.corridors.isShown(window.corridors.featureOf(target))"
    assert opened.run(shown, "line:lanxin-railway") is True
    assert opened.run(shown, "line:cku-railway") is False


def test_the_keyboard_reaches_tabs_map_and_detail(open_page: Opener) -> None:
    opened = open_page(sample_content(), fragment="#at=43.252,76.912,7")
    opened.page.focus("#tab-layers")
    opened.page.keyboard.press("ArrowRight")
    assert opened.run("() => document.activeElement.id") == "tab-route"

    focused = set()
    for _ in range(80):
        opened.page.keyboard.press("Tab")
        focused.add(
            opened.run(
                "() => document.activeElement.id || document.activeElement.className || document.activeElement.tagName"
            )
        )
    assert "map_1" in focused
    assert any("language" in name for name in focused)

    # the middle of the free part of the map stands for the pointer
    opened.run(
        """() => {
            const C = window.corridors;
            C.zoomTo(C.boundsOfTarget("place:almaty"), 7);
            C.map.getContainer().focus();
        }"""
    )
    opened.page.keyboard.press("Enter")
    assert opened.run("() => window.corridors.state.selected") == "place:almaty"
    opened.page.keyboard.press("Escape")
    assert opened.page.is_hidden("#detail")
    assert opened.run("() => document.activeElement.id") == "map_1"


def test_every_button_and_field_has_a_name(open_page: Opener) -> None:
    opened = open_page(sample_content(has_route=True), fragment="#sel=line:cku-railway")
    nameless = []
    for tab in TABS:
        opened.page.click(f"#tab-{tab}")
        nameless += opened.run(
            """() => [...document.querySelectorAll("button, input, select, a")]
                .filter((e) => !e.getAttribute("aria-label") && !e.textContent.trim())
                .filter((e) => !(e.closest("label") && e.closest("label").textContent.trim()))
                .map((e) => e.outerHTML)"""
        )

    assert nameless == []


@pytest.mark.parametrize(
    ("language", "tab", "name"),
    [("ru", "Слои", "Казахстан"), ("zh", "图层", "哈萨克斯坦"), ("tr", "Katmanlar", "Kazakistan")],
)
def test_language_changes_interface_and_names(open_page: Opener, language: str, tab: str, name: str) -> None:
    opened = open_page(sample_content(), fragment="#sel=country:KAZ")

    opened.page.select_option("select.language", language)

    assert opened.page.text_content("#tab-layers") == tab
    assert opened.page.text_content("#detail h2") == name
    assert opened.run("() => document.documentElement.lang") == language
    assert f"lang={language}" in opened.run("() => location.hash")


def test_the_hash_brings_the_same_view_back(open_page: Opener) -> None:
    content = sample_content()
    first = open_page(
        content, fragment="#at=41,45,5.5&sel=line:baku-tbilisi-kars&lang=ru&on=railways,places&theme=dark"
    )
    fragment = first.run("() => location.hash")

    again = open_page(content, fragment=fragment)

    state = """() => {
        const centre = window.corridorsMap.getCenter();
        return [centre.lat.toFixed(2), centre.lng.toFixed(2), window.corridorsMap.getZoom(), location.hash];
    }"""
    assert again.run(state) == first.run(state)
    assert first.run(state)[:3] == ["41.00", "45.00", 5.5]
    assert again.page.text_content("#tab-layers") == "Слои"
    assert again.run("() => document.documentElement.dataset.theme") == "dark"


@pytest.mark.parametrize("tab", TABS)
def test_a_phone_shows_map_and_sheet_without_sideways_scroll(open_page: Opener, tab: str) -> None:
    opened = open_page(sample_content(has_route=True), size=(390, 844), fragment=f"#tab={tab}")

    assert opened.run("() => document.documentElement.scrollWidth") <= 390
    wide = opened.run(
        """() => [...document.querySelectorAll("#panel, #panel .scroll")]
            .filter((element) => element.scrollWidth > element.clientWidth + 1).length"""
    )
    assert wide == 0
    panel = opened.page.locator("#panel").bounding_box()
    assert panel
    assert panel["y"] > 300
    opened.page.click(".handle")
    opened.page.click(".handle")
    low = opened.page.locator("#panel").bounding_box()
    assert low
    assert low["y"] > 700


def test_a_route_shows_its_legs_and_zooms_to_the_chosen_one(open_page: Opener) -> None:
    opened = open_page(sample_content(has_route=True))
    assert opened.page.get_attribute("#tab-route", "aria-selected") == "true"
    rows = opened.page.locator(".legs tbody tr")
    before = opened.run("() => window.corridorsMap.getZoom()")

    opened.page.click(".legs tbody tr:nth-child(3) .leg")

    assert rows.count() == 3
    assert [("assumed" in text) for text in rows.all_inner_texts()] == [False, True, True]
    assert opened.run("() => window.corridorsMap.getZoom()") > before
    assert opened.page.locator(".legs tr.chosen").count() == 1


def test_without_a_route_the_tab_tells_the_command(open_page: Opener) -> None:
    opened = open_page(sample_content(), fragment="#tab=route")

    assert "corridors route xian duisburg --map route.html" in opened.page.inner_text("#tab-body")


def test_an_article_lists_the_features_that_cite_it(open_page: Opener) -> None:
    opened = open_page(sample_content(), fragment="#tab=articles")

    opened.page.click("#tab-body summary >> nth=0")
    opened.page.click("#tab-body .target:has-text('Kyrgyzstan')")

    assert opened.run("() => window.corridors.state.selected") == "line:cku-railway"


def test_the_projection_comes_back_to_where_it_started(open_page: Opener) -> None:
    opened = open_page(sample_content())

    error = opened.run(
        """() => {
            const P = L.Projection.EurasiaEqualArea;
            let worst = 0;
            for (let lat = -40; lat <= 85; lat += 5) for (let lng = -30; lng <= 190; lng += 5) {
                const back = P.unproject(P.project(L.latLng(lat, lng)));
                const turn = Math.abs(back.lng - lng) % 360;
                worst = Math.max(worst, Math.abs(back.lat - lat), Math.min(turn, 360 - turn));
            }
            return worst;
        }"""
    )

    assert error < 1e-6


def test_the_page_decodes_what_python_encoded(open_page: Opener) -> None:
    opened = open_page(sample_content())

    runs = opened.run("() => [...window.corridors.featureOf('line:cku-railway').runs[0]]")

    assert runs == pytest.approx([75.9868, 39.4672, 72.7985, 40.5283, 72.3507, 40.7834], abs=1e-9)
