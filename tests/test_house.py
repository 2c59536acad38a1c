"""What the house promises about itself: names, versions, licences and the text it is written in."""

from __future__ import annotations

import importlib
import re
import subprocess
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from geo.prepare.inputs import INPUTS
from geo.prepare.tracks import RAIL_OPTIONS, ROAD_OPTIONS

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
LOCKS = {
    "run": PROJECT["dependencies"],
    "dev": PROJECT["dependencies"] + EXTRAS["dev"],
    "bench": PROJECT["dependencies"] + EXTRAS["dev"] + EXTRAS["names"] + EXTRAS["bench"],
    "data": PROJECT["dependencies"] + EXTRAS["dev"] + EXTRAS["data"],
}
DATA_FILES = sorted(path for path in (ROOT / "geo" / "data").iterdir() if path.suffix != ".md")
DATA_LICENSES = (ROOT / "DATA_LICENSES.md").read_text("utf-8")
PINNED = re.compile(
    r"^(?P<name>[a-z0-9._-]+)==(?P<version>[^ ;\\]+)(?P<rest>.*(?:\n[ ]+--hash=sha256:[0-9a-f]{64}.*)*)", re.MULTILINE
)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def names_and_bounds(requirements: list[str]) -> dict[str, str]:
    parts = (re.fullmatch(r"([A-Za-z0-9._-]+)\s*(.*)", requirement) for requirement in requirements)
    return {normal(part[1]): part[2] for part in parts if part}


def conda_dependencies() -> list[Any]:
    return list(yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"])


def tracked_text() -> list[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    paths = [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    found = []
    for name in paths:
        raw = (ROOT / name).read_bytes()
        if b"\0" not in raw and not name.endswith(".gz"):
            found.append((name, raw.decode("utf-8")))
    return found


@pytest.mark.parametrize("name", ["geo", "layers", "network", "maps", "corridors"])
def test_import_name_is_the_folder_of_this_tree(name: str) -> None:
    assert importlib.import_module(name).__file__ == str(ROOT / name / "__init__.py")


def test_no_package_below_tests_hides_a_real_one() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_root_holds_no_python_file() -> None:
    assert not list(ROOT.glob("*.py"))


def test_conda_environment_asks_for_what_the_project_asks_for() -> None:
    asked = names_and_bounds([item for item in conda_dependencies() if isinstance(item, str)])

    assert asked.pop("pip") == ""
    assert asked.pop("python") == PROJECT["requires-python"]
    # on PyPI only: pip brings it with the checkout
    wanted = names_and_bounds(PROJECT["dependencies"])
    del wanted["pyroutingkit"]
    assert asked == wanted


def test_conda_environment_lets_pip_install_only_the_checkout() -> None:
    assert [item for item in conda_dependencies() if isinstance(item, dict)] == [{"pip": ["-e ."]}]


@pytest.mark.parametrize("lock", sorted(LOCKS))
def test_lock_pins_every_dependency(lock: str) -> None:
    pinned = {normal(match["name"]) for match in PINNED.finditer((ROOT / "requirements" / f"{lock}.txt").read_text())}

    assert set(names_and_bounds(LOCKS[lock])) <= pinned


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_lock_has_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text("utf-8")

    assert [match["name"] for match in PINNED.finditer(text) if "--hash=sha256:" not in match["rest"]] == []
    assert not re.search(r"://|--(extra-)?index-url|--find-links|@ ", text)


@pytest.mark.parametrize("name", ["build", "lock"])
def test_lock_of_tools_pins_what_its_list_asks_for(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.in").read_text("utf-8").splitlines()
    asked = names_and_bounds([line for line in lines if line and not line.startswith("#")])
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")

    assert set(asked) <= {normal(match["name"]) for match in PINNED.finditer(text)}


def test_locks_agree_on_versions() -> None:
    versions: dict[str, set[str]] = {}
    for lock in ("run", "build", "dev", "data", "bench"):
        seen: dict[str, set[str]] = {}
        for match in PINNED.finditer((ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")):
            # one name may have several pins, each with a marker: together they are what the lock says
            seen.setdefault(match["name"], set()).add(match["version"])
        for name, pins in seen.items():
            assert versions.setdefault(name, pins) == pins, name


def test_text_names_no_machine_and_no_registry_host() -> None:
    # put together here, or this file would find itself
    hosts = [
        ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com"))
    ]
    paths = rf"(?<![\w.])/(?:{'work'}/|{'tmp'}/\w|{'root'}/|{'home'}/\w)"
    forbidden = re.compile(f"{paths}|{'|'.join(map(re.escape, hosts))}")

    assert [
        f"{name}:{number}: {match[0]}"
        for name, text in tracked_text()
        for number, line in enumerate(text.splitlines(), 1)
        if (match := forbidden.search(line))
    ] == []


@pytest.mark.parametrize("file", DATA_FILES, ids=lambda path: path.name)
def test_data_file_has_its_licence_row(file: Path) -> None:
    assert f"| `geo/data/{file.name}` |" in DATA_LICENSES
    assert f"`{file.name}`" in (ROOT / "geo" / "data" / "README.md").read_text("utf-8")


def test_no_licence_row_without_its_data_file() -> None:
    assert sorted(re.findall(r"^\| `geo/data/([^`]+)`", DATA_LICENSES, re.MULTILINE)) == [
        file.name for file in DATA_FILES
    ]


@pytest.mark.parametrize("name", sorted(INPUTS))
def test_pinned_input_is_listed_with_its_sum(name: str) -> None:
    item = INPUTS[name]

    assert f"| {name} | {item.package} {item.version} | `{item.file}` | `{item.sha256}` |" in DATA_LICENSES


@pytest.mark.parametrize("item", sorted({(item.package, item.version) for item in INPUTS.values()}))
def test_input_version_is_the_one_installed(item: tuple[str, str]) -> None:
    package, version = item
    makefile = (ROOT / "Makefile").read_text("utf-8")

    assert f"{package}=={version}" in EXTRAS["data"] or f"{package}-{version}.tgz" in makefile


@pytest.mark.parametrize("figure", sorted(asdict(RAIL_OPTIONS)))
def test_thinning_figure_is_the_one_used(figure: str) -> None:
    row = re.search(rf"\(`{figure}`\) \| ([\d.]+) \| ([\d.]+) \|", DATA_LICENSES)

    assert row
    assert [float(row[1]), float(row[2])] == [getattr(RAIL_OPTIONS, figure), getattr(ROAD_OPTIONS, figure)]


def test_prepared_data_is_small() -> None:
    assert sum(file.stat().st_size for file in DATA_FILES) < 25e6


def test_newest_changelog_entry_is_this_version() -> None:
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)

    assert newest
    assert newest[1] == PROJECT["version"]


def test_every_dependency_has_its_reason() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", (ROOT / "docs" / "dependencies.md").read_text("utf-8"), re.MULTILINE)

    assert set(names_and_bounds(LOCKS["data"] + LOCKS["bench"])) <= {
        normal(name) for row in rows for name in row.split(" (")[0].strip().split(", ")
    }


def test_every_make_command_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        (name, command)
        for name, text in tracked_text()
        if name.endswith(".md")
        for command in re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE)
    }

    assert [pair for pair in sorted(named) if pair[1] not in targets] == []


def test_relative_links_of_the_documents_lead_somewhere() -> None:
    dead = [
        f"{name}: {target}"
        for name, text in tracked_text()
        if name.endswith(".md")
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text)
        if not (ROOT / name).parent.joinpath(target).exists()
    ]

    assert dead == []


def test_index_of_documents_lists_each_one() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    documents = [name for name, _ in tracked_text() if re.fullmatch(r"docs/[^/]+\.md", name)]

    assert [name for name in documents if f"({Path(name).name})" not in index and name != "docs/README.md"] == []
