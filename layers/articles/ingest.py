"""Take articles in: many files, each read by a worker with limits, in order; a bad one stops none of the others."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from threading import Lock
from typing import Any, Self, TypeVar

from geo.errors import ArticleError
from layers.articles.annotate import Reading, reading_of
from layers.articles.decisions import move_decisions, read_decisions, write_decisions
from layers.articles.decoding import refuse_known
from layers.articles.parsing import MAX_FILE_BYTES
from layers.articles.records import Annotated, Article
from layers.articles.references import SIDECAR_SUFFIXES, merged, read_sidecar, sidecar_of, slug
from layers.articles.store import input_sha256, read_stored, stored_inputs, write_article
from layers.articles.workers import TIME_LIMIT_S, Worker

ARTICLE_SUFFIXES = (".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".pdf")
DEFAULT_WORKERS = 2
# files read ahead per worker: enough to keep it busy, few enough to keep memory flat
_AHEAD = 4
_STORERS = 4
_MAX_FILES = 100_000

T = TypeVar("T")
S = TypeVar("S")
Read = Callable[[bytes, str, Mapping[str, Any]], Reading]
"""Bytes, file name and reference of a sidecar to a reading; raises ArticleError."""


@dataclass(frozen=True, slots=True)
class Found:
    """Files to take in, and those of a folder that are no articles."""

    files: tuple[tuple[Path, str], ...]
    """Each with its name below the folder it was found in."""
    skipped: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file."""

    file: Path
    annotated: Annotated | None = None
    error: str = ""
    unchanged: bool = False
    """It was in the study already, and nothing that decides its reading has changed."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before a file is read: references by the hash of the text, and the hash of the catalogue."""

    references: Mapping[str, Mapping[str, Any]]
    """sha256 of a text → its CSL-JSON item, whose id the article takes."""
    catalogue: str = ""


def find_files(paths: Sequence[Path]) -> Found:
    """Return the files that were named and the articles below the folders that were named, in name order.

    Sidecars, hidden files and links inside folders are passed over; files of other kinds are listed as skipped.

    Raises
    ------
    ArticleError
        A path does not exist, or there is nothing to read.
    """
    files: list[tuple[Path, str]] = []
    skipped: list[Path] = []
    for path in paths:
        if path.is_dir():
            _walk(path, files, skipped)
        elif path.exists():
            files.append((path, path.name))
        else:
            raise ArticleError(f"{path} does not exist")
    if not files:
        where, kinds = ", ".join(map(str, paths)), ", ".join(ARTICLE_SUFFIXES)
        raise ArticleError(f"there is no article in {where}; {kinds} are read")
    distinct: dict[str, tuple[Path, str]] = {}
    for file, name in files:
        distinct.setdefault(os.path.realpath(file), (file, name))
    return Found(tuple(distinct.values()), tuple(skipped))


def _walk(folder: Path, files: list[tuple[Path, str]], skipped: list[Path]) -> None:
    for directory, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(directory) / name
            if name.startswith(".") or file.is_symlink():
                continue
            if file.suffix.lower() in ARTICLE_SUFFIXES:
                files.append((file, file.relative_to(folder).as_posix()))
            elif not (file.suffix in SIDECAR_SUFFIXES and _is_sidecar(file)):
                skipped.append(file)
            if len(files) > _MAX_FILES:
                raise ArticleError(f"{folder} holds more than {_MAX_FILES:,} articles; name its parts one by one")


def _is_sidecar(file: Path) -> bool:
    bases = (file.with_suffix(""), *(file.with_suffix(suffix) for suffix in ARTICLE_SUFFIXES))
    return any(base.suffix.lower() in ARTICLE_SUFFIXES and base.is_file() for base in bases)


class WorkerPool:
    """Worker processes that read files; use it as a context, which ends them."""

    def __init__(
        self, catalogue: Sequence[Path], *, count: int = DEFAULT_WORKERS, limit_s: float = TIME_LIMIT_S
    ) -> None:
        setting = {"catalogue": [str(root) for root in catalogue]}
        self._all = [Worker(setting, time_limit_s=limit_s) for _ in range(count)]
        self._free: SimpleQueue[Worker] = SimpleQueue()
        for worker in self._all:
            self._free.put(worker)
        self.count = count

    def read(self, data: bytes, file_name: str, given: Mapping[str, Any]) -> Reading:
        """Return what a free worker reads; waits for one."""
        worker = self._free.get()
        try:
            return reading_of(worker.run(data, {"file": file_name, "given": dict(given)}))
        finally:
            self._free.put(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._all:
            worker.close()


def ingest(
    files: Iterable[tuple[Path, str]],
    read: Read,
    known: Known,
    *,
    folder: Path | None = None,
    count: int = DEFAULT_WORKERS,
) -> Iterator[Outcome]:
    """Yield what becomes of each file, in the order given; articles are stored as they come.

    Parameters
    ----------
    files
        Path, and name below the folder it was found in; see `find_files`.
    read
        Reads one file; called from ``count`` threads at once.
    folder
        Articles of a study; None stores nothing.
    """
    intake = _Intake(read, known, folder, stored_inputs(folder) if folder else {})
    # reading waits for workers, storing for the disk: each has threads of its own
    with ThreadPoolExecutor(count) as readers, ThreadPoolExecutor(_STORERS) as storers:
        opened = _ahead(files, lambda entry: readers.submit(intake.open, *entry), count * _AHEAD)
        stored = _ahead(opened, lambda pair: storers.submit(intake.finish(*pair)), count * _AHEAD)
        for _, future in stored:
            yield future.result()


def _ahead(items: Iterable[T], start: Callable[[T], Future[S]], depth: int) -> Iterator[tuple[T, Future[S]]]:
    """Yield each item with its started work, in order, some of them started ahead."""
    waiting: deque[tuple[T, Future[S]]] = deque()
    for item in items:
        waiting.append((item, start(item)))
        if len(waiting) >= depth:
            yield waiting.popleft()
    yield from waiting


@dataclass(frozen=True, slots=True)
class _Input:
    """One file as far as threads take it: read, or found unchanged."""

    sidecar: Mapping[str, Any]
    sha256: str
    reading: Reading | None = None
    stored: str = ""
    """Id it is stored under, where nothing has changed."""


@dataclass(frozen=True, slots=True)
class _Intake:
    """One run: what reads, what is known, and which ids are given away."""

    read: Read
    known: Known
    folder: Path | None
    stored: Mapping[str, str]
    """Input hash of each stored article → its id."""
    taken: dict[str, str] = field(default_factory=dict)
    """Id → name of the file that has it."""
    deciding: Lock = field(default_factory=Lock)
    """Held while the file of decisions is changed."""

    def open(self, path: Path, name: str) -> _Input:
        """Read one file with its sidecar, unless the study holds what would come of it; runs in a thread."""
        data = _bytes_of(path)
        # what is plainly no text needs no worker
        refuse_known(data)
        beside = sidecar_of(path)
        sidecar = read_sidecar(beside) if beside else {}
        digest = input_sha256(name, data, _bytes_of(beside) if beside else b"", self.known.catalogue)
        if digest in self.stored:
            return _Input(sidecar, digest, stored=self.stored[digest])
        return _Input(sidecar, digest, self.read(data, path.name, sidecar))

    def finish(self, entry: tuple[Path, str], opened: Future[_Input]) -> Callable[[], Outcome]:
        """Give an article its id and reference; return what stores it, to be run in a thread."""
        path, name = entry
        try:
            given = opened.result()
            annotated = None if given.stored else self._named(path, name, given)
        except ArticleError as error:
            refused = Outcome(path, error=f"{path}: {error}")
            return lambda: refused
        if given.stored:
            self.taken[given.stored] = name
        return lambda: self._kept(path, given, annotated)

    def _named(self, path: Path, name: str, given: _Input) -> Annotated:
        reading = given.reading
        if reading is None:
            raise ArticleError("it was not read")
        known = self.known.references.get(reading.sha256)
        reference = merged(known or reading.reference, given.sidecar)
        key = self._free_id(name, given.sidecar, str((known or {}).get("id", "")))
        self.taken[key] = name
        reference = {**reference, "id": key, "language": reference.get("language") or reading.language}
        article = Article(key, reading.text, reading.sha256, reading.language, reference, path.name)
        return Annotated(article, reading.mentions, reading.events, reading.figures)

    def _kept(self, path: Path, given: _Input, annotated: Annotated | None) -> Outcome:
        """Store an article, or fetch the one that is stored; runs in a thread."""
        try:
            if self.folder is not None and annotated is None:
                return Outcome(path, read_stored(self.folder, given.stored).annotated, unchanged=True)
            if self.folder is not None and annotated is not None:
                _store(self.folder, annotated, given.sha256, self.deciding)
        except ArticleError as error:
            return Outcome(path, error=f"{path}: {error}")
        return Outcome(path, annotated)

    def _free_id(self, name: str, sidecar: Mapping[str, Any], known: str) -> str:
        possible = (known, *_possible_ids(name, sidecar))
        for key in possible:
            if key and self.taken.get(key, name) == name:
                return key
        raise ArticleError(
            f"its id {possible[-1]!a} is already that of {self.taken[possible[-1]]}; give it another one"
        )


def _bytes_of(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ArticleError("it is not a regular file")
        if status.st_size > MAX_FILE_BYTES:
            raise ArticleError(f"it has {status.st_size:,} bytes, the limit is {MAX_FILE_BYTES:,}; split it")
        return path.read_bytes()
    except OSError as error:
        raise ArticleError(f"it cannot be read: {error.strerror}") from error


def _possible_ids(name: str, sidecar: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids a file may have: that of its sidecar, or those of its name and of its whole path."""
    given = str(sidecar.get("id", ""))
    if given:
        if slug(given, limit=200) != given:
            raise ArticleError(f"the id {given!a} in its sidecar is not a lower-case slug such as 'xinhua-2023-summit'")
        return (given,)
    stem = slug(Path(name).stem)
    path_id = f"{stem or 'article'}-{hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
    return (stem, path_id) if stem else (path_id,)


def _store(folder: Path, annotated: Annotated, digest: str, deciding: Lock) -> None:
    """Store an article, moving decisions about it to where its words went."""
    key = annotated.article.id
    old = ""
    if (folder / key).is_dir():
        # a damaged article is simply replaced
        with contextlib.suppress(ArticleError):
            old = read_stored(folder, key).annotated.article.text
    write_article(folder, annotated, digest)
    if old and old != annotated.article.text:
        with deciding:
            decisions = read_decisions(folder)
            moved = move_decisions(decisions, key, old, annotated.article.text)
            if moved != decisions:
                write_decisions(folder, moved)
