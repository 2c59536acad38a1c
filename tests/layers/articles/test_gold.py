"""The engine against paragraphs annotated by hand."""

from __future__ import annotations

import pytest

from corridors.atlas import Atlas
from layers.articles.engine import find_mentions
from layers.articles.records import Mention
from layers.articles.registry import build_registry
from tests.layers.articles.gold_set import SPLITS, GoldText, Report, class_of, gold_texts, parse, score

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


@pytest.fixture(scope="module")
def reports(atlas: Atlas) -> dict[str, Report]:
    registry = build_registry(atlas.catalogue)
    return {
        split: score(gold_texts(split), lambda text, language: find_mentions(text, registry, language=language))
        for split in SPLITS
    }


@pytest.mark.parametrize("split", SPLITS)
def test_countries_and_cities_are_found_where_they_stand(reports: dict[str, Report], split: str) -> None:
    precision, recall, f1 = reports[split].together("country", "place").scores()
    assert f1 >= 0.97, (precision, recall)


@pytest.mark.parametrize("split", SPLITS)
def test_railways_corridors_and_pipelines_are_found(reports: dict[str, Report], split: str) -> None:
    precision, recall, f1 = reports[split].counts["infrastructure"].scores()
    assert f1 >= 0.90, (precision, recall)


@pytest.mark.parametrize("split", SPLITS)
def test_regions_and_bodies_are_found(reports: dict[str, Report], split: str) -> None:
    assert reports[split].together("region", "body").scores()[2] >= 0.90


@pytest.mark.parametrize("split", SPLITS)
def test_no_listed_negative_is_taken_for_a_place(reports: dict[str, Report], split: str) -> None:
    assert reports[split].negatives_hit == []


@pytest.mark.parametrize("split", SPLITS)
def test_actors_are_told_from_sites(reports: dict[str, Report], split: str) -> None:
    counts = reports[split].together("country", "place")
    assert counts.right_sense / counts.right >= 0.80


def test_faults_are_counted() -> None:
    """A finder that finds nothing, and one that calls every Baku a country, score what they should."""
    texts = [parse("en-x", "tune", "{Baku|P:baku} and {Osh|P:osh}, in {!US dollars}.")]
    nothing = score(texts, lambda _text, _language: []).together("country", "place")
    assert (nothing.right, nothing.wrong, nothing.missed) == (0, 0, 2)

    def everything(text: str, _language: str) -> list[Mention]:
        spans = [(text.index(name), name, target) for name, target in (("Baku", "country:AZE"), ("US", "country:USA"))]
        return [
            Mention(start, start + len(name), name, "country", target, "place", "exact", "x", 1.0)
            for start, name, target in spans
        ]

    report = score(texts, everything)
    assert report.counts["country"].wrong == 2
    assert report.counts["place"].missed == 2
    assert len(report.negatives_hit) == 1
