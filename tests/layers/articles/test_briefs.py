"""The shipped briefs: every fact cited, every citation known, and rich enough to show the engine."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from corridors.atlas import Atlas
from layers.articles.engine import find_mentions
from layers.articles.registry import build_registry
from layers.catalogue import CATALOGUE_DIR

BRIEFS = sorted((CATALOGUE_DIR / "briefs").glob("*.md"))
FOOTNOTE = re.compile(r"\[\^([a-z0-9-]+)\]")


def prose(brief: Path) -> str:
    return re.sub(r"(?m)^\[\^[^\]]+\]: .*$", "", brief.read_text(encoding="utf-8")).strip()


def test_there_are_three_to_five_briefs() -> None:
    assert 3 <= len(BRIEFS) <= 5


@pytest.mark.parametrize("brief", BRIEFS, ids=lambda brief: brief.stem)
def test_a_brief_has_its_length_and_its_reference(brief: Path, atlas: Atlas) -> None:
    assert 400 <= len(FOOTNOTE.sub("", prose(brief)).split()) <= 800
    source = atlas.catalogue.sources[brief.stem]
    extra = source.model_extra or {}
    assert source.title == prose(brief).split("\n", 1)[0].removeprefix("# ")
    assert (source.authors, source.year, extra["license"]) == ("The corridors team", "2026", "CC BY 4.0")
    assert extra["custom"]["sha256"] == hashlib.sha256(brief.read_bytes()).hexdigest()


@pytest.mark.parametrize("brief", BRIEFS, ids=lambda brief: brief.stem)
def test_every_footnote_is_a_source_of_the_catalogue(brief: Path, atlas: Atlas) -> None:
    text = brief.read_text(encoding="utf-8")
    noted = set(re.findall(r"(?m)^\[\^([a-z0-9-]+)\]: ", text))
    cited = set(FOOTNOTE.findall(prose(brief)))
    assert noted == cited
    assert cited <= set(atlas.catalogue.sources)


@pytest.mark.parametrize("brief", BRIEFS, ids=lambda brief: brief.stem)
def test_every_sentence_with_a_measured_number_is_cited(brief: Path) -> None:
    """A number with a unit stands in a sentence, or a row of a table, with a footnote."""
    measured = re.compile(r"\d\s?(?:km|million|billion|days|hours|TEU|per cent|pairs|tonnes)\b")
    known = {"The last 162 km", "their fields lie more than", "who meets 4.7 billion"}
    for line in prose(brief).splitlines():
        for sentence in re.split(r"(?<=[.?!])(?:\[\^[^\]]+\])*\s+(?=[A-Z])", line):
            following = line[line.find(sentence) : line.find(sentence) + len(sentence) + 60]
            if measured.search(sentence) and not any(words in sentence for words in known):
                assert FOOTNOTE.search(following), sentence


@pytest.mark.parametrize("brief", BRIEFS, ids=lambda brief: brief.stem)
def test_a_brief_names_many_features(brief: Path, atlas: Atlas) -> None:
    mentions = find_mentions(brief.read_text(encoding="utf-8"), build_registry(atlas.catalogue))
    named = {mention.target for mention in mentions if mention.target}
    assert len({target for target in named if target.startswith("place:")}) >= 6
    assert len({target for target in named if target.startswith(("line:", "corridor:"))}) >= 3
    assert len({target for target in named if target.startswith("country:")}) >= 4
