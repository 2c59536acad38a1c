"""Taking articles in: 1,000 of 10 kB into a study with two workers, beside reading them in one process without storing.

``python benchmarks/intake.py [NUMBER]``: seconds, their ratio, and the memory of the main process.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from corridors.atlas import load_atlas
from corridors.intake import Intake
from corridors.study import create_study
from layers.articles.annotate import read_article
from layers.articles.registry import build_registry
from layers.articles.shipped import BRIEFS_DIR

_NUMBER, _SIZE = 1_000, 10_000
_SAMPLE = 50


def write_articles(folder: Path, number: int) -> None:
    """Write articles of shuffled sentences of the briefs, all different."""
    briefs = " ".join(file.read_text(encoding="utf-8") for file in sorted(BRIEFS_DIR.glob("*.md")))
    sentences = [sentence.strip() for sentence in briefs.replace("\n", " ").split(". ") if len(sentence) > 30]
    chance = random.Random(5)
    for index in range(number):
        text = f"Report {index} of the series\n\n"
        while len(text) < _SIZE:
            text += chance.choice(sentences) + chance.choice((". ", ".\n\n"))
        (folder / f"r{index:05}.txt").write_text(text[:_SIZE], encoding="utf-8")


def memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(number: int) -> None:
    with tempfile.TemporaryDirectory() as base:
        inbox, study = Path(base) / "in", Path(base) / "study"
        inbox.mkdir()
        create_study(study)
        write_articles(inbox, number)
        atlas = load_atlas(study)
        registry = build_registry(atlas.catalogue)
        sample = sorted(inbox.iterdir())[:_SAMPLE]
        start = perf_counter()
        for file in sample:
            read_article(file.read_bytes(), file.name, registry, atlas.catalogue)
        single = (perf_counter() - start) / len(sample)
        intake, memory = Intake(atlas, (inbox,)), 0.0
        start = perf_counter()
        for done, _ in enumerate(intake, start=1):
            if done == number // 4:
                memory = memory_mb()
        seconds = perf_counter() - start
        again = perf_counter()
        repeated = Intake(atlas, (inbox,))
        for _ in repeated:
            pass
        print(f"{number} articles of {_SIZE / 1000:.0f} kB into a study: {seconds:.1f} s, {len(intake.failed)} refused")
        print(f"  {seconds / (single * number):.2f} of one process that only reads ({single * 1000:.1f} ms each)")
        print(f"  memory {memory:.0f} MB after a quarter, {memory_mb():.0f} MB at the end")
        print(f"  again, {repeated.unchanged} unchanged: {perf_counter() - again:.1f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _NUMBER)
