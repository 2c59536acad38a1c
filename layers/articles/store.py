"""Articles of a study on disk: one folder per article, written whole or not at all.

``articles/ID/`` holds ``text.txt`` (the text as it was read), ``article.json`` (reference, language, hashes) and
``annotations.jsonl`` (what was found, as Web Annotations); ``articles/decisions.yaml`` what a reviewer decided and
``articles/duplicates.json`` which articles are the same report. A run that is killed leaves the articles that were
finished, and the next run goes on from there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from geo.atomic import recover_directory, replace_directory, replace_text
from geo.errors import ArticleError, WriteError
from layers.articles.annotations import annotation_lines, read_annotations, text_sha256
from layers.articles.decisions import Decisions, apply_decisions, read_decisions
from layers.articles.duplicates import duplicates_of
from layers.articles.records import Annotated, Article
from layers.schema import Slug

FOLDER = "articles"
_TEXT, _RECORD, _ANNOTATIONS, _GROUPS = "text.txt", "article.json", "annotations.jsonl", "duplicates.json"


class StoredArticle(BaseModel):
    """What ``article.json`` holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Slug
    file: str
    sha256: str
    """Of the text."""
    input_sha256: str
    """Of the file, its sidecar and the rules it was read by: where all are the same, there is nothing to do."""
    language: str
    reference: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stored:
    """One article as it lies on disk."""

    record: StoredArticle
    annotated: Annotated
    """As the engine found it: decisions are not applied."""


def articles_folder(study: Path) -> Path:
    """Return the folder of a study's articles, whether it exists or not."""
    return study / FOLDER


@cache
def rules_sha256() -> str:
    """Return the hash of the code that reads and annotates articles."""
    digest = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*")):
        if file.suffix in (".py", ".csv", ".yaml"):
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def catalogue_sha256(roots: Sequence[Path]) -> str:
    """Return the hash of the records whose names are looked for; evidence made from them does not count."""
    digest = hashlib.sha256()
    for root in roots:
        for file in sorted(root.rglob("*")):
            parts = file.relative_to(root).parts
            if file.suffix in (".csv", ".yaml", ".json") and parts[0] not in ("annotations", "briefs"):
                digest.update("/".join(parts).encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def input_sha256(name: str, data: bytes, sidecar: bytes, catalogue: str) -> str:
    """Return the hash of everything that decides what an article becomes.

    Parameters
    ----------
    catalogue
        Hash of the catalogue whose names are looked for.
    """
    parts = (name.encode("utf-8", "surrogateescape"), data, sidecar, catalogue.encode(), rules_sha256().encode())
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def write_article(folder: Path, annotated: Annotated, input_hash: str) -> None:
    """Write one article into the folder of articles, in the place of an older state of it.

    Raises
    ------
    WriteError
        It cannot be written; what stood there is untouched.
    """
    article = annotated.article
    record = StoredArticle(
        id=article.id,
        file=article.file,
        sha256=article.sha256,
        input_sha256=input_hash,
        language=article.language,
        reference=dict(article.reference),
    )

    def fill(directory: Path) -> None:
        # as bytes: line ends are part of the text
        (directory / _TEXT).write_bytes(article.text.encode("utf-8", "surrogatepass"))
        (directory / _RECORD).write_bytes(_json(record.model_dump()).encode())
        with (directory / _ANNOTATIONS).open("w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(annotation_lines(annotated))

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(f"{folder} cannot be made: {error.strerror}") from error
    replace_directory(folder / article.id, fill)


def _json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def stored_ids(folder: Path) -> list[str]:
    """Return the ids of the articles in a folder, in order; a folder that does not exist has none."""
    if not folder.is_dir():
        return []
    # an exchange cut by a kill leaves hidden folders: finish it
    for part in sorted(folder.glob(".*.old")):
        recover_directory(folder / part.name[1:].rsplit(".", 2)[0])
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))


def read_stored(folder: Path, key: str) -> Stored:
    """Return one article; where its text was edited by hand, everything in it is searched anew.

    Raises
    ------
    ArticleError
        A file is missing or is not what `write_article` writes.
    """
    directory = folder / key
    try:
        record = StoredArticle.model_validate_json((directory / _RECORD).read_bytes())
        text = (directory / _TEXT).read_bytes().decode("utf-8", "surrogatepass")
        lines = (directory / _ANNOTATIONS).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ArticleError(f"{directory}: cannot be read ({error}); take the article in again") from error
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"]))
        raise ArticleError(f"{directory / _RECORD}: {where}: {fault['msg']}; take the article in again") from error
    if record.id != key:
        raise ArticleError(f"{directory}: its record is that of {record.id!a}; rename the folder")
    article = Article(key, text, text_sha256(text), record.language, record.reference, record.file)
    return Stored(record, read_annotations(lines, article, name=f"{key}/{_ANNOTATIONS}"))


def stored_inputs(folder: Path) -> dict[str, str]:
    """Return the id of each stored article by its input hash; a damaged one is left out."""
    found = {}
    for key in stored_ids(folder):
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
            record = json.loads((folder / key / _RECORD).read_bytes())
            if (folder / key / _TEXT).is_file() and (folder / key / _ANNOTATIONS).is_file():
                found[str(record["input_sha256"])] = key
    return found


def read_articles(folder: Path, faults: list[str]) -> Iterator[Annotated]:
    """Yield the articles of a folder with decisions applied; changes ``faults``, to which damaged ones are added."""
    keys = stored_ids(folder)
    if not keys:
        return
    decisions = Decisions()
    others: Mapping[str, tuple[str, ...]] = {}
    try:
        decisions, others = read_decisions(folder), duplicates_of(read_groups(folder))
    except ArticleError as error:
        faults.append(str(error))
    for key in keys:
        try:
            annotated = read_stored(folder, key).annotated
        except ArticleError as error:
            faults.append(str(error))
            continue
        yield replace(apply_decisions(annotated, decisions), duplicates=tuple(others.get(key, ())))


def read_groups(folder: Path) -> tuple[tuple[str, ...], ...]:
    """Return the groups of near-duplicates found when the articles were taken in.

    Raises
    ------
    ArticleError
        The file is not a list of lists of ids.
    """
    file = folder / _GROUPS
    if not file.is_file():
        return ()
    try:
        groups = json.loads(file.read_text(encoding="utf-8"))
        return tuple(tuple(str(key) for key in group) for group in groups)
    except (ValueError, TypeError, RecursionError) as error:
        raise ArticleError(f"{file}: expected lists of article ids: {error}") from error


def write_groups(folder: Path, groups: tuple[tuple[str, ...], ...]) -> None:
    """Write the groups of near-duplicates.

    Raises
    ------
    WriteError
        The file cannot be written.
    """
    if folder.is_dir():
        replace_text(folder / _GROUPS, _json(groups))


def reference_texts(reference: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return title, authors and publisher of a reference as text for people."""
    people = reference.get("author") or []
    names = [str(p.get("literal") or ", ".join(filter(None, (p.get("family"), p.get("given"))))) for p in people]
    publisher = reference.get("publisher") or reference.get("container-title") or ""
    return str(reference.get("title", "")), "; ".join(names), str(publisher)
