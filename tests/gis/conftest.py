"""The shipped layers in every format, written once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from corridors.atlas import Atlas
from corridors.build import make_export
from corridors.exchange import FORMATS, Export, write_export

# a script for the Python that has QGIS
collect_ignore = ["qgis_look.py"]


@dataclass(frozen=True)
class Exported:
    """An export and the folder it was written to."""

    export: Export
    folder: Path


@pytest.fixture(scope="session")
def exported(atlas: Atlas, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    folder = tmp_path_factory.mktemp("exported")
    made = make_export(atlas)
    assert all(write_export(made, FORMATS, folder).values())
    return Exported(made, folder)
