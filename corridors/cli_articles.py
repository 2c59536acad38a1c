"""Commands on articles: ``articles``, ``review`` and ``coverage``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corridors.cli_common import clean, json_option, study_option

if TYPE_CHECKING:
    from corridors.atlas import Atlas
    from corridors.intake import Intake
    from layers.articles.records import Annotated

_OK, _NOT_ALL = 0, 1
_JSON_HEAD = '{"articles": ['


def add_commands(group: click.Group) -> None:
    """Add the commands of this module to a group, which it changes."""
    for command in (articles, review, coverage):
        group.add_command(command)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--export", "export", type=click.Path(path_type=Path, file_okay=False), help="Write JSON-LD, CSV and layers here."
)
@study_option
@json_option
def articles(*, paths: tuple[Path, ...], export: Path | None, study: Path | None, as_json: bool) -> None:
    """Read articles (text, Markdown, web page, PDF) and find what they say; --study keeps them.

    Exit code 1 when a file could not be read or a reviewed name lost its place; all others are taken in.
    """
    from corridors.atlas import load_atlas
    from corridors.intake import Intake, require_study

    if study is not None:
        require_study(study)
    intake = Intake(load_atlas(study), paths)
    kept: list[Annotated] = []
    orphans = told = 0
    with _progress_bar() as progress:
        intake.progress = progress
        for annotated in intake:
            orphans += sum(mention.status == "orphan" for mention in annotated.mentions)
            _tell(annotated, told, as_json=as_json)
            told += 1
            if export is not None:
                kept.append(annotated)
    _tell_end(intake, told=told, as_json=as_json)
    if export is not None:
        _export(intake.atlas, kept, export, quiet=as_json)
    if orphans and not as_json:
        click.echo(
            f"{orphans} reviewed name(s) have lost their place in a changed text; see 'corridors review'", err=True
        )
    click.get_current_context().exit(_NOT_ALL if intake.failed or orphans else _OK)


class _progress_bar:  # noqa: N801 - used as a function
    """A bar on stderr when that is a terminal; call it with files done, files in all and the last name."""

    def __enter__(self) -> Callable[[int, int, str], None]:
        self._bar: Any = None
        if not sys.stderr.isatty():
            return lambda _done, _all, _name: None
        from rich.console import Console
        from rich.progress import Progress

        self._bar = Progress(console=Console(stderr=True), transient=True)
        self._bar.start()
        task = self._bar.add_task("reading articles", total=None)
        return lambda done, total, _name: self._bar.update(task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def _tell(annotated: Annotated, number: int, *, as_json: bool) -> None:
    from corridors.intake import article_json

    if as_json:
        # one article at a time: a thousand of them need not be in memory at once
        text = json.dumps(article_json(annotated), ensure_ascii=False, allow_nan=False)
        sys.stdout.write(("," if number else _JSON_HEAD) + "\n" + text)
        return
    article = annotated.article
    counts = f"{len(annotated.mentions)} mentions, {len(annotated.events)} events, {len(annotated.figures)} figures"
    _echo(f"{article.id}\t{article.language}\t{counts}\t{article.reference.get('title', '')}")


def _tell_end(intake: Intake, *, told: int, as_json: bool) -> None:
    if as_json:
        rest = {
            "groups": [list(group) for group in intake.groups],
            "failed": [{"file": str(file), "error": error} for file, error in intake.failed],
            "skipped": [str(file) for file in intake.skipped],
            "unchanged": intake.unchanged,
        }
        sys.stdout.write(("" if told else _JSON_HEAD) + f"\n], {json.dumps(rest, ensure_ascii=False)[1:]}\n")
        return
    for group in intake.groups:
        _echo(f"the same report: {', '.join(group)}")
    for _, error in intake.failed:
        _echo(f"corridors: {error}", err=True)
    if intake.skipped:
        _echo(f"{len(intake.skipped)} file(s) of other kinds were passed over", err=True)
    if intake.unchanged:
        _echo(f"{intake.unchanged} unchanged", err=True)


def _echo(text: str, *, err: bool = False) -> None:

    click.echo(clean(text), err=err)


def _export(atlas: Atlas, kept: list[Annotated], folder: Path, *, quiet: bool) -> None:
    """Write what was found in the formats of other programs."""
    from corridors.build import DATA_DATE
    from geo.geopackage import write_geopackage
    from layers.articles.exports import write_annotations, write_linked_places, write_mentions_csv
    from layers.articles.library import Library
    from layers.articles.registry import build_registry
    from layers.mentions import mentions_layer

    library = Library({annotated.article.id: annotated for annotated in kept})
    registry = build_registry(atlas.catalogue)
    folder.mkdir(parents=True, exist_ok=True)
    layer = mentions_layer(library, registry.location_of)
    write_geopackage([layer], folder / "mentions.gpkg", title="Mentions in articles", last_change=DATA_DATE)
    counts = {
        "annotations.jsonld": write_annotations(library, folder / "annotations.jsonld"),
        "places.lpf.json": write_linked_places(library, atlas.catalogue, registry, folder / "places.lpf.json"),
        "mentions.csv": write_mentions_csv(library, folder / "mentions.csv"),
        "mentions.gpkg": len(layer.features),
    }
    if not quiet:
        _echo(f"{folder}/: {', '.join(f'{name} ({count})' for name, count in counts.items())}")


def with_texts(atlas: Atlas, texts: Path | None) -> tuple[Atlas, list[str]]:
    """Return the atlas with the articles of a folder, and what could not be read of them."""
    from dataclasses import replace

    from corridors.intake import read_texts

    if texts is None:
        return atlas, []
    supplied, faults = read_texts(atlas, texts)
    return replace(atlas, texts=supplied), faults


def tell_orphans(atlas: Atlas, faults: list[str]) -> bool:
    """Say on stderr which articles could not be read and which names lost their place; whether there are any."""
    lost = {
        key: sum(mention.status == "orphan" for mention in annotated.mentions)
        for key, annotated in atlas.library.articles.items()
    }
    for fault in faults:
        _echo(f"corridors: {fault}", err=True)
    for key, count in lost.items():
        if count:
            _echo(f"corridors: {key}: {count} mention(s) lost their place, its text has changed", err=True)
    return bool(faults) or any(lost.values())


@click.group(invoke_without_command=True)
@click.option("--boilerplate", is_flag=True, help="List names in menus, author boxes and footnotes too.")
@click.option("--propose", is_flag=True, help="Let a language model propose unknown names (extra 'names').")
@study_option
@json_option
@click.pass_context
def review(context: click.Context, *, boilerplate: bool, propose: bool, study: Path | None, as_json: bool) -> None:
    """List names to look at: lost, ambiguous, unmatched, misspelt and uncertain ones; confirm, reject or retarget them.

    Exit code 1 when reviewed names have lost their place in a changed text.
    """
    context.obj = (study, propose)
    if context.invoked_subcommand is not None:
        return
    from corridors.atlas import load_atlas
    from corridors.review import review_items, review_json, with_proposals
    from layers.articles.decisions import Decisions, read_decisions
    from layers.articles.shipped import load_library
    from layers.articles.store import articles_folder

    faults: list[str] = []
    library = load_library(load_atlas(study).catalogue, study=study, faults=faults)
    if propose:
        library = with_proposals(library)
    decisions = read_decisions(articles_folder(study)) if study else Decisions()
    items = list(review_items(library, decisions, boilerplate=boilerplate))
    document = review_json(items, library, decisions, faults)
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")
    else:
        _print_review(document)
    context.exit(_NOT_ALL if document["counts"].get("orphan") or document["lost_decisions"] or faults else _OK)


def _print_review(document: dict[str, Any]) -> None:
    for item in document["items"]:
        may_be = item["target"] or " or ".join(item["candidates"]) or "?"
        why = f"({item['confidence']:.2f}, {item['rule']})"
        _echo(f"{item['item']}\t{item['reason']}\t{item['surface']!r} = {may_be} {why}")
        _echo(f"\t{item['article']}:{item['start']}\t…{item['before']}[{item['surface']}]{item['after']}…")
        if item["target"] and item["candidates"]:
            _echo(f"\tor {', '.join(item['candidates'])}")
        for offer in item["offered"][:1]:
            _echo(f"\tbefore: {offer['verdict']} {offer['target'] or ''} in {offer['article'] or 'all articles'}")
    counts = ", ".join(f"{count} {reason}" for reason, count in document["counts"].items())
    _echo(f"{len(document['items'])} to look at{f' ({counts})' if counts else ''}, {document['decisions']} decided")
    for lost in document["lost_decisions"]:
        _echo(f"decision about {lost['name']!r} in {lost['article']}: that article is gone", err=True)
    for fault in document["damaged"]:
        _echo(f"corridors: {fault}", err=True)


_Asked = tuple[Path | None, bool]
"""Study, and whether names are proposed, as given to ``review``."""
_everywhere = click.option("--everywhere", is_flag=True, help="For this name in all articles of the study.")


@review.command()
@click.argument("item")
@_everywhere
@click.pass_obj
def confirm(asked: _Asked, *, item: str, everywhere: bool) -> None:
    """Say that ITEM means what the engine took it for."""
    _decide(asked, item, "confirm", everywhere=everywhere)


@review.command()
@click.argument("item")
@_everywhere
@click.pass_obj
def reject(asked: _Asked, *, item: str, everywhere: bool) -> None:
    """Say that ITEM is no mention of anything in the catalogue."""
    _decide(asked, item, "reject", everywhere=everywhere)


@review.command()
@click.argument("item")
@click.argument("target")
@_everywhere
@click.pass_obj
def retarget(asked: _Asked, *, item: str, target: str, everywhere: bool) -> None:
    """Say that ITEM means TARGET: a target such as place:xian, an id, or a name."""
    _decide(asked, item, "retarget", target=target, everywhere=everywhere)


def _decide(asked: _Asked, item: str, verdict: str, *, target: str = "", everywhere: bool) -> None:
    from corridors.atlas import load_atlas
    from corridors.review import decide, with_proposals

    study, propose = asked
    if study is None:
        raise click.UsageError("decisions are kept in a study: corridors review --study DIR confirm ITEM")
    atlas = load_atlas(study)
    meant = _target(atlas, target) if target else ""
    library = with_proposals(atlas.library) if propose else atlas.library
    made = decide(study, library, item, verdict, target=meant, everywhere=everywhere)  # type: ignore[arg-type]  # one of three
    where = made.article or "all articles of the study"
    _echo(f"{made.verdict}: {made.name!r} in {where}{f' is {made.target}' if made.target else ''}")


def _target(atlas: Atlas, text: str) -> str:
    """Return the target of a text: one of the registry, an id or a name of the catalogue."""
    from corridors.records import find_target
    from layers.articles.registry import build_registry

    if ":" in text and build_registry(atlas.catalogue).entity(text) is not None:
        return text
    return find_target(atlas, text)


@click.command()
@click.option("--articles", "texts", type=click.Path(path_type=Path, exists=True), help="Texts that count as well.")
@click.option("--as-of", "as_of", type=click.DateTime(["%Y-%m-%d"]), help="Day from which ages are counted; today.")
@study_option
@json_option
def coverage(*, texts: Path | None, as_of: Any, study: Path | None, as_json: bool) -> None:  # noqa: ANN401 - click's
    """Tell which article supports which feature, what they name that we do not have, and what nobody names."""
    import datetime as dt

    from corridors.atlas import load_atlas
    from corridors.coverage import coverage_json
    from corridors.intake import read_texts
    from layers.articles.shipped import load_library

    atlas = load_atlas(study)
    supplied, faults = read_texts(atlas, texts) if texts else ((), [])
    library = load_library(atlas.catalogue, texts=supplied, study=study, faults=faults)
    # the age of support is counted from the day the question is asked
    today = as_of.date() if as_of else dt.datetime.now(tz=dt.UTC).date()
    document = coverage_json(atlas.catalogue, library, today)
    if as_json:
        sys.stdout.write(json.dumps({**document, "damaged": faults}, ensure_ascii=False, allow_nan=False) + "\n")
    else:
        _print_coverage(document)
        for fault in faults:
            _echo(f"corridors: {fault}", err=True)
    click.get_current_context().exit(_NOT_ALL if faults else _OK)


def _print_coverage(document: dict[str, Any]) -> None:
    for article in document["articles"]:
        named = ", ".join(f"{target} {count}" for target, count in article["features"].items()) or "no line or corridor"
        _echo(f"{article['id']}\t{article['date'] or 'no date'}\t{article['mentions']} mentions\t{named}")
    for feature in sorted(document["features"], key=lambda feature: -feature["mentions"]):
        age = f"newest support {feature['newest']}" if feature["newest"] else "no dated support"
        _echo(f"{feature['target']}\t{feature['mentions']} mentions in {feature['reports']} report(s)\t{age}")
    unknown = document["not_in_catalogue"]
    if unknown:
        names = ", ".join(f"{row['name']} ({row['mentions']})" for row in unknown[:20])
        _echo(f"not in the catalogue: {names}{' …' if len(unknown) > 20 else ''}")
    _echo(f"{len(document['unmentioned'])} lines and corridors are named by no article", err=False)
    if document["unsupported"]:
        _echo(f"neither named nor claimed: {', '.join(document['unsupported'])}")
