"""What must hold of mentions in any text."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corridors.atlas import Atlas
from layers.articles.engine import find_mentions
from layers.articles.fold import fold, name_key, squeeze
from layers.articles.records import Mention
from layers.articles.registry import Registry, build_registry

# fmt: off
PIECES = st.sampled_from(
    [
        "China", "Kazakhstan", "the", "Xi’an", "Central Asia", "–", "-", " railway", "Power of Siberia",
        " 2", "CKU", "(CKU)", "and", ",", ".", "\n", "\n\n", "\u00a0", "’s", "Beijing", "wants", "in",
        "Китай", "железная дорога", "中国", "铁路", "中吉乌铁路", "Bakü'de", "İstanbul", "Related Articles", "[1]",
        "4+1", "C+C5", "US dollars", "https://china.example/kazakhstan", "Centreal Asia", "Wakhan Corridor",
        "\u202e", "\u200b", "e\u0301", "\x00", "Jordan", "Trans-Afghan", "pipeline", "Lanzhou University",
        "China–Pakistan Economic Corridor", "South", "New",
    ]
)
# fmt: on
TEXTS = st.lists(st.one_of(PIECES, st.just(" "), st.text(max_size=4)), max_size=40).map("".join)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def registry(atlas: Atlas) -> Registry:
    return build_registry(atlas.catalogue)


@given(st.text())
def test_folding_keeps_the_length(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    assert fold(folded) == folded


@given(st.text())
def test_squeezed_letters_know_where_they_stand(text: str) -> None:
    squeezed = squeeze(text)
    assert len(squeezed.starts) == len(squeezed.text) + 1
    assert list(squeezed.starts) == sorted(squeezed.starts)
    for position in range(len(squeezed.text)):
        start, end = squeezed.raw_span(position, position + 1)
        assert 0 <= start < end <= len(text)


@given(st.text())
def test_comparable_names_compare_once(name: str) -> None:
    assert "  " not in name_key(name)
    assert name_key(name).strip() == name_key(name)


def is_nested(inner: Mention, outer: Mention) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end and outer.kind in {"line", "corridor", "unmatched"}


@QUICK
@given(text=TEXTS)
def test_mentions_stand_where_they_say_and_overlap_only_inside_lines(text: str, registry: Registry) -> None:
    found = find_mentions(text, registry)
    assert list(found) == sorted(found, key=lambda m: (m.start, -m.end))
    for mention in found:
        assert text[mention.start : mention.end] == mention.surface
        assert mention.surface
        assert (mention.target == "") == (mention.status == "ambiguous")
        if mention.target:
            assert registry.entity(mention.target)
            assert mention.target.partition(":")[0] == mention.kind
    for first, second in pairwise(found):
        assert first.end <= second.start or is_nested(second, first)


@QUICK
@given(text=TEXTS)
def test_same_text_gives_the_same_mentions(text: str, registry: Registry) -> None:
    assert find_mentions(text, registry) == find_mentions(text, registry)


@QUICK
@given(text=TEXTS, more=st.sampled_from(["It rained all evening.", "Nobody came.", "The tea was cold."]))
def test_a_plain_paragraph_after_the_text_moves_nothing(text: str, more: str, registry: Registry) -> None:
    alone = find_mentions(text, registry)
    longer = find_mentions(f"{text}\n\n{more}", registry)
    assert [(m.start, m.end, m.target) for m in longer] == [(m.start, m.end, m.target) for m in alone]


@pytest.mark.parametrize(
    "piece",
    [
        "China–Kazakhstan–",
        "China and ",
        "A-",
        "Xx Corridor ",
        "Aaaa Bbbb Cccc (ABC) ",
        "Power of Siberia ",
        "中国",
        "(",
        ".\n",
        "Xyz of Abc the ",
    ],
)
def test_repetition_takes_time_in_proportion(piece: str, registry: Registry) -> None:
    def seconds(length: int) -> float:
        text = (piece * (length // len(piece) + 1))[:length]
        start = time.process_time()
        find_mentions(text, registry)
        return time.process_time() - start

    seconds(2_000)
    short, long = seconds(10_000), seconds(60_000)
    # six times the text: quadratic rules would take thirty-six times as long
    assert long < 15 * max(short, 0.02)
