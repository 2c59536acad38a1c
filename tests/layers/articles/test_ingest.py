"""Taking articles in: ids, stores, resuming, decisions that survive, duplicates, workers with limits."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from corridors.atlas import Atlas
from geo.errors import ArticleError
from layers.articles.annotate import Reading, read_article
from layers.articles.decisions import (
    Decisions,
    apply_decisions,
    decision_on,
    move_decisions,
    read_decisions,
    write_decisions,
)
from layers.articles.duplicates import DuplicateFinder
from layers.articles.ingest import Known, Outcome, WorkerPool, find_files, ingest
from layers.articles.records import Annotated
from layers.articles.registry import build_registry
from layers.articles.store import read_articles, read_groups, read_stored, stored_ids, write_groups
from layers.catalogue import CATALOGUE_DIR

TEXT = (
    "New service from Xi’an\n\nMay 24, 2023\n\nA train left Xi’an for Almaty on Monday. It will cross the border at "
    "Khorgos, where Kazakhstan changes the gauge. Officials in Beijing and in Kazakhstan praised the Middle Corridor.\n"
)
ReadArticle = Callable[[bytes, str, Mapping[str, Any]], Reading]


@pytest.fixture(scope="session")
def read(atlas: Atlas) -> ReadArticle:
    registry = build_registry(atlas.catalogue)

    def run(data: bytes, name: str, given: Mapping[str, Any]) -> Reading:
        return read_article(data, name, registry, atlas.catalogue, given=given)

    return run


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "b").mkdir(parents=True)
    (folder / "service.txt").write_text(TEXT, encoding="utf-8")
    (folder / "b" / "service.txt").write_text(TEXT.replace("Almaty", "Tashkent") * 2, encoding="utf-8")
    (folder / "zip.txt").write_bytes(b"PK\3\4" + b"0" * 50)
    (folder / "with.md").write_text("# A heading\n\nChina and Uzbekistan.\n", encoding="utf-8")
    (folder / "with.json").write_text('{"id": "given-id", "title": "Given"}', encoding="utf-8")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    return folder


def take(read: ReadArticle, inbox: Path, folder: Path | None = None) -> list[Outcome]:
    return list(ingest(find_files([inbox]).files, read, Known({}, "c"), folder=folder, count=1))


def test_a_folder_gives_its_articles_in_order_and_lists_the_rest(inbox: Path) -> None:
    (inbox / "link.txt").symlink_to("/etc/hostname")
    found = find_files([inbox, inbox / "service.txt"])
    assert [name for _, name in found.files] == ["service.txt", "with.md", "zip.txt", "b/service.txt"]
    assert [path.name for path in found.skipped] == ["picture.png"]
    with pytest.raises(ArticleError, match="does not exist"):
        find_files([inbox / "nothing"])


def test_one_bad_file_stops_none_of_the_others(read: ReadArticle, inbox: Path) -> None:
    outcomes = take(read, inbox)
    assert [outcome.annotated.article.id if outcome.annotated else "" for outcome in outcomes] == [
        "service",
        "given-id",
        "",
        next(o.annotated.article.id for o in outcomes[3:] if o.annotated),
    ]
    assert "zip.txt: it is a ZIP archive" in outcomes[2].error
    last = outcomes[3].annotated
    assert last is not None
    assert last.article.id.startswith("service-")


def test_articles_carry_reference_language_and_mentions_at_their_place(read: ReadArticle, inbox: Path) -> None:
    first = take(read, inbox)[0].annotated
    assert first is not None
    assert first.article.language == "en"
    assert first.article.reference["title"] == "New service from Xi’an"
    assert first.article.reference["issued"] == {"date-parts": [[2023, 5, 24]]}
    targets = {mention.target for mention in first.mentions}
    assert {"place:xian", "place:almaty", "country:KAZ", "corridor:middle-corridor"} <= targets
    assert all(first.article.text[m.start : m.end] == m.surface for m in first.mentions)


def test_what_is_stored_comes_back_and_is_not_read_again(read: ReadArticle, inbox: Path, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    first = take(read, inbox, folder)
    assert stored_ids(folder) == sorted(o.annotated.article.id for o in first if o.annotated)
    faults: list[str] = []
    assert {a.article.id: a for a in read_articles(folder, faults)} == {
        o.annotated.article.id: o.annotated for o in first if o.annotated
    }
    assert faults == []

    def never(*_: object) -> Reading:
        raise AssertionError("an unchanged article was read again")

    again = take(never, inbox, folder)
    assert [outcome.unchanged for outcome in again] == [True, True, False, True]
    (inbox / "service.txt").write_text(TEXT + "More of it.\n", encoding="utf-8")
    (inbox / "with.json").write_text('{"id": "given-id", "title": "New"}', encoding="utf-8")
    third = take(read, inbox, folder)
    assert [outcome.unchanged for outcome in third] == [False, False, False, True]


def test_a_run_that_ends_in_the_middle_leaves_what_was_done(read: ReadArticle, inbox: Path, tmp_path: Path) -> None:
    folder = tmp_path / "articles"

    def stop(data: bytes, name: str, given: Mapping[str, Any]) -> Reading:
        if name == "with.md":
            raise KeyboardInterrupt
        return read(data, name, given)

    with pytest.raises(KeyboardInterrupt):
        take(stop, inbox, folder)
    # and what a kill leaves of an article that was being written
    (folder / ".half.0011aabb.new").mkdir()
    faults: list[str] = []
    assert [a.article.id for a in read_articles(folder, faults)] == ["service"]
    assert faults == []
    assert sum(outcome.unchanged for outcome in take(read, inbox, folder)) == 1


def test_a_damaged_article_is_told_and_the_others_open(read: ReadArticle, inbox: Path, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    take(read, inbox, folder)
    (folder / "service" / "annotations.jsonl").unlink()
    (folder / "given-id" / "article.json").write_text("{", encoding="utf-8")
    faults: list[str] = []
    assert len(list(read_articles(folder, faults))) == 1
    assert len(faults) == 2
    take(read, inbox, folder)
    assert len(list(read_articles(folder, []))) == 3


def test_a_text_edited_by_hand_is_searched_anew(read: ReadArticle, inbox: Path, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    take(read, inbox, folder)
    file = folder / "service" / "text.txt"
    file.write_text("Corrected twice. " + file.read_text(encoding="utf-8"), encoding="utf-8")
    found = read_stored(folder, "service").annotated
    kept = [m for m in found.mentions if m.status != "orphan"]
    assert len(kept) >= len(found.mentions) - 2
    assert all(found.article.text[m.start : m.end] == m.surface for m in kept)


# decisions


@pytest.fixture
def annotated(read: ReadArticle, inbox: Path) -> Annotated:
    found = take(read, inbox)[0].annotated
    assert found is not None
    return found


def pick(annotated: Annotated, surface: str) -> int:
    return next(n for n, m in enumerate(annotated.mentions) if m.surface == surface)


def test_decisions_come_back_from_their_file_and_are_applied(annotated: Annotated, tmp_path: Path) -> None:
    text, key = annotated.article.text, annotated.article.id
    almaty, khorgos = (annotated.mentions[pick(annotated, name)] for name in ("Almaty", "Khorgos"))
    decisions = Decisions()
    decisions = decisions.with_decision(decision_on(almaty, key, text, "confirm"))
    decisions = decisions.with_decision(decision_on(khorgos, key, text, "retarget", "place:altynkol"))
    decisions = decisions.with_decision(decision_on(annotated.mentions[pick(annotated, "Beijing")], "", text, "reject"))
    write_decisions(tmp_path, decisions)
    assert read_decisions(tmp_path) == decisions
    found = apply_decisions(annotated, read_decisions(tmp_path))
    states = {m.surface: (m.status, m.target) for m in found.mentions}
    assert states["Almaty"] == ("confirmed", "place:almaty")
    assert states["Khorgos"] == ("confirmed", "place:altynkol")
    assert states["Beijing"][0] == "rejected"
    # the last decision about a name is offered for it elsewhere
    assert [row.verdict for row in decisions.offers("KHORGOS")] == ["retarget"]
    # a change of mind replaces
    changed = decisions.with_decision(decision_on(almaty, key, text, "reject"))
    assert len(changed.rows) == len(decisions.rows)


def test_a_decision_goes_where_its_words_go_or_is_an_orphan(annotated: Annotated) -> None:
    text, key = annotated.article.text, annotated.article.id
    second = [m for m in annotated.mentions if m.surface == "Kazakhstan"][1]
    decisions = Decisions((decision_on(second, key, text, "retarget", "place:almaty"),))
    longer = text.replace("A train left", "A long-awaited train left")
    moved = move_decisions(decisions, key, text, longer)
    assert longer[moved.rows[0].start :].startswith("Kazakhstan praised")
    cut = text[: text.index("Officials")]
    article = annotated.article.__class__(key, cut, "", "en", {})
    lost = apply_decisions(Annotated(article), move_decisions(decisions, key, text, cut))
    assert [m.status for m in lost.mentions] == ["orphan"]


WRONG = ("- 1", "a: b", "- {article: a}", "- {name: x, verdict: maybe}", "[", "- {name: x, verdict: reject, y: 1}")


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_decisions_file_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "decisions.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ArticleError, match=r"decisions\.yaml"):
        read_decisions(tmp_path)


def test_decisions_survive_taking_a_changed_article_in_again(read: ReadArticle, inbox: Path, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    first = take(read, inbox, folder)[0].annotated
    assert first is not None
    mention = first.mentions[pick(first, "Khorgos")]
    write_decisions(folder, Decisions((decision_on(mention, "service", TEXT, "retarget", "place:altynkol"),)))
    (inbox / "service.txt").write_text("Corrected.\n\n" + TEXT, encoding="utf-8")
    take(read, inbox, folder)
    found = next(a for a in read_articles(folder, []) if a.article.id == "service")
    (decided,) = [m for m in found.mentions if m.status == "confirmed"]
    assert decided.target == "place:altynkol"
    assert decided.start == mention.start + len("Corrected.\n\n")


# duplicates


def test_reprints_are_grouped_and_other_texts_are_not(tmp_path: Path) -> None:
    body = " ".join(f"Sentence {n} tells of train {n * 7} and of port {n * 3}." for n in range(60))
    finder = DuplicateFinder()
    finder.add("a", body)
    finder.add("b", body.replace("’", "'").upper())
    finder.add("c", "Another headline\n\n" + body + "\n\nRead more")
    finder.add("d", " ".join(f"Line {n} of pipeline {n * 11} was closed by {n}." for n in range(60)))
    finder.add("zh-1", "中吉乌铁路连接中国、吉尔吉斯斯坦和乌兹别克斯坦,全线开工仪式已经举行。")
    finder.add("zh-2", "中国与中亚国家的贸易额去年大幅增长,双方签署了多项新的合作协议。")
    groups = finder.groups()
    assert groups == (("a", "b", "c"),)
    tmp_path.joinpath("x").mkdir()
    write_groups(tmp_path, groups)
    assert read_groups(tmp_path) == groups


# workers


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool([CATALOGUE_DIR], count=1) as made:
        yield made


def test_a_worker_reads_as_we_do(pool: WorkerPool, read: ReadArticle) -> None:
    assert pool.read(TEXT.encode(), "a.txt", {}) == read(TEXT.encode(), "a.txt", {})


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit of memory")
def test_a_worker_that_runs_out_of_memory_or_dies_is_replaced(pool: WorkerPool) -> None:
    with pytest.raises(ArticleError, match="nested"):
        pool.read(b"<html>" + b"<div>" * 5000 + b"x", "a.html", {})
    worker = pool._all[0]
    assert worker._process is not None
    worker._process.kill()
    with pytest.raises(ArticleError, match="ended the worker process"):
        pool.read(TEXT.encode(), "a.txt", {})
    assert pool.read(TEXT.encode(), "a.txt", {}).language == "en"


def test_a_file_that_takes_too_long_ends_with_a_verdict(pool: WorkerPool) -> None:
    worker = pool._all[0]
    pool.read(TEXT.encode(), "a.txt", {})
    before, worker._time_limit_s = worker._time_limit_s, 0.05
    try:
        with pytest.raises(ArticleError, match="longer than 0 s"):
            pool.read(("China and Kazakhstan, " * 20_000).encode(), "a.txt", {})
    finally:
        worker._time_limit_s = before


def test_markup_and_direction_marks_are_text(read: ReadArticle) -> None:
    raw = "<b>Kazakhstan</b> {{7*7}} \u202eChina\u202c ${x} `Khorgos` railway of the north"
    found = read(raw.encode(), "a.txt", {})
    assert found.text == raw
    assert {"country:KAZ", "country:CHN"} <= {m.target for m in found.mentions}
    assert all(raw[m.start : m.end] == m.surface for m in found.mentions)


# shipped records


def test_shipped_records_verify_against_the_texts(atlas: Atlas, root: Path, read: ReadArticle) -> None:
    folder = root.parent / "shared" / "articles"
    if not folder.is_dir():
        pytest.skip(
            "the texts of the five cited articles are not here; the briefs are verified whenever they are loaded"
        )
    from layers.articles.shipped import known_references, load_library

    known = known_references(atlas.catalogue)
    outcomes = list(ingest(find_files([folder]).files, read, Known(known, "c"), count=1))
    texts = tuple(o.annotated for o in outcomes if o.annotated)
    library = load_library(atlas.catalogue, texts=texts)
    ids = [text.article.id for text in texts]
    assert len(ids) == 5
    for key in ids:
        shipped = library.articles[key]
        assert shipped.mentions
        assert not any(m.status == "orphan" for m in shipped.mentions)
        assert all(shipped.article.text[m.start : m.end] == m.surface for m in shipped.mentions)


def test_a_changed_copy_of_a_cited_article_is_known_and_its_losses_are_seen(
    atlas: Atlas, root: Path, read: ReadArticle
) -> None:
    folder = root.parent / "shared" / "articles"
    if not folder.is_dir():
        pytest.skip("the texts of the five cited articles are not here")
    from layers.articles.shipped import load_library

    raw = sorted(folder.iterdir())[3].read_text(encoding="utf-8")
    reading = read((raw[:1500] + " (Corrected.) " + raw[1700:]).encode(), "copy.txt", {})
    from layers.articles.records import Article

    text = Annotated(Article("copy", reading.text, reading.sha256, "en", {"id": "copy"}), reading.mentions)
    library = load_library(atlas.catalogue, texts=(text,))
    assert "copy" not in library.articles
    (changed,) = [a for a in library.articles.values() if a.article.sha256 == reading.sha256]
    lost = [m for m in changed.mentions if m.status == "orphan"]
    assert 0 < len(lost) < 20
    kept = [m for m in changed.mentions if m.status != "orphan"]
    assert all(reading.text[m.start : m.end] == m.surface for m in kept)


def test_shipped_files_hold_no_six_words_of_the_articles(root: Path) -> None:
    folder = root.parent / "shared" / "articles"
    if not folder.is_dir():
        pytest.skip("the texts of the five cited articles are not here")
    import re

    words = partial(re.findall, r"\w+")
    shipped = " ".join(
        " ".join(words(file.read_text(encoding="utf-8").lower()))
        for file in (CATALOGUE_DIR / "annotations").glob("*.jsonl")
        if not file.stem.startswith("corridors-")
    )
    for file in folder.iterdir():
        text = words(file.read_text(encoding="utf-8").lower())
        assert not [run for n in range(len(text) - 5) if (run := " ".join(text[n : n + 6])) in shipped]


def test_every_shipped_brief_has_its_text_and_its_records(atlas: Atlas) -> None:
    briefs = {file.stem for file in (CATALOGUE_DIR / "briefs").glob("*.md")}
    assert len(briefs) >= 3
    for key in briefs:
        annotated = atlas.library.articles[key]
        assert annotated.mentions
        assert atlas.library.may_show(key)
        assert all(annotated.article.text[m.start : m.end] == m.surface for m in annotated.mentions)


def test_json_lines_of_the_store_are_plain(read: ReadArticle, inbox: Path, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    take(read, inbox, folder)
    lines = (folder / "service" / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
    assert all(json.loads(line)["type"] == "Annotation" for line in lines)
    assert (folder / "service" / "text.txt").read_text(encoding="utf-8") == TEXT
    shutil.rmtree(folder)
    assert list(read_articles(folder, [])) == []
