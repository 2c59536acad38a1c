"""Each trap that the five source articles set, on them and as a small sentence of our own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from corridors.atlas import Atlas
from layers.articles.engine import find_mentions
from layers.articles.records import Mention
from layers.articles.registry import Registry, build_registry

FOLDER = Path(__file__).parents[3].parent / "shared" / "articles"
Find = Callable[[str], tuple[Mention, ...]]


@pytest.fixture(scope="module")
def registry(atlas: Atlas) -> Registry:
    return build_registry(atlas.catalogue)


@pytest.fixture(scope="module")
def find(registry: Registry) -> Find:
    return lambda text: find_mentions(text, registry)


def article(number: str) -> str:
    found = sorted(FOLDER.glob(f"{number}_*.txt"))
    if not found:
        pytest.skip(f"the source articles are not here ({FOLDER})")
    return found[0].read_bytes().decode()


def texts(number: str, own: str) -> list[object]:
    """The article, where it is at hand, and the sentence of our own."""
    return [pytest.param(number, "", id=f"article-{number}"), pytest.param("", own, id="own")]


def read(number: str, own: str) -> str:
    return own or article(number)


def called(mentions: tuple[Mention, ...], surface: str) -> list[Mention]:
    folded = surface.replace("\u00a0", " ")
    return [mention for mention in mentions if mention.surface.replace("\u00a0", " ") == folded]


@pytest.mark.parametrize(
    ("number", "own"), texts("000", "Engineers signed for the China-KR-Ruuz\u00a0railway, not for a line to Korea.")
)
def test_initials_in_the_name_of_a_line_are_its_countries(number: str, own: str, find: Find) -> None:
    found = find(read(number, own))
    (line,) = called(found, "China-KR-Ruuz railway")
    assert line.target == "line:cku-railway"
    assert line.match == "composed"
    inside = [mention.target for mention in found if line.start <= mention.start < line.end and mention != line]
    assert inside == ["country:CHN", "country:KGZ", "country:UZB"]
    assert not any(mention.target == "country:KOR" for mention in called(found, "KR"))


def test_the_same_initials_elsewhere_are_nothing(find: Find) -> None:
    assert find("The KR of the team rose to nine.") == ()


@pytest.mark.parametrize(
    ("number", "own"),
    texts("003", "They will gather at Shian, chief city of the Chinese province of Shensi, not of Shanxi."),
)
def test_old_spellings_lead_to_xian_in_shaanxi(number: str, own: str, find: Find) -> None:
    found = find(read(number, own))
    assert {mention.target for mention in called(found, "Shian")} == {"place:xian"}
    assert {mention.target for mention in called(found, "Shensi")} == {"region:shaanxi"}
    if own:
        assert called(found, "Shanxi")[0].target == "region:shanxi"


@pytest.mark.parametrize("apostrophe", ["'", "’", "ʼ", "‘", "`", "′"])
def test_apostrophes_of_xian_are_one(apostrophe: str, find: Find) -> None:
    (mention,) = find(f"A train left Xi{apostrophe}an at dawn.")
    assert mention.target == "place:xian"
    assert mention.surface == f"Xi{apostrophe}an"


@pytest.mark.parametrize(("number", "times"), [("001", 1), ("004", 2)])
def test_xian_of_the_articles(number: str, times: int, find: Find) -> None:
    found = [mention for mention in find(article(number)) if mention.target == "place:xian"]
    assert len(found) == times


@pytest.mark.parametrize(
    ("number", "own"),
    texts("002", "Some call Centreal Asia a bridge, and the Shangai Cooperation Organization (SCO) agrees with them."),
)
def test_misspelt_names_are_found_and_marked(number: str, own: str, find: Find) -> None:
    found = find(read(number, own))
    for surface, target in (
        ("Centreal Asia", "region:central-asia"),
        ("Shangai Cooperation Organization", "organisation:sco"),
    ):
        (mention,) = called(found, surface)
        assert (mention.target, mention.match) == (target, "fuzzy")


@pytest.mark.parametrize(
    ("number", "own"), texts("000", "china and central asian states meet again\n\nThe meeting took two days.")
)
def test_headline_without_capitals_is_read(number: str, own: str, find: Find) -> None:
    found = find(read(number, own))
    assert [mention.target for mention in called(found, "china")] == ["country:CHN"]
    assert [mention.target for mention in called(found, "central asian")] == ["region:central-asia"]


def test_small_letters_amid_prose_name_nothing(find: Find) -> None:
    assert find("She bought fine china, roast turkey and a jersey. They told us it was of no use to us.") == ()


@pytest.mark.parametrize(
    ("number", "surface", "target"),
    [
        ("000", "5+1", "organisation:c-plus-c5"),
        ("001", "4+1", ""),
        ("002", "C+C5", "organisation:c-plus-c5"),
    ],
)
def test_formats_of_the_articles_are_not_mixed_up(number: str, surface: str, target: str, find: Find) -> None:
    (mention,) = called(find(article(number)), surface)
    assert mention.target == target


@pytest.mark.parametrize(
    ("text", "surface", "target"),
    [
        ("China met the five states in the “5+1” format.", "5+1", "organisation:c-plus-c5"),
        ("The United States met them in the 5+1 format.", "5+1", "organisation:c5-plus-1"),
        ("The 5+1 format was praised.", "5+1", ""),
        ("China's 4+1 framework puzzled the editors.", "4+1", ""),
        ("The C+C5 met first, the C5+1 later.", "C+C5", "organisation:c-plus-c5"),
        ("The C+C5 met first, the C5+1 later.", "C5+1", "organisation:c5-plus-1"),
    ],
)
def test_formats_of_meetings_differ(text: str, surface: str, target: str, find: Find) -> None:
    (mention,) = called(find(text), surface)
    assert mention.target == target
    if not target:
        assert mention.status == "ambiguous"


@pytest.mark.parametrize(
    ("number", "own"), texts("002", "Some gas leaves through Power of Siberia, some of it crosses Central Asia.")
)
def test_power_of_siberia_alone_stays_ambiguous(number: str, own: str, find: Find) -> None:
    (mention,) = called(find(read(number, own)), "Power of Siberia")
    assert mention.status == "ambiguous"
    assert mention.target == ""
    assert "line:power-of-siberia-2" in mention.candidates
    assert any(target.startswith("line:power-of-siberia-1") for target in mention.candidates)
    assert not any("central-asia" in target for target in mention.candidates)


@pytest.mark.parametrize(
    ("number", "own", "hidden"),
    [
        pytest.param("003", "", ("South China Morning Post", "Lanzhou University", "US dollars"), id="article-003"),
        pytest.param("000", "", ("Shanghai Academy of Social Sciences", "CPC"), id="article-000"),
        pytest.param(
            "",
            "Speaking to the South China Morning Post, a scholar of Lanzhou University gave 70 billion US dollars. "
            "CPC - Caspian Policy Club. The Bank of China, the China Daily and the Turkish Airlines desk kept silent.",
            (
                "South China Morning Post",
                "Lanzhou University",
                "US dollars",
                "CPC",
                "Bank of China",
                "China Daily",
                "Turkish Airlines",
            ),
            id="own",
        ),
    ],
)
def test_media_bodies_and_currencies_hold_no_place(number: str, own: str, hidden: tuple[str, ...], find: Find) -> None:
    text = read(number, own)
    found = find(text)
    for name in hidden:
        start = text.replace("\u00a0", " ").index(name)
        inside = [m for m in found if start <= m.start < start + len(name)]
        assert [m for m in inside if m.kind in {"country", "place", "city", "line"}] == [], name


@pytest.mark.parametrize(
    ("number", "own"),
    texts("000", "Beijing answered at once. “Beijing has no choice,” he said; Beijing’s reply came late."),
)
def test_beijing_that_acts_is_a_government(number: str, own: str, find: Find) -> None:
    found = [mention for mention in find(read(number, own)) if mention.surface == "Beijing"]
    assert len(found) == 3
    assert {(mention.target, mention.sense) for mention in found} == {("place:beijing", "government")}


def test_beijing_of_all_articles_is_a_government(find: Find) -> None:
    found = [m for number in ("002", "003") for m in find(article(number)) if m.surface == "Beijing"]
    assert len(found) == 3
    assert {mention.sense for mention in found} == {"government"}


def test_beijing_where_one_goes_is_a_place(find: Find) -> None:
    found = find("The train from Beijing to Moscow waits in Ulaanbaatar.")
    assert {mention.sense for mention in found} == {"place"}


@pytest.mark.parametrize(
    ("number", "own"),
    texts(
        "002",
        "The study of the China-Kyrgyzstan-Uzbekistan Railway took a year.",
    ),
)
def test_railway_is_a_line_and_three_countries(number: str, own: str, find: Find) -> None:
    found = find(read(number, own))
    (line,) = called(found, "China-Kyrgyzstan-Uzbekistan Railway")
    assert line.target == "line:cku-railway"
    inside = [mention.target for mention in found if line.start <= mention.start < line.end and mention != line]
    assert inside == ["country:CHN", "country:KGZ", "country:UZB"]


def test_boilerplate_of_the_articles_is_flagged_not_dropped(find: Find) -> None:
    first = find(article("000"))
    assert all(m.boilerplate for m in called(first, "Bishkek"))
    assert len(called(first, "Bishkek")) == 2
    second = find(article("002"))
    tail = [m for m in second if m.surface == "Venezuela"]
    assert [m.boilerplate for m in tail] == [True]
    body = [m for m in second if m.target == "line:cku-railway"]
    assert [m.boilerplate for m in body] == [False]
    fourth = find(article("004"))
    assert [m.boilerplate for m in called(fourth, "Shanghai Cooperation Organization")] == [True, False]


def test_boilerplate_of_our_own_is_flagged(find: Find) -> None:
    prose = "Kazakhstan and China agreed on a tariff for containers that cross at Dostyk. " * 6
    links = "Language : English 简体 繁體"
    note = "[1] Report on Baku, https://example.org/baku, accessed 2 May."
    text = f"{links}\n\n{prose}\n\n{note}\n\nRelated Articles\n\nUnrest in Bishkek\n"
    flagged = {m.surface: m.boilerplate for m in find(text)}
    assert flagged == {"Kazakhstan": False, "China": False, "Dostyk": False, "Baku": True, "Bishkek": True}


def test_every_mention_of_the_articles_is_at_its_place(find: Find) -> None:
    for number in ("000", "001", "002", "003", "004"):
        text = article(number)
        found = find(text)
        assert len(found) > 50
        assert all(text[m.start : m.end] == m.surface for m in found)
        assert not [m for m in found if m.kind == "city"], "no article names a city that the catalogue lacks"
