"""Read catalogue files row by row, keeping the file and line of each record for error messages."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

_LINE_KEY = "__line__"

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One unchecked record with where it stands."""

    file: Path
    line: int
    data: dict[str, Any]


class _LineLoader(yaml.CSafeLoader):
    """Safe YAML loader that notes the line of each mapping and refuses duplicate keys."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: ARG002, FBT001, FBT002 - the signature is PyYAML's
        mapping = super().construct_mapping(node, deep=True)
        if len(mapping) != len(node.value):
            keys = [key.value for key, _ in node.value]
            twice = sorted({key for key in keys if keys.count(key) > 1})
            raise yaml.constructor.ConstructorError(None, None, f"key given twice: {', '.join(twice)}", node.start_mark)
        mapping[_LINE_KEY] = node.start_mark.line + 1
        return mapping


def _drop_lines(value: Any) -> Any:  # noqa: ANN401 - walks plain YAML data of any shape
    if isinstance(value, dict):
        return {key: _drop_lines(item) for key, item in value.items() if key != _LINE_KEY}
    if isinstance(value, list):
        return [_drop_lines(item) for item in value]
    return value


def read_yaml(file: Path) -> Iterator[RawRecord]:
    """Yield the mappings of a YAML list of records.

    Raises
    ------
    ValueError
        The file is not YAML, or not a list of mappings.
    """
    try:
        # a subclass of the C safe loader: it builds plain data only
        document = yaml.load(file.read_text(encoding="utf-8"), Loader=_LineLoader)  # noqa: S506
    except yaml.YAMLError as error:
        raise ValueError(f"{file}: not valid YAML: {error}") from error
    if document is None:
        return
    if not isinstance(document, list) or not all(isinstance(item, dict) for item in document):
        raise ValueError(f"{file}: expected a list of records, each starting with '- id: …'")
    for item in document:
        yield RawRecord(file, item[_LINE_KEY], _drop_lines(item))


def read_csv(file: Path) -> Iterator[RawRecord]:
    """Yield the rows of a CSV file with a header line; empty cells are left out.

    Raises
    ------
    ValueError
        A row has more or fewer cells than the header.
    """
    reader = csv.reader(io.StringIO(file.read_text(encoding="utf-8")), strict=True)
    header = next(reader, None)
    if header is None:
        return
    start = reader.line_num + 1
    for row in reader:
        if row and not (row[0].startswith("#") and len(row) == 1):
            if len(row) != len(header):
                raise ValueError(f"{file}:{start}: {len(row)} cells, the header has {len(header)}")
            yield RawRecord(file, start, {key: cell for key, cell in zip(header, row, strict=True) if cell.strip()})
        start = reader.line_num + 1


def read_json(file: Path) -> Iterator[RawRecord]:
    """Yield the objects of a JSON list (CSL-JSON); the line is that of the record's id."""
    text = file.read_text(encoding="utf-8")
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{file}:{error.lineno}: not valid JSON: {error.msg}") from error
    if not isinstance(document, list) or not all(isinstance(item, dict) for item in document):
        raise ValueError(f"{file}: expected a list of objects")
    for item in document:
        found = text.find(f'"{item.get("id", "")}"')
        yield RawRecord(file, text.count("\n", 0, max(found, 0)) + 1, item)


_READERS = {".yaml": read_yaml, ".csv": read_csv, ".json": read_json}


def read_records(path: Path) -> Iterator[RawRecord]:
    """Yield the records of one file, or of all files of a folder in name order."""
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        if file.suffix in _READERS:
            yield from _READERS[file.suffix](file)


def check_record(raw: RawRecord, model: type[T], *, faults: list[str]) -> T | None:
    """Return the checked record, or None after adding each fault to ``faults`` (which it changes)."""
    try:
        return model.model_validate(raw.data)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            where = ".".join(str(part) for part in fault["loc"])
            name = raw.data.get("id", raw.data.get("subject", ""))
            faults.append(f"{raw.file.name}:{raw.line}: {name}: {where}: {fault['msg']}")
        return None
