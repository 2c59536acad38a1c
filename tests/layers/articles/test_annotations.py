"""Annotations: what goes out comes back, at its place or visibly lost."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geo.errors import ArticleError
from layers.articles.anchoring import Quote, quote_at, reanchor
from layers.articles.annotations import LOST, annotation_lines, read_annotations, text_sha256
from layers.articles.records import Annotated, Article, FoundEvent, FoundFigure, Mention

TEXT = (
    "Officials met in Xi’an on 18 May 2023. Kazakhstan and Kyrgyzstan spoke of rail.\u2028"
    "A year later Kazakhstan shipped 2.1 million tonnes 🚆 through Khorgos; Kazakhstan's customs counted them."
)


def article(text: str, key: str = "a") -> Article:
    return Article(key, text, text_sha256(text), "en", {"id": key, "title": "A"})


def mention(text: str, start: int, end: int, target: str, **changes: object) -> Mention:
    kind = target.partition(":")[0]
    made = Mention(start, end, text[start:end], kind, target, "place", "exact", "name", 0.9)
    return replace(made, **changes)  # type: ignore[arg-type]  # test values


def all_mentions(text: str) -> tuple[Mention, ...]:
    names = {
        "Xi’an": "place:xian",
        "Kazakhstan": "country:KAZ",
        "Kyrgyzstan": "country:KGZ",
        "Khorgos": "place:khorgos",
    }
    found = [mention(text, m.start(), m.end(), names[m[0]]) for m in re.finditer("|".join(names), text)]
    return tuple(sorted(found, key=lambda item: item.start))


ANNOTATED = Annotated(
    article(TEXT),
    (
        *all_mentions(TEXT),
        mention(TEXT, 0, 9, "", kind="unmatched", status="ambiguous", candidates=("place:xian", "place:osh")),
        mention(TEXT, 10, 13, "", kind="unmatched", boilerplate=True, sense_rule="verb"),
    ),
    (
        FoundEvent(0, 37, "meeting", "meeting", "2023-05-18", ("xian",), ("KAZ",), "4", "agree", "x", "note"),
        FoundEvent(39, 49, "", "", ""),
    ),
    (FoundFigure(112, 130, "2.1 million tonnes", 2.1e9, "kg", "freight", "", ("KAZ",), "2024", -3.5),),
)


def test_records_out_are_records_in() -> None:
    lines = "".join(annotation_lines(ANNOTATED))
    assert read_annotations(lines, ANNOTATED.article) == ANNOTATED


def test_a_line_is_a_web_annotation() -> None:
    first = json.loads(next(annotation_lines(ANNOTATED)))
    assert first["@context"] == "http://www.w3.org/ns/anno.jsonld"
    assert first["type"] == "Annotation"
    assert first["body"] == "corridors:place:xian"
    position, quote = first["target"]["selector"]
    assert position == {"type": "TextPositionSelector", "start": 17, "end": 22}
    assert quote == {
        "type": "TextQuoteSelector",
        "exact": "Xi’an",
        "prefix": "Officials met in ",
        "suffix": TEXT[22:54],
    }
    assert first["target"]["corridors:sha256"] == text_sha256(TEXT)
    ids = [json.loads(line)["id"] for line in annotation_lines(ANNOTATED)]
    assert len(ids) == len(set(ids))


def test_a_name_of_two_places_is_a_choice_and_an_unknown_one_has_no_body() -> None:
    records = [json.loads(line) for line in annotation_lines(ANNOTATED)]
    choice = [
        record for record in records if isinstance(record.get("body"), dict) and record["body"]["type"] == "Choice"
    ]
    assert choice[0]["body"]["items"] == ["corridors:place:xian", "corridors:place:osh"]
    assert sum("body" not in record for record in records) == 1


def test_stand_off_lines_hold_names_and_hashes_but_no_sentence() -> None:
    lines = "".join(annotation_lines(ANNOTATED, stand_off=True))
    assert "prefix" not in lines
    assert "Officials met" not in lines
    assert "spoke of rail" not in lines
    again = read_annotations(lines, ANNOTATED.article)
    assert again.mentions == ANNOTATED.mentions
    assert [event.start for event in again.events] == [0, 39]


def test_stand_off_lines_prove_their_positions() -> None:
    lines = "".join(annotation_lines(ANNOTATED, stand_off=True))
    moved = lines.replace('"start": 39, "end": 49', '"start": 95, "end": 105')
    assert moved != lines
    with pytest.raises(ArticleError, match="'Kazakhstan' is not at 95–105"):
        read_annotations(moved, ANNOTATED.article)


def test_a_quote_that_is_not_at_its_place_is_an_error() -> None:
    lines = "".join(annotation_lines(ANNOTATED)).replace('"start": 39, "end": 49', '"start": 40, "end": 50')
    with pytest.raises(ArticleError, match="annotations:2: 'Kazakhstan' is not at 40–50"):
        read_annotations(lines, ANNOTATED.article)


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "{}", '{"target": 1}', "[" * 3000, '{"target": {"selector": [{"start": 5, "end": 1}, {}]}}'],
    ids=["cut", "list", "empty", "number", "deep", "backwards"],
)
def test_a_broken_line_is_named(line: str) -> None:
    with pytest.raises(ArticleError, match=r"a\.jsonl:2"):
        read_annotations("\n" + line, article(TEXT), name="a.jsonl")


def test_an_unknown_status_is_refused() -> None:
    lines = "".join(annotation_lines(ANNOTATED)).replace('"corridors:status": "auto"', '"corridors:status": "<b>"', 1)
    with pytest.raises(ArticleError, match="annotations:1"):
        read_annotations(lines, ANNOTATED.article)


@pytest.mark.parametrize("stand_off", [False, True])
def test_text_put_in_front_moves_everything(stand_off: bool) -> None:  # noqa: FBT001 - a case
    lines = "".join(annotation_lines(ANNOTATED, stand_off=stand_off))
    longer = "Corrected on Monday. " + TEXT if not stand_off else "Corrected. " * 9 + TEXT
    again = read_annotations(lines, article(longer))
    shift = len(longer) - len(TEXT)
    kept = [m for m in again.mentions if m.status != "orphan"]
    assert all(longer[m.start : m.end] == m.surface for m in kept)
    assert {m.start - shift for m in kept} <= {m.start for m in ANNOTATED.mentions}
    assert len(kept) >= len(ANNOTATED.mentions) - 3
    assert again.events[0].start == shift


def test_what_was_cut_out_is_a_visible_orphan() -> None:
    lines = "".join(annotation_lines(ANNOTATED))
    shorter = TEXT[TEXT.index("A year") :]
    again = read_annotations(lines, article(shorter))
    assert len(again.mentions) == len(ANNOTATED.mentions)
    lost = [m for m in again.mentions if m.status == "orphan"]
    assert {"Xi’an", "Kyrgyzstan"} <= {m.surface for m in lost}
    assert LOST in again.events[0].note
    # and an orphan survives another round
    twice = read_annotations("".join(annotation_lines(again)), again.article)
    assert [m.status for m in twice.mentions] == [m.status for m in again.mentions]


def test_a_quote_without_context_is_not_enough() -> None:
    assert reanchor("Osh", [Quote(0, "Osh")]) == [None]


def test_quotes_and_dashes_of_another_style_do_not_matter() -> None:
    old = "The so-called “Xi'an–Almaty” service left Xi'an  on Monday, and nobody minded."
    new = old.replace("'", "’").replace("–", "-").replace("  ", "\n")
    start = old.index("Xi'an  ")
    assert reanchor(new, [quote_at(old, start, start + 5)]) == [(start, start + 5)]


# a changed text, and where each old character went

SENTENCES = (
    "In {n} Kazakhstan and Kyrgyzstan ran {n} trains. ",
    "Train {n} left Xi’an for Khorgos on day {n}. ",
    "Some {n} lorries of Kazakhstan wait in row {n}. ",
    "On day {n} Kyrgyzstan and Kazakhstan ran {n} trains. ",
)
Pieces = list[tuple[str, int | None]]
"""Characters with the position they came from, None for typed ones."""


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, Pieces]:
    """An old text full of look-alikes that differ in numbers only, and its pieces after some edits."""
    numbers = draw(st.lists(st.integers(10, 99), min_size=2, max_size=7, unique=True))
    old = "".join(draw(st.sampled_from(SENTENCES)).format(n=number) for number in numbers)
    pieces: Pieces = [(letter, position) for position, letter in enumerate(old)]
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(pieces)))
        end = min(len(pieces), start + draw(st.sampled_from([0, 0, 1, 3, 12, 60, 150])))
        pieces[start:end] = [(letter, None) for letter in draw(st.sampled_from(["", "x", " and", " they said", "7"]))]
    return old, pieces


def check_moves(old: str, pieces: Pieces, found: tuple[Mention, ...], *, knows_old: bool) -> None:
    new = "".join(letter for letter, _ in pieces)
    spans = reanchor(new, [quote_at(old, m.start, m.end) for m in found], old=old if knows_old else "")
    for m, span in zip(found, spans, strict=True):
        if span is not None:
            # an edit may have typed a letter of the name anew in the other case
            assert new[span[0] : span[1]].casefold() == m.surface.casefold()
            # a passage that is the same letter by letter is no look-alike: no reader could tell them apart
            is_same = quote_at(new, *span) == replace(quote_at(old, m.start, m.end), start=span[0])
            # its last letter decides: an edit may have typed the first one anew
            assert is_same or pieces[span[1] - 1][1] == m.end - 1, (m.surface, m.start, span)


@settings(max_examples=200, deadline=None)
@given(edits())
@example((TEXT * 2, list(zip(TEXT, range(len(TEXT)), strict=True))))
def test_no_quote_ever_moves_to_a_look_alike(case: tuple[str, Pieces]) -> None:
    old, pieces = case
    check_moves(old, pieces, all_mentions(old), knows_old=False)


@settings(max_examples=200, deadline=None)
@given(edits(), st.data())
def test_a_single_quote_does_not_either_where_the_old_text_is_known(
    case: tuple[str, Pieces], data: st.DataObject
) -> None:
    old, pieces = case
    check_moves(old, pieces, (data.draw(st.sampled_from(all_mentions(old))),), knows_old=True)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 90), st.sampled_from(["", "Corrected. ", "Corrected by the editors on Monday, 3 June. "]))
def test_an_edit_loses_only_what_stands_beside_it(cut: int, added: str) -> None:
    places = [(m.start, m.end) for m in all_mentions(TEXT)]
    new = TEXT[:cut] + added + TEXT[cut:]
    spans = reanchor(new, [quote_at(TEXT, start, end) for start, end in places])
    for (start, end), span in zip(places, spans, strict=True):
        if cut <= start - 32 or cut >= end + 32:
            shift = len(added) if cut <= start else 0
            assert span == (start + shift, end + shift)
