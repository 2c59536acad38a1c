"""Read the gold paragraphs and score found mentions against them; gold/README.md says how they are annotated."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from layers.articles.records import Mention

GOLD_DIR = Path(__file__).parent / "gold"
SPLITS = ("tune", "held", "late")
CLASSES = ("country", "place", "infrastructure", "region", "body")
_CLASS_OF_KIND = {
    "country": "country",
    "place": "place",
    "city": "place",
    "line": "infrastructure",
    "corridor": "infrastructure",
    "region": "region",
    "group": "body",
    "organisation": "body",
    "initiative": "body",
}
_KIND_OF_LETTER = {
    "P": "place",
    "L": "line",
    "C": "corridor",
    "R": "region",
    "O": "organisation",
    "I": "initiative",
    "G": "group",
}
_SENSES = {"p": "place", "g": "government", "a": "adjective", "d": "demonym"}
# a word for the kind of thing after a name of infrastructure may belong to the span or not
_TYPE_WORDS = re.compile(
    r"^(?:the |газопровод |железная дорога )?(.*?)"
    r"(?:[ \u00a0](?:economic |gas |oil |freight )?(?:railway|railroad|rail|line|pipeline|corridor|route|project|artery"
    r"|highway|tunnel|trains|demiryolu|koridoru|boru hattı))*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class GoldMention:
    start: int
    end: int
    surface: str
    targets: tuple[str, ...]
    """Any of these is right; for an ambiguous name all must be offered."""
    sense: str
    is_ambiguous: bool = False
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class GoldText:
    id: str
    split: str
    text: str
    mentions: tuple[GoldMention, ...]
    negatives: tuple[tuple[int, int], ...]
    ignored: tuple[tuple[int, int], ...]

    @property
    def language(self) -> str:
        return self.id[:2]


def class_of(target: str) -> str:
    return _CLASS_OF_KIND.get(target.partition(":")[0], "")


def same_name(target: str) -> str:
    """Return the target in one form: a city by its GeoNames number, bodies and regions by their id alone."""
    geonames = re.search(r"(?:geonames|gn|#)[-:]?(\d+)$", target)
    if geonames:
        return f"geonames:{geonames[1]}"
    kind, _, key = target.partition(":")
    key = {"central-asia-5": "central-asia"}.get(key, key)
    return f"named:{key}" if _CLASS_OF_KIND.get(kind) in {"region", "body"} else f"{kind}:{key}"


def _target(short: str) -> str:
    if short.startswith("#"):
        return f"place:geonames-{short[1:]}"
    kind, colon, key = short.partition(":")
    return f"{_KIND_OF_LETTER[kind]}:{key}" if colon else f"country:{short}"


def _mention(start: int, surface: str, label: str) -> GoldMention:
    is_ambiguous = label.startswith("?")
    parts = re.split(r"[+/]", label.removeprefix("?"))
    is_optional = "_" in parts
    sense = "place"
    targets = []
    for part in parts:
        short, dot, letter = part.partition(".")
        if dot:
            sense = _SENSES[letter]
        if short != "_":
            targets.append(_target(short))
    return GoldMention(start, start + len(surface), surface, tuple(targets), sense, is_ambiguous, is_optional)


def parse(identifier: str, split: str, marked: str) -> GoldText:
    """Return the text without its marks, and what the marks say.

    >>> parse("en-1", "tune", "From {Baku|P:baku}.").mentions[0].targets
    ('place:baku',)
    """
    text: list[str] = []
    open_marks: list[int] = []
    mentions: list[GoldMention] = []
    negatives: list[tuple[int, int]] = []
    ignored: list[tuple[int, int]] = []
    position = 0
    while position < len(marked):
        letter = marked[position]
        if letter == "{":
            open_marks.append(len(text))
        elif letter in "|}":
            start = open_marks.pop()
            surface = "".join(text[start:])
            end = marked.index("}", position)
            label = marked[position + 1 : end]
            if surface.startswith("!"):
                del text[start]
                negatives.append((start, len(text)))
            elif label == "_":
                ignored.append((start, len(text)))
            else:
                mentions.append(_mention(start, surface, label))
            position = end
        else:
            text.append(letter)
        position += 1
    if open_marks:
        raise ValueError(f"{identifier}: a brace is left open")
    ordered = tuple(sorted(mentions, key=lambda item: (item.start, -item.end)))
    return GoldText(identifier, split, "".join(text), ordered, tuple(negatives), tuple(ignored))


@cache
def gold_texts(split: str) -> tuple[GoldText, ...]:
    """Return the paragraphs of one half, in file order."""
    blocks = re.split(r"^== (.+)$", (GOLD_DIR / f"{split}.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return tuple(parse(name, split, block.strip()) for name, block in zip(blocks[1::2], blocks[2::2], strict=True))


@dataclass
class Counts:
    """How many were right, wrong and missed, and how many of the right ones have the right sense."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    right_sense: int = 0

    def add(self, other: Counts) -> None:
        self.right += other.right
        self.wrong += other.wrong
        self.missed += other.missed
        self.right_sense += other.right_sense

    def scores(self, *, with_sense: bool = False) -> tuple[float, float, float]:
        """Return precision, recall and F1; 1 where there is nothing to find and nothing was found."""
        right = self.right_sense if with_sense else self.right
        found, due = self.right + self.wrong, self.right + self.missed
        precision = right / found if found else 1.0
        recall = right / due if due else 1.0
        return precision, recall, (2 * precision * recall / (precision + recall) if precision + recall else 0.0)


@dataclass
class Report:
    """Counts by class, and a line for each fault."""

    counts: dict[str, Counts] = field(default_factory=lambda: {name: Counts() for name in CLASSES})
    faults: list[str] = field(default_factory=list)
    negatives_hit: list[str] = field(default_factory=list)

    def together(self, *classes: str) -> Counts:
        total = Counts()
        for name in classes:
            total.add(self.counts[name])
        return total


def _bare_span(text: str, start: int, end: int) -> tuple[int, int]:
    found = _TYPE_WORDS.match(text[start:end])
    if found is None or not found[1]:
        return start, end
    return start + found.start(1), start + found.end(1)


def _is_same_span(text: str, gold: GoldMention, found: Mention, name: str) -> bool:
    if name != "infrastructure":
        return (gold.start, gold.end) == (found.start, found.end)
    return _bare_span(text, gold.start, gold.end) == _bare_span(text, found.start, found.end)


def _is_right_target(gold: GoldMention, found: Mention) -> bool:
    wanted = {same_name(target) for target in gold.targets}
    offered = {same_name(target) for target in found.candidates}
    if gold.is_ambiguous:
        return found.status == "ambiguous" and not found.target and wanted <= offered
    if found.status == "ambiguous" and not found.target:
        return len(wanted) > 1 and bool(wanted & offered)
    return same_name(found.target) in wanted


def _classes_of_found(found: Mention) -> list[str]:
    """Return the class of a mention; of one left ambiguous, those of all it may mean, the first being counted."""
    names = [class_of(target) for target in ([found.target] if found.target else found.candidates)]
    return [name for name in dict.fromkeys(names) if name]


def _overlaps(found: Mention, spans: Iterable[tuple[int, int]]) -> bool:
    return any(found.start < end and start < found.end for start, end in spans)


def score(texts: Sequence[GoldText], find: Callable[[str, str], Sequence[Mention]]) -> Report:
    """Return what ``find``, given a text and its language, got right and wrong over the texts."""
    report = Report()
    for gold_text in texts:
        _score_text(gold_text, find(gold_text.text, gold_text.language), report)
    return report


def _score_text(gold_text: GoldText, mentions: Sequence[Mention], report: Report) -> None:
    text = gold_text.text
    left = list(gold_text.mentions)
    for found in mentions:
        classes = _classes_of_found(found)
        if not classes or found.status in {"rejected", "orphan"} or _overlaps(found, gold_text.ignored):
            continue
        pairs = [
            (gold, name)
            for gold in left
            for name in classes
            if name in {class_of(target) for target in gold.targets} and _is_same_span(text, gold, found, name)
        ]
        match, name = next((pair for pair in pairs if _is_right_target(pair[0], found)), (None, classes[0]))
        where = f"{gold_text.id}: {found.surface!r} → {found.target or '?' + '|'.join(found.candidates)} ({found.rule})"
        if match is None:
            report.counts[name].wrong += 1
            report.faults.append(f"wrong {name} {where}")
            if name in {"country", "place", "infrastructure"} and _overlaps(found, gold_text.negatives):
                report.negatives_hit.append(where)
            continue
        left.remove(match)
        report.counts[name].right += 1
        report.counts[name].right_sense += found.sense == match.sense
        if found.sense != match.sense and name in {"country", "place"}:
            report.faults.append(f"sense {name} {where}: {found.sense}, should be {match.sense}")
    for gold in left:
        if not gold.is_optional:
            report.counts[class_of(gold.targets[0])].missed += 1
            report.faults.append(
                f"missed {class_of(gold.targets[0])} {gold_text.id}: {gold.surface!r} → {'|'.join(gold.targets)}"
            )
