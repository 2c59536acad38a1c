"""Everything loaded once: catalogue, traced lines, network and router; a compiled copy answers cold routes fast."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from geo.errors import BaseDataError
from geo.store import DATA_DIR
from layers.articles.library import Library
from layers.articles.records import Annotated
from layers.catalogue import CATALOGUE_DIR, Catalogue, load_catalogue
from network.access import AccessFinder
from network.compiled import read_network, write_network
from network.engine import best_engine
from network.route import Router
from network.table import Network

_CODE = ("geo", "layers", "network")
# compiled networks in the cache: a study asked in turn with the shipped catalogue must not cost a build each time
_KEPT = 4


@dataclass(frozen=True)
class Atlas:
    """A catalogue and what is computed from it, each part made when it is first asked for."""

    catalogue: Catalogue
    fingerprint: str
    """sha256 over catalogue files, base data and the code that joins them."""
    study: Path | None = None
    """Folder whose articles count as evidence."""
    texts: tuple[Annotated, ...] = ()
    """Articles supplied for this run: those of shipped references give these their quotes."""

    @cached_property
    def library(self) -> Library:
        """Who says what: shipped references and briefs, supplied texts, articles of the study."""
        from layers.articles.shipped import load_library

        return load_library(self.catalogue, texts=self.texts, study=self.study)

    @cached_property
    def cited(self) -> Catalogue:
        """The catalogue with the articles at hand among its sources."""
        from layers.mentions import cite_articles

        return cite_articles(self.catalogue, self.library)

    @cached_property
    def tracks(self):  # type: ignore[no-untyped-def]  # noqa: ANN201 - the type would import what a cold route avoids
        """The traced lines."""
        from layers.tracing import trace_lines

        return trace_lines(self.catalogue)

    @cached_property
    def network(self) -> Network:
        """The whole network, from the compiled copy where there is a sound one."""
        cached = _cache_file(self.fingerprint)
        if cached is not None and cached.is_file():
            try:
                return read_network(cached)
            except BaseDataError:
                cached.unlink(missing_ok=True)
        network = self.build_network()
        if cached is not None:
            _store(network, cached)
        return network

    def build_network(self) -> Network:
        """Build the network anew from the traced lines."""
        from network.build import build_network

        return build_network(self.catalogue, self.tracks)

    @cached_property
    def router(self) -> Router:
        """The router on the whole network, with the fastest engine this platform has."""
        cached = _cache_file(self.fingerprint)
        folder = cached.with_suffix(".cch") if cached is not None else None
        groups = list(AccessFinder(self.network, self.catalogue).groups.values())
        return Router(self.network, self.catalogue, best_engine(self.network, groups=groups, cache=folder))


def load_atlas(study: Path | None = None, *, without_import: str = "") -> Atlas:
    """Load the shipped catalogue, with the records and imports of a study folder added.

    Parameters
    ----------
    without_import
        Id of an import to leave out, as if its folder were not there.

    Raises
    ------
    CatalogueError
        A record or reference is wrong, in either; the message lists all.
    BaseDataError
        A file of an import is damaged.
    """
    roots = [CATALOGUE_DIR] if study is None else [CATALOGUE_DIR, study / "catalogue"]
    catalogue = load_catalogue(*roots)
    if study is not None:
        from corridors.study import is_untouched
        from layers.study_imports import import_folders, with_imports

        catalogue = with_imports(catalogue, study, without=without_import)
        roots += [folder for folder in import_folders(study) if folder.name != without_import]
        own = study / "catalogue"
        key = fingerprint(
            roots, passed=lambda root, name: root == own and is_untouched(root / name, f"catalogue/{name}")
        )
        return Atlas(catalogue, key, study)
    return Atlas(catalogue, fingerprint(roots), study)


def fingerprint(roots: list[Path], *, passed: Callable[[Path, str], bool] = lambda _, __: False) -> str:
    """Return the sha256 of all that decides the network; it does not depend on where the folders lie.

    Parameters
    ----------
    passed
        Says of a root and a file's name below it whether the file decides nothing.
    """
    package_root = Path(__file__).parent.parent
    found = [
        (path.relative_to(root).as_posix(), path)
        for root in (*roots, DATA_DIR)
        for path in sorted(root.rglob("*"))
        if path.is_file() and not passed(root, path.relative_to(root).as_posix())
    ]
    found += [(path.name, path) for name in _CODE for path in sorted((package_root / name).glob("*.py"))]
    digest = hashlib.sha256()
    for name, path in found:
        with path.open("rb") as stream:
            digest.update(name.encode() + b"\0" + hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


def _cache_file(key: str) -> Path | None:
    """Return where the compiled network goes, or None where no cache folder can be had."""
    base = os.environ.get("CORRIDORS_CACHE") or os.environ.get("XDG_CACHE_HOME")
    try:
        folder = Path(base) if base else Path.home() / ".cache"
    except RuntimeError:
        return None
    return folder / "corridors" / f"network-{key[:32]}.npz"


def _store(network: Network, path: Path) -> None:
    """Keep a compiled copy; a read-only or full disk only costs the next run its head start."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        write_network(network, temporary)
        temporary.replace(path)
        _forget_old(path.parent)
    except OSError:
        return


def _forget_old(folder: Path) -> None:
    """Keep the newest compiled networks: that of the shipped catalogue beside those of the studies at hand."""
    newest: dict[str, float] = {}
    for entry in folder.glob("network-*"):
        newest[entry.stem] = max(newest.get(entry.stem, 0.0), entry.stat().st_mtime)
    kept = sorted(newest, key=lambda stem: newest[stem])[-_KEPT:]
    for entry in folder.glob("network-*"):
        if entry.stem not in kept:
            shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink(missing_ok=True)
