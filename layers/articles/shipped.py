"""The evidence that comes with the catalogue: stand-off records of cited articles, and briefs with their full text.

``catalogue/annotations/ID.jsonl`` belongs to the source ``ID``. Of an article whose text may not be passed on it holds
positions, names and hashes; whoever has the text sees the quotes. Of a brief (``catalogue/briefs/ID.md``) it holds
everything. They are made anew from the texts with::

    python -m layers.articles.shipped FOLDER

where FOLDER holds the texts of the cited articles, found by the ``custom.sha256`` of their references.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from geo.atomic import replace_text
from geo.errors import ArticleError
from layers.articles.annotations import annotation_lines, read_annotations, text_sha256
from layers.articles.decisions import Decisions, apply_decisions, read_decisions
from layers.articles.library import Library
from layers.articles.parsing import parse_markdown
from layers.articles.records import Annotated, Article
from layers.articles.references import edtf_of
from layers.articles.store import articles_folder, read_articles
from layers.catalogue import CATALOGUE_DIR, Catalogue, load_catalogue

ANNOTATIONS_DIR = CATALOGUE_DIR / "annotations"
BRIEFS_DIR = CATALOGUE_DIR / "briefs"
# a changed copy of an article still has most of its mentions at places that can be found
_SAME_ARTICLE = 0.5


def load_library(
    catalogue: Catalogue, *, texts: Sequence[Annotated] = (), study: Path | None = None, faults: list[str] | None = None
) -> Library:
    """Return all evidence at hand.

    Parameters
    ----------
    texts
        Articles the user supplies. One with the text of a shipped reference, or a changed copy of it, gives that its
        quotes; any other is added.
    study
        Folder whose articles are added, with what was decided about them.
    faults
        Changed: damaged articles of the study are told here; None raises nothing and leaves them out.

    Raises
    ------
    ArticleError
        A shipped record contradicts the text it is of.
    """
    articles = {item.article.id: item for item in shipped_articles(catalogue)}
    for text in texts:
        found = _matched(text, articles, catalogue)
        articles[found.article.id] = found
    if study is not None:
        folder, told = articles_folder(study), faults if faults is not None else []
        articles = dict(zip(articles, _decided(articles.values(), folder, told), strict=True))
        articles |= {item.article.id: item for item in read_articles(folder, told)}
    return Library(articles)


def _decided(articles: Iterable[Annotated], folder: Path, faults: list[str]) -> Iterator[Annotated]:
    """Yield articles with the decisions of a study applied; changes ``faults`` where these are damaged."""
    try:
        decisions = read_decisions(folder)
    except ArticleError as error:
        faults.append(str(error))
        decisions = Decisions()
    for annotated in articles:
        yield apply_decisions(annotated, decisions)


def known_references(catalogue: Catalogue) -> Mapping[str, Mapping[str, Any]]:
    """Return the references of cited articles by the sha256 of their text."""
    found = {}
    for source in catalogue.sources.values():
        digest = _custom(source.model_extra or {}).get("sha256")
        if digest:
            found[str(digest)] = reference_of(catalogue, source.id)
    return found


def reference_of(catalogue: Catalogue, key: str) -> dict[str, Any]:
    """Return the CSL-JSON item of a source."""
    return catalogue.sources[key].model_dump(mode="json", exclude_none=True)


def _custom(reference: Mapping[str, Any]) -> Mapping[str, Any]:
    custom = reference.get("custom")
    return custom if isinstance(custom, Mapping) else {}


def shipped_articles(catalogue: Catalogue) -> Iterator[Annotated]:
    """Yield the articles the catalogue has records of, in the order of their ids; text only of briefs.

    Raises
    ------
    ArticleError
        A brief does not fit its records.
    """
    for file in sorted(ANNOTATIONS_DIR.glob("*.jsonl")):
        if file.stem in catalogue.sources:
            reference = reference_of(catalogue, file.stem)
            text = brief_text(file.stem)
            digest = text_sha256(text) if text else str(_custom(reference).get("sha256", ""))
            language = str(reference.get("language", "en"))
            article = Article(file.stem, text, digest, language, reference, f"{file.stem}.md" if text else "")
            yield read_annotations(file.read_text(encoding="utf-8"), article, name=file.name)


def brief_text(key: str) -> str:
    """Return the text of a brief; empty where there is none of this id."""
    file = BRIEFS_DIR / f"{key}.md"
    return parse_markdown(file.read_bytes().decode("utf-8")).text if file.is_file() else ""


def _matched(text: Annotated, articles: Mapping[str, Annotated], catalogue: Catalogue) -> Annotated:
    """Return a supplied text as the article it is: a shipped one, a changed copy of one, or one of its own."""
    for key, known in articles.items():
        if known.article.sha256 == text.article.sha256:
            return _with_text(key, text.article, catalogue)
    for key, known in articles.items():
        if not known.article.text and (key == text.article.id or _shares_words(known, text.article.text)):
            changed = _with_text(key, text.article, catalogue)
            kept = sum(mention.status != "orphan" for mention in changed.mentions)
            if kept >= _SAME_ARTICLE * len(changed.mentions):
                return changed
    return text


def _shares_words(known: Annotated, text: str) -> bool:
    """Whether nearly every name of an article is in a text; cheap, before each place is searched."""
    names = {mention.surface for mention in known.mentions}
    return sum(name in text for name in names) >= 0.8 * len(names) > 0


def _with_text(key: str, supplied: Article, catalogue: Catalogue) -> Annotated:
    file = ANNOTATIONS_DIR / f"{key}.jsonl"
    article = replace(supplied, id=key, reference=reference_of(catalogue, key))
    return read_annotations(file.read_text(encoding="utf-8"), article, name=file.name)


# making them


def make_records(catalogue: Catalogue, texts: Iterable[Path]) -> Iterator[tuple[str, str, int]]:
    """Write the records of every cited text that is given and of every brief; yield id, kind and number of lines."""
    from layers.articles.annotate import find_all
    from layers.articles.registry import build_registry

    registry, known = build_registry(catalogue), known_references(catalogue)
    jobs = [(key, brief_text(key), False) for file in sorted(BRIEFS_DIR.glob("*.md")) if (key := file.stem)]
    for file in texts:
        text = file.read_bytes().decode("utf-8")
        if text_sha256(text) in known:
            jobs.append((str(known[text_sha256(text)]["id"]), text, True))
    ANNOTATIONS_DIR.mkdir(exist_ok=True)
    for key, text, stand_off in sorted(jobs):
        reference = reference_of(catalogue, key)
        language = str(reference.get("language", "en"))
        article = Article(key, text, text_sha256(text), language, reference)
        annotated = Annotated(
            article, *find_all(text, registry, catalogue, language=language, issued=edtf_of(reference))
        )
        lines = list(annotation_lines(annotated, stand_off=stand_off))
        replace_text(ANNOTATIONS_DIR / f"{key}.jsonl", "".join(lines))
        yield key, "stand-off" if stand_off else "whole", len(lines)


def main(arguments: Sequence[str]) -> int:
    """Make the records anew; 2 without a folder of texts."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m layers.articles.shipped FOLDER\n")
        return 2
    files = sorted(file for file in Path(arguments[0]).iterdir() if file.is_file())
    for key, kind, count in make_records(load_catalogue(), files):
        sys.stdout.write(f"{key}: {count} records, {kind}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
