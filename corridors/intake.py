"""Articles for the command line: take them in, and tell of them as ``articles --json`` promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corridors.atlas import Atlas
from geo.errors import ArticleError, WriteError
from layers.articles.decisions import apply_decisions, read_decisions
from layers.articles.duplicates import DuplicateFinder
from layers.articles.ingest import Known, Outcome, WorkerPool, find_files, ingest
from layers.articles.records import Annotated, FoundEvent, FoundFigure, Mention
from layers.articles.shipped import known_references
from layers.articles.store import articles_folder, catalogue_sha256, read_stored, stored_ids, write_groups
from layers.catalogue import CATALOGUE_DIR

Progress = Callable[[int, int, str], None]
"""Files done, files in all, name of the last one."""


@dataclass
class Intake:
    """One run over files; iterate it, then ask for the groups and what failed."""

    atlas: Atlas
    paths: Sequence[Path]
    progress: Progress = lambda _done, _all, _name: None
    failed: list[tuple[Path, str]] = field(default_factory=list)
    skipped: tuple[Path, ...] = ()
    unchanged: int = 0
    groups: tuple[tuple[str, ...], ...] = ()

    def __iter__(self) -> Iterator[Annotated]:
        """Yield each article that was read, decisions of the study applied.

        Raises
        ------
        ArticleError
            There is nothing to read, or the study's decisions are damaged.
        WriteError
            The study has no folder, or cannot be written.
        """
        study = self.atlas.study
        found = find_files(self.paths)
        self.skipped = found.skipped
        folder = articles_folder(study) if study else None
        decisions = read_decisions(folder) if folder else None
        known = Known(known_references(self.atlas.catalogue), catalogue_sha256(self._roots()))
        duplicates = DuplicateFinder()
        with WorkerPool(self._roots(), count=min(2, len(found.files))) as pool:
            outcomes = ingest(found.files, pool.read, known, folder=folder, count=pool.count)
            for number, outcome in enumerate(outcomes, start=1):
                self.progress(number, len(found.files), outcome.file.name)
                annotated = self._taken(outcome)
                if annotated is not None:
                    duplicates.add(annotated.article.id, annotated.article.text)
                    yield apply_decisions(annotated, decisions) if decisions else annotated
        if folder:
            self._add_stored(folder, duplicates)
        self.groups = duplicates.groups()
        if folder:
            write_groups(folder, self.groups)

    def _roots(self) -> list[Path]:
        study = self.atlas.study
        return [CATALOGUE_DIR, *([study / "catalogue"] if study else [])]

    def _taken(self, outcome: Outcome) -> Annotated | None:
        if outcome.error:
            self.failed.append((outcome.file, outcome.error))
        self.unchanged += outcome.unchanged
        return outcome.annotated

    def _add_stored(self, folder: Path, duplicates: DuplicateFinder) -> None:
        """Compare with articles of earlier runs too (changes ``duplicates``)."""
        for key in stored_ids(folder):
            if not duplicates.has(key):
                try:
                    duplicates.add(key, read_stored(folder, key).annotated.article.text)
                except ArticleError as error:
                    self.failed.append((folder / key, str(error)))


def require_study(study: Path) -> None:
    """Refuse a folder that is not a study.

    Raises
    ------
    WriteError
        It has no ``catalogue`` folder, as ``corridors new`` makes one.
    """
    if not (study / "catalogue").is_dir():
        raise WriteError(f"{study} is not a study: it has no folder 'catalogue'; make one with 'corridors new {study}'")


def read_texts(atlas: Atlas, folder: Path) -> tuple[tuple[Annotated, ...], list[str]]:
    """Return the articles in a folder and what could not be read; nothing is stored."""
    intake = Intake(Atlas(atlas.catalogue, atlas.fingerprint), (folder,))
    return tuple(intake), [error for _, error in intake.failed]


def article_json(annotated: Annotated) -> dict[str, Any]:
    """Return one entry of ``articles --json``."""
    article = annotated.article
    return {
        "id": article.id,
        "file": article.file,
        "sha256": article.sha256,
        "language": article.language,
        "reference": dict(article.reference),
        "mentions": [mention_json(mention) for mention in annotated.mentions],
        "events": [event_json(event) for event in annotated.events],
        "figures": [figure_json(figure) for figure in annotated.figures],
    }


def mention_json(mention: Mention) -> dict[str, Any]:
    """Return one mention as the contract of the command line has it."""
    return {
        "start": mention.start,
        "end": mention.end,
        "surface": mention.surface,
        "kind": mention.kind,
        "target": mention.target or None,
        "sense": mention.sense,
        "match": mention.match,
        "confidence": mention.confidence,
        "status": mention.status,
        "boilerplate": mention.boilerplate,
        "candidates": list(mention.candidates),
        "rule": mention.rule,
    }


def event_json(event: FoundEvent) -> dict[str, Any]:
    """Return one event that an article tells."""
    return {
        "start": event.start,
        "end": event.end,
        "name": event.name,
        "kind": event.kind,
        "date": event.date or None,
        "places": list(event.places),
        "participants": list(event.participants),
        "number": event.number or None,
        "comparison": event.comparison,
        "event": event.event or None,
        "note": event.note,
    }


def figure_json(figure: FoundFigure) -> dict[str, Any]:
    """Return one figure that an article tells."""
    return {
        "start": figure.start,
        "end": figure.end,
        "surface": figure.surface,
        "value": figure.value,
        "unit": figure.unit,
        "measure": figure.measure or None,
        "subject": figure.subject or None,
        "countries": list(figure.countries),
        "period": figure.period or None,
        "change_percent": figure.change_percent,
        "comparison": figure.comparison,
        "compared_with": figure.compared_with or None,
        "note": figure.note,
    }
