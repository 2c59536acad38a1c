"""The engine against paragraphs annotated by hand."""

from __future__ import annotations

import pytest

from corridors.atlas import Atlas
from tests.layers.articles.gold_set import SPLITS, GoldText, class_of, gold_texts, parse

ALL_TEXTS = [text for split in SPLITS for text in gold_texts(split)]


@pytest.mark.parametrize("text", ALL_TEXTS, ids=lambda text: text.id)
def test_marks_point_at_their_words_and_at_known_things(text: GoldText, atlas: Atlas) -> None:
    catalogue = atlas.catalogue
    tables = {
        "place": catalogue.places,
        "line": catalogue.lines,
        "corridor": catalogue.corridors,
    }
    for mention in text.mentions:
        assert text.text[mention.start : mention.end] == mention.surface
        for target in mention.targets:
            kind, _, key = target.partition(":")
            assert class_of(target)
            if kind in tables and not key.startswith("geonames-"):
                assert key in tables[kind], target
            if kind == "country":
                assert len(key) == 3
                assert key.isupper()


def test_gold_set_is_as_large_as_promised() -> None:
    for language, least in (("en", 22), ("ru", 3), ("zh", 3), ("tr", 3)):
        texts = [text for text in ALL_TEXTS if text.language == language]
        assert len(texts) >= least
        for text in texts:
            size = len(text.text) / 2 if language == "zh" else len(text.text.split())
            assert 55 <= size <= 150, (text.id, size)
    assert len(gold_texts("tune")) - len(gold_texts("held")) in {-1, 0, 1}


def test_nested_marks_negatives_and_choices_are_read() -> None:
    marked = "{{China|CHN}–{Laos|LAO} railway|L:a/L:b} in {!US dollars}, {Power|?L:a+L:b}, {Osh|P:osh.g/_}"
    text = parse("en-x", "tune", marked)
    assert text.text == "China–Laos railway in US dollars, Power, Osh"
    assert [mention.surface for mention in text.mentions] == ["China–Laos railway", "China", "Laos", "Power", "Osh"]
    assert text.mentions[3].is_ambiguous
    assert text.mentions[4].is_optional
    assert text.mentions[4].sense == "government"
    assert text.text[slice(*text.negatives[0])] == "US dollars"
