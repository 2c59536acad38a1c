"""Names in any language and spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.atlas import Atlas
from layers.names import NameIndex, find_city, fold_name


@pytest.fixture(scope="module")
def index(atlas: Atlas) -> NameIndex:
    return NameIndex(atlas.catalogue)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold_name(fold_name(text)) == fold_name(text)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("CKU", "line:cku-railway"),
        ("中吉乌铁路", "line:cku-railway"),
        ("Middle Corridor", "corridor:middle-corridor"),
        ("Срединный коридор", "corridor:middle-corridor"),
        ("Orta Koridor", "corridor:middle-corridor"),
        ("Druzhba", "place:dostyk"),
        ("Krasnovodsk", "place:turkmenbashi"),
        ("Казахстан", "country:KAZ"),
        ("土库曼斯坦", "country:TKM"),
        ("Özbekistan", "country:UZB"),
    ],
)
def test_old_and_foreign_names_lead_to_their_entity(index: NameIndex, text: str, target: str) -> None:
    assert index.search(text)[0].target == target


def test_one_wrong_letter_is_forgiven_and_said(index: NameIndex) -> None:
    match = index.search("Tashkant")[0]
    assert (match.target, match.match) == ("place:tashkent", "fuzzy")


def test_a_known_name_is_never_taken_for_a_neighbour(index: NameIndex) -> None:
    assert index.places("Jalal-Abad")[0].id == "jalal-abad"
    assert index.places("Jalalabad")[0].id == "jalalabad-af"
    assert all("2" not in match.name for match in index.search("Power of Siberia 1"))


@pytest.mark.parametrize("text", ["", " ", "!?", "\u0000"])
def test_text_without_letters_finds_nothing(index: NameIndex, text: str) -> None:
    assert index.search(text) == []


def test_cities_beyond_the_catalogue_come_from_the_gazetteer() -> None:
    assert find_city("Zhanatas")[0].iso2 == "KZ"
    assert find_city("Nowhereville") == []
