# ruff: noqa: E501 - a case is one row

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corridors.atlas import Atlas
from layers.articles.engine import find_mentions
from layers.articles.happenings import find_dateline, find_events
from layers.articles.records import FoundEvent
from layers.articles.registry import build_registry
from tests.layers.articles.marked import article, marked

Find = Callable[[str], tuple[FoundEvent, ...]]
FindInArticle = Callable[[int], tuple[FoundEvent, ...]]

FIVE = "{Kazakhstan|KAZ.g}, {Kyrgyzstan|KGZ.g}, {Tajikistan|TJK.g}, {Uzbekistan|UZB.g} and {Turkmenistan|TKM.g}"


@pytest.fixture
def told(atlas: Atlas) -> Find:
    def find(text: str) -> tuple[FoundEvent, ...]:
        return find_events(*marked(text), atlas.catalogue)

    return find


@pytest.fixture(scope="module")
def in_article(atlas: Atlas) -> FindInArticle:
    registry = build_registry(atlas.catalogue)

    def find(number: int) -> tuple[FoundEvent, ...]:
        text = article(number)
        return find_events(text, find_mentions(text, registry), atlas.catalogue)

    return find


@pytest.mark.parametrize(
    ("text", "event"),
    [
        (f"On 16 July 2020 the foreign ministers of {{China|CHN.g}}, {FIVE} held their first meeting by video.", "c5-foreign-ministers-1-2020"),
        ("In January 2022 {China|CHN.g} and {Central Asia|R:central-asia} held a virtual summit.", "c5-virtual-summit-2022"),
        ("The first summit of {China|CHN.g} and {Central Asia|R:central-asia} took place in {Xi'an|P:xian} in May 2023.", "c5-summit-1-2023"),
        ("{China|CHN.g} and {Central Asia|R:central-asia} met for a second summit in {Astana|P:astana} on 17 June 2025.", "c5-summit-2-2025"),
        ("The {SCO|O:sco} summit was held in {Samarkand|P:samarkand} on 15–16 September 2022.", "sco-samarkand-2022"),
        ("The {CKU|L:cku-railway} agreement was signed in {Beijing|P:beijing} on 6 June 2024.", "cku-agreement-2024"),
        ("Construction of the {CKU|L:cku-railway} began near {Jalal-Abad|P:jalal-abad} in December 2024.", "cku-start-2024"),
        ("The {Baku–Tbilisi–Kars railway|L:kars-akhalkalaki-railway} was opened in {Baku|P:baku} on 30 October 2017.", "btk-opening-2017"),
        ("27 апреля 2023 года в {Сиане|P:xian} прошла встреча министров {Китая|CHN.g} и стран {Центральной Азии|R:central-asia}.", "c5-foreign-ministers-4-2023"),
        ("2023年5月18日至19日，{中国|CHN.g}—{中亚|R:central-asia}峰会在{西安|P:xian}举行。", "c5-summit-1-2023"),
        ("{Çin|CHN.g} ile {Orta Asya|R:central-asia} zirvesi 18-19 Mayıs 2023'te {Xi'an|P:xian}'da yapıldı.", "c5-summit-1-2023"),
    ],
)  # fmt: skip
def test_a_told_happening_agrees_with_its_event(told: Find, text: str, event: str) -> None:
    (found,) = told(text)
    assert (found.event, found.comparison) == (event, "agree"), found


def test_another_count_and_a_longer_meeting_differ_and_say_so(told: Find) -> None:
    (found,) = told(
        "The VI. {China|CHN.g}–{Central Asia|R:central-asia} ministers' meeting took place on April 26-27, 2023."
    )
    assert (found.event, found.comparison, found.number) == ("c5-foreign-ministers-4-2023", "differ", "6")
    assert "counted VI. here, 4 in the catalogue" in found.note
    assert "date 2023-04-26/2023-04-27 here, 2023-04-27 in the catalogue" in found.note


def test_the_count_of_two_spellings_is_one_number(told: Find) -> None:
    for count in ("4th", "IV.", "fourth"):
        (found,) = told(
            f"The {count} {{China|CHN.g}}–{{Central Asia|R:central-asia}} ministers' meeting was held in April 2023."
        )
        assert (found.number, found.comparison) == ("4", "agree")


@pytest.mark.parametrize(("format_", "differs"), [("4+1", True), ("5+1", False), ("C+C5", False)])
def test_the_name_of_a_format_is_counted(told: Find, format_: str, differs: bool) -> None:  # noqa: FBT001 - a column of the table
    (found,) = told(
        f"In May 2023 {{China|CHN.g}} and {{Central Asia|R:central-asia}} met for their first {format_} summit in {{Xi'an|P:xian}}."
    )
    assert found.event == "c5-summit-1-2023"
    assert (found.comparison == "differ") is differs
    assert ("format told as" in found.note) is (format_ != "C+C5")


def test_a_summit_told_as_still_to_come_after_it_was_held_differs(told: Find) -> None:
    text = "The first summit of {China|CHN.g} and {Central Asia|R:central-asia} will take place in {Xi'an|P:xian}."
    (late,) = told(f"May 23, 2023\n\n{text}")
    (early,) = told(f"May 3, 2023\n\n{text}")
    assert (late.event, late.comparison, late.date) == ("c5-summit-1-2023", "differ", "")
    assert "still to come in a text of 2023-05-23" in late.note
    assert early.comparison == "agree"


def test_the_dateline_dates_no_happening(told: Find) -> None:
    for head in ("May 18, 2023", "Published: 18 May 2023", "18.05.2023", "XI'AN, 18 May (Agency) —"):
        joint = " " if head.endswith("—") else "\n\n"
        found = told(f"{head}{joint}{{China|CHN.g}} and {{Central Asia|R:central-asia}} held their first summit.")
        assert all(one.date == "" for one in found), head
    assert find_dateline("May 18, 2023\n\nText.") == "2023-05-18"
    assert find_dateline("They met on May 18, 2023 and talked.") == ""


def test_days_without_a_year_are_not_taken_for_the_summit(told: Find) -> None:
    (found,) = told("Unrest in {Bishkek|P:bishkek} overnight on May 18-19 worried {Kazakhstan|KAZ.g}.")
    assert (found.kind, found.date, found.event, found.comparison) == ("unrest", "XXXX-05-18/XXXX-05-19", "", "new")


def test_past_meetings_are_not_tied_to_later_ones(told: Find) -> None:
    (found,) = told(
        "24 July 2020\n\n{China|CHN.g} and {Central Asia|R:central-asia} states held their first joint meeting."
    )
    assert found.event == "c5-foreign-ministers-1-2020"


def test_an_unknown_meeting_is_new(told: Find) -> None:
    (found,) = told("The third forum of {Georgia|GEO.g} and {Moldova|MDA.g} met in {Batumi|P:batumi} on 3 March 2021.")
    assert (found.comparison, found.event, found.number, found.places) == ("new", "", "3", ("batumi",))


def test_a_wrong_day_of_a_counted_summit_differs(told: Find) -> None:
    (found,) = told(
        "The second summit of {China|CHN.g} and {Central Asia|R:central-asia} met in {Astana|P:astana} on 17 July 2025."
    )
    assert (found.event, found.comparison) == ("c5-summit-2-2025", "differ")
    assert "2025-07-17" in found.note


def test_talk_without_date_place_or_count_tells_no_event(told: Find) -> None:
    assert told("{China|CHN.g} likes a summit, and {Kazakhstan|KAZ.g} a meeting.") == ()


# -- the five articles

C5 = ("CHN", "KAZ", "KGZ", "TJK", "TKM", "UZB")


def only(events: tuple[FoundEvent, ...], event: str) -> list[FoundEvent]:
    return [one for one in events if one.event == event]


def test_the_first_ministers_meeting_of_2020_is_found_by_its_day(in_article: FindInArticle) -> None:
    found = only(in_article(0), "c5-foreign-ministers-1-2020")
    dated = [one for one in found if one.date]
    assert [one.date for one in dated] == ["XXXX-07-16"]
    assert dated[0].participants == C5
    assert "format told as 5+1" in dated[0].note


def test_a_related_article_of_2020_tells_no_summit(in_article: FindInArticle) -> None:
    unrest = [one for one in in_article(0) if one.date == "XXXX-05-17/XXXX-05-18"]
    assert unrest
    assert {one.kind for one in unrest} == {"unrest"}
    assert all("outside the article" in one.note and one.comparison == "new" for one in unrest)
    assert not only(in_article(0), "c5-summit-1-2023")


def test_the_fourth_meeting_agrees_and_the_four_plus_one_differs(in_article: FindInArticle) -> None:
    (fourth,) = only(in_article(1), "c5-foreign-ministers-4-2023")
    assert (fourth.number, fourth.comparison, fourth.places) == ("4", "agree", ("xian",))
    (summit,) = only(in_article(1), "c5-summit-1-2023")
    assert summit.comparison == "differ"
    assert "4+1 here, 6 participants in the catalogue" in summit.note


def test_the_sixth_is_the_fourth(in_article: FindInArticle) -> None:
    (found,) = only(in_article(2), "c5-foreign-ministers-4-2023")
    assert (found.number, found.date, found.comparison) == ("6", "2023-04-26/2023-04-27", "differ")


def test_a_month_before_a_footnote_is_not_a_day(in_article: FindInArticle) -> None:
    assert "2023-05" in {one.date for one in only(in_article(2), "c5-summit-1-2023")}


def test_the_summit_without_a_year_is_the_one_in_xian(in_article: FindInArticle) -> None:
    dated = [one for one in only(in_article(3), "c5-summit-1-2023") if one.date]
    assert [(one.date, one.places, one.comparison) for one in dated] == [("XXXX-05-18/XXXX-05-19", ("xian",), "agree")]
    assert only(in_article(3), "xi-nazarbayev-university-2013")


def test_three_firsts_are_three_events(in_article: FindInArticle) -> None:
    assert {one.event for number in (0, 3, 4) for one in in_article(number) if one.number == "1"} == {
        "c5-foreign-ministers-1-2020",
        "c5-summit-1-2023",
    }
    (video,) = only(in_article(4), "c5-virtual-summit-2022")
    assert (video.date, video.comparison) == ("2022-01", "agree")


def test_will_be_held_after_the_summit_differs(in_article: FindInArticle) -> None:
    late = [one for one in only(in_article(4), "c5-summit-1-2023") if "still to come" in one.note]
    assert [one.comparison for one in late] == ["differ"]
    assert all(one.date == "" for one in late)


def test_a_known_date_of_the_article_serves_where_the_text_has_no_dateline(atlas: Atlas) -> None:
    text, mentions = marked(
        "The first summit of {China|CHN.g} and {Central Asia|R:central-asia} will take place in {Xi'an|P:xian}."
    )
    (late,) = find_events(text, mentions, atlas.catalogue, issued="2023-06-01")
    (early,) = find_events(text, mentions, atlas.catalogue, issued="2023-04-01")
    assert (late.comparison, early.comparison) == ("differ", "agree")


@given(
    st.lists(
        st.sampled_from(
            ["summit ", "met ", "4th ", "VI. ", "in May 2023 ", "China ", ". ", "\n", "“5+1” ", "2023年", "峰会"]
        )
    )
)
def test_any_order_of_words_gives_events_at_their_places(atlas: Atlas, words: list[str]) -> None:
    text = "".join(words)
    for found in find_events(text, (), atlas.catalogue):
        assert 0 <= found.start < found.end <= len(text)
