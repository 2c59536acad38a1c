"""Turn what a user types into the end of a route."""

from __future__ import annotations

import re

from geo.errors import NameNotFoundError, RequestError
from layers.catalogue import Catalogue
from layers.names import find_city, name_index
from network.access import Endpoint

_COORDINATES = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*")


def resolve_endpoint(catalogue: Catalogue, text: str) -> tuple[Endpoint, tuple[str, ...]]:
    """Return the endpoint for a place id, a name in any language, or ``lon,lat``; with notes on choices made.

    Raises
    ------
    NameNotFoundError
        Nothing has this name; the message suggests names that do.
    RequestError
        Coordinates out of range.
    """
    coordinates = _COORDINATES.fullmatch(text)
    if coordinates:
        lon, lat = float(coordinates[1]), float(coordinates[2])
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            raise RequestError(f"{text!r} is not lon,lat in degrees (longitude first, −180…180, −90…90)")
        return Endpoint(f"{lon:g},{lat:g}", f"{lon:g},{lat:g}", lon, lat, is_place=False), ()
    if text in catalogue.places:
        place = catalogue.places[text]
        return Endpoint(place.id, place.name_en, place.lon, place.lat, is_place=True), ()
    index = name_index(catalogue)
    matches = index.places(text)
    if matches and matches[0].match != "fuzzy":
        return _place(catalogue, matches[0].id, text, others=[match.id for match in matches[1:4]])
    cities = find_city(text)
    if cities:
        city = cities[0]
        note = f"{text!r} is taken as {city.name} ({city.iso2}, {city.lon:g}, {city.lat:g}) of the gazetteer"
        endpoint = Endpoint(f"geonames:{city.geonames_id}", city.name, city.lon, city.lat, is_place=False)
        return endpoint, (note,)
    if len({match.id for match in matches}) == 1:
        endpoint, _ = _place(catalogue, matches[0].id, text, others=[])
        return endpoint, (f"{text!r} is taken as {endpoint.name}",)
    suggestions = [match.name for match in matches] or index.suggestions(text)
    hint = f"; did you mean {', '.join(suggestions)}?" if suggestions else "; try 'corridors search'"
    raise NameNotFoundError(f"no place is called {text!r}{hint}")


def _place(catalogue: Catalogue, key: str, text: str, *, others: list[str]) -> tuple[Endpoint, tuple[str, ...]]:
    place = catalogue.places[key]
    notes = (f"{text!r} is taken as {key}; also: {', '.join(others)}",) if others else ()
    return Endpoint(place.id, place.name_en, place.lon, place.lat, is_place=True), notes
