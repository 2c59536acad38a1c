"""The sample content with every text turned hostile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from shapely.geometry.base import BaseGeometry

from geo.layer import Feature
from maps.content import MapContent, MapLayer
from maps.encode import target_of
from tests.maps.sample import sample_content

PAYLOAD = (
    "{{ 7*7 }}{% raw %}{# x #}`canary()`${canary()}\\u0041\\\"'</script><script>canary()</script>"
    "<img src=x onerror=canary()><svg onload=canary()>&lt;b&gt;\u2028\x00\ud800\u202e]]>--><!-- javascript:canary() "
)
# words that code compares or that are keys of a table: the fields of these names stay as they are
_STRUCTURE = frozenset({"geometry", "language"})
_LANGUAGE_KEYED = frozenset({"names", "origin", "destination"})


def _poison(value: Any, name: str = "") -> Any:  # noqa: ANN401 - walks any content
    if isinstance(value, str):
        return PAYLOAD + value
    if isinstance(value, BaseGeometry) or value is None:
        return value
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: _poison(getattr(value, field.name), field.name)
            for field in fields(value)
            if field.name not in _STRUCTURE or not isinstance(getattr(value, field.name), str)
        }
        return replace(value, **changed)
    if isinstance(value, Mapping):
        is_keyed = name in _LANGUAGE_KEYED and set(value) <= {"en", "ru", "zh", "tr"}
        return {key if is_keyed else PAYLOAD + key: _poison(entry) for key, entry in value.items()}
    if isinstance(value, tuple):
        return tuple(_poison(entry) for entry in value)
    return value


def _feature(feature: Feature, layer: MapLayer) -> Feature:
    """Poison the values and add a poisoned key; the target stays linked to its (poisoned) detail."""
    values = {key: _poison(value) for key, value in feature.properties.items()}
    properties = {**values, PAYLOAD + "key": PAYLOAD, "target": PAYLOAD + target_of(feature, layer)}
    return Feature(PAYLOAD + feature.id, feature.geometry, properties)


def hostile_content() -> MapContent:
    """Give the sample with the payload in front of every text, links between records intact."""
    plain = sample_content(has_route=True)
    poisoned: MapContent = _poison(plain)
    layers = tuple(
        replace(changed, features=tuple(_feature(feature, layer) for feature in layer.features))
        for changed, layer in zip(poisoned.layers, plain.layers, strict=True)
    )
    return replace(poisoned, layers=layers)
