"""Small texts with their mentions marked in place, and the five articles where they are at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.articles.records import Mention
from tests.layers.articles.gold_set import parse

ARTICLES = Path(__file__).parents[4] / "shared" / "articles"


def marked(text: str) -> tuple[str, tuple[Mention, ...]]:
    """Return a text written with the marks of the gold paragraphs, without them and with its mentions."""
    read = parse("en-test", "tune", text)
    mentions = tuple(
        Mention(
            start=one.start,
            end=one.end,
            surface=one.surface,
            kind=one.targets[0].partition(":")[0],
            target=one.targets[0],
            sense=one.sense,  # type: ignore[arg-type]  # the marks know the four senses only
            match="exact",
            rule="by hand",
            confidence=1.0,
        )
        for one in read.mentions
    )
    return read.text, mentions


def article(number: int) -> str:
    """Return one of the five articles, or skip the test where the folder is not at hand."""
    found = sorted(ARTICLES.glob(f"{number:03d}_*.txt"))
    if not found:
        pytest.skip("the five articles are not at hand")
    return found[0].read_text(encoding="utf-8")
