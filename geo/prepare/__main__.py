"""``python -m geo.prepare [DIRECTORY]``: make all prepared data from the pinned packages."""

from __future__ import annotations

import sys
from pathlib import Path

from geo.boundaries import CountryIndex
from geo.prepare.names import (
    AREA_OF_INTEREST,
    city_rows,
    prepare_airports,
    prepare_country_names,
    prepare_gazetteer,
)
from geo.prepare.outlines import write_outlines
from geo.prepare.sea import prepare_ports, prepare_sea_lanes
from geo.prepare.tracks import prepare_railways, prepare_roads
from geo.store import DATA_DIR

ARCHIVES = Path("build/packages")
# hubs between which roads are kept: cities of at least this many people, fewer where the corridors run
HUB_POPULATION = 100_000
HUB_POPULATION_OF_INTEREST = 15_000


def main(directory: Path) -> None:
    """Prepare everything into ``directory``, printing counts."""
    directory.mkdir(parents=True, exist_ok=True)
    index = CountryIndex.build(write_outlines(ARCHIVES, directory))
    cities = city_rows(ARCHIVES)
    hubs = [
        (float(str(row[3])), float(str(row[4])))
        for row in cities
        if int(str(row[5])) >= (HUB_POPULATION_OF_INTEREST if row[2] in AREA_OF_INTEREST else HUB_POPULATION)
    ]
    report = {
        "gazetteer": prepare_gazetteer(ARCHIVES, directory),
        "airports": prepare_airports(ARCHIVES, directory),
        "country names": prepare_country_names(ARCHIVES, directory),
        "ports": prepare_ports(ARCHIVES, directory),
        "sea lanes": prepare_sea_lanes(ARCHIVES, directory, index),
        "railways": prepare_railways(ARCHIVES, directory, index),
        "roads": prepare_roads(ARCHIVES, directory, index, hubs),
    }
    for name, counts in report.items():
        sys.stdout.write(f"{name}: {', '.join(f'{value:,} {key}' for key, value in counts.items())}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA_DIR)
