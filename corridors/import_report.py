"""Tell what an import did: as tables for a terminal, as one HTML page, or as Markdown; text of the file is escaped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from corridors.cli_common import make_console
from corridors.importing import ImportResult
from geo.atomic import replace_text
from geo.errors import RequestError
from geo.reading.records import printable

_SHOWN_ON_TERMINAL = 15
_SHOWN_IN_FILE = 500
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_CSS = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#222;background:#fff}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;display:block;overflow-x:auto}
td,th{border:1px solid #ccc;padding:.25rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
td:first-child,th{white-space:nowrap}svg{width:100%;height:auto;border:1px solid #ccc;background:#fff}
"""
# what Markdown readers act on, in the body of a line and in a table cell
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&@:.-])")

_Table = tuple[str, tuple[str, str], list[tuple[str, str]]]


def check_report_name(path: Path) -> None:
    """Refuse a report of another kind before any work is done.

    Raises
    ------
    RequestError
        The name ends neither with ``.html`` nor with ``.md``, or its folder is not there.
    """
    if path.suffix not in (".html", ".md"):
        raise RequestError(f"cannot write report {path}: name it .html or .md")
    if not path.parent.is_dir():
        raise RequestError(f"cannot write report {path}: its folder does not exist; create it first")


def write_report(result: ImportResult, path: Path) -> None:
    """Write the report as a self-contained page, or as Markdown, by the ending of its name.

    Raises
    ------
    RequestError
        The name has another ending.
    WriteError
        The file cannot be written.
    """
    check_report_name(path)
    replace_text(path, report_html(result) if path.suffix == ".html" else report_markdown(result))


def summary(result: ImportResult) -> list[tuple[str, str]]:
    """Return the head of every report: what was read and what became of it."""
    report = result.report
    kept = ", ".join(f"{count:,} {table}" for table, count in result.counts.items() if count)
    where = f"study, import {result.id}" if result.folder else "nowhere: no study was given, this was a trial"
    rows = [
        ("file", printable(report.file, length=200)),
        ("layer", printable(report.layer)),
        ("format", report.format),
        ("reference system", report.crs),
        ("sha256", report.sha256),
        ("rows read", f"{report.read:,}"),
        ("rows kept", f"{report.kept:,} ({kept})"),
        ("kept in", where),
    ]
    if result.lines:
        rows.append(("line ids", ", ".join(result.lines[:5]) + (" …" if len(result.lines) > 5 else "")))
    return rows


def report_html(result: ImportResult) -> str:
    """Return the report as one HTML page that loads nothing and runs nothing."""
    title = escape(f"Import of {printable(result.report.file, length=200)}")
    body = [f"<h1>{title}</h1>", _html_table(("", ""), summary(result))]
    if result.picture:
        body.append(result.picture)
    for heading, columns, rows in _tables(result):
        body += [f"<h2>{heading} ({len(rows):,})</h2>", _html_table(columns, rows) if rows else "<p>None.</p>"]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_CSS}</style>\n</head>\n<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def report_markdown(result: ImportResult) -> str:
    """Return the report as Markdown, its picture as SVG within the text."""
    lines = [
        f"# Import of {_plain(printable(result.report.file, length=200))}",
        "",
        *_md_table(("", ""), summary(result)),
    ]
    if result.picture:
        # a div opens a block of HTML, which a blank line would end
        lines += ["", "<div>", *(line for line in result.picture.splitlines() if line.strip()), "</div>"]
    for heading, columns, rows in _tables(result):
        lines += ["", f"## {heading} ({len(rows):,})", "", *(_md_table(columns, rows) if rows else ["None."])]
    return "\n".join(lines) + "\n"


def _tables(result: ImportResult) -> list[_Table]:
    report = result.report
    return [
        ("Connected", ("to", "km"), [(node, f"{km:.3f}") for node, km in result.connected]),
        ("Warnings", ("", "what"), [(str(n), text) for n, text in enumerate(report.warnings, start=1)]),
        ("Repaired", ("row", "what"), [(str(row), what) for row, what in report.repaired]),
        ("Refused", ("row", "why"), [(str(row), why) for row, why in report.refused]),
    ]


def _html_table(columns: tuple[str, str], rows: Sequence[tuple[str, str]]) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in columns) if any(columns) else ""
    cells = "\n".join(
        f"<tr><td>{escape(_visible(a))}</td><td>{escape(_visible(b))}</td></tr>" for a, b in rows[:_SHOWN_IN_FILE]
    )
    return f"<table>{f'<tr>{head}</tr>' if head else ''}\n{cells}\n</table>{_html_rest(rows)}"


def _html_rest(rows: Sequence[object]) -> str:
    more = len(rows) - _SHOWN_IN_FILE
    return f"\n<p>… and {more:,} more; --json lists all.</p>" if more > 0 else ""


def _md_table(columns: tuple[str, str], rows: Sequence[tuple[str, str]]) -> list[str]:
    head = [f"| {columns[0]} | {columns[1]} |", "| --- | --- |"]
    found = [f"| {_plain(_visible(a))} | {_plain(_visible(b))} |" for a, b in rows[:_SHOWN_IN_FILE]]
    more = len(rows) - _SHOWN_IN_FILE
    return [*head, *found, *(["", f"… and {more:,} more; --json lists all."] if more > 0 else [])]


def _visible(text: str) -> str:
    return printable(text, length=2_000)


def _plain(text: str) -> str:
    """Escape what Markdown or HTML within it would act on."""
    return _MARKDOWN.sub(r"\\\1", text).replace("\\<", "&lt;").replace("\\>", "&gt;").replace("\\&", "&amp;")


def print_result(result: ImportResult) -> None:
    """Print the report as tables for people."""
    from rich.table import Table
    from rich.text import Text

    console = make_console()
    tables: list[_Table] = [("", ("", ""), summary(result)), *_tables(result)]
    for heading, columns, rows in tables:
        if not rows:
            continue
        if heading:
            console.print(Text(f"{heading} ({len(rows):,})", style="bold"))
        table = Table(*columns, box=None, pad_edge=False, show_header=any(columns))
        for cells in rows[: None if not heading else _SHOWN_ON_TERMINAL]:
            table.add_row(*(Text(_visible(cell)) for cell in cells))
        console.print(table)
        if heading and len(rows) > _SHOWN_ON_TERMINAL:
            console.print(f"… and {len(rows) - _SHOWN_ON_TERMINAL:,} more; --json or --report lists them")
