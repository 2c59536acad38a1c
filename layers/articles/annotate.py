"""From the bytes of one file to an annotated article: parse, tell its language, find what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from layers.articles.annotations import text_sha256
from layers.articles.engine import find_mentions
from layers.articles.figures import find_figures
from layers.articles.happenings import find_events
from layers.articles.languages import detect_language
from layers.articles.parsing import parse
from layers.articles.records import FoundEvent, FoundFigure, Mention
from layers.articles.references import edtf_of, find_reference, read_plain_reference
from layers.articles.registry import Registry, build_registry
from layers.catalogue import Catalogue, load_catalogue

# languages with rules of their own; names of the registry are found in any text
_ENGINE_LANGUAGES = ("en", "ru", "zh", "tr")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one file gives, before it has an id."""

    text: str
    sha256: str
    language: str
    reference: Mapping[str, Any]
    mentions: tuple[Mention, ...]
    events: tuple[FoundEvent, ...]
    figures: tuple[FoundFigure, ...]


_READING = TypeAdapter(Reading)


def read_article(
    data: bytes, file_name: str, registry: Registry, catalogue: Catalogue, *, given: Mapping[str, Any] | None = None
) -> Reading:
    """Return everything that is found in the bytes of a file.

    Parameters
    ----------
    given
        Reference of a sidecar. Its language goes before that told from the text, its date of issue before one found.

    Raises
    ------
    ArticleError
        The file is refused; the message says why, without its name.
    """
    parsed = parse(data, Path(file_name).suffix.lower())
    reference = find_reference(parsed, file_name)
    if parsed.front_matter:
        reference |= read_plain_reference(parsed.front_matter, "its front matter")
    detected = detect_language(parsed.text)
    stated = {**reference, **(given or {})}
    language = str(stated.get("language", "")) or (parsed.language if detected == "und" else detected) or "und"
    mentions, events, figures = find_all(parsed.text, registry, catalogue, language=language, issued=edtf_of(stated))
    return Reading(
        parsed.text,
        text_sha256(parsed.text),
        language,
        reference,
        mentions,
        events,
        figures,
    )


def find_all(
    text: str, registry: Registry, catalogue: Catalogue, *, language: str, issued: str = ""
) -> tuple[tuple[Mention, ...], tuple[FoundEvent, ...], tuple[FoundFigure, ...]]:
    """Return mentions, events and figures of a text."""
    spoken = language[:2] if language[:2] in _ENGINE_LANGUAGES else "en"
    mentions = find_mentions(text, registry, language=spoken)
    return (
        mentions,
        tuple(find_events(text, mentions, catalogue, issued=issued)),
        tuple(find_figures(text, mentions, catalogue)),
    )


def make_job(setting: Mapping[str, Any]) -> Callable[[bytes, Mapping[str, Any]], dict[str, Any]]:
    """Return the work of a worker process, whose setting names the catalogue's folders."""
    catalogue = load_catalogue(*(Path(root) for root in setting["catalogue"]))
    registry = build_registry(catalogue)

    def work(data: bytes, job: Mapping[str, Any]) -> dict[str, Any]:
        return asdict(read_article(data, job["file"], registry, catalogue, given=job["given"]))

    return work


def reading_of(answer: Mapping[str, Any]) -> Reading:
    """Return the reading that a worker's answer tells of, checked."""
    return _READING.validate_python(answer)
