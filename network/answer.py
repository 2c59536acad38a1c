"""A route answer as the JSON document and GeoJSON that the command line promises."""

from __future__ import annotations

from typing import Any

from network.access import Endpoint
from network.bands import Band
from network.legs import Leg, Route
from network.route import Answer


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return the ``route --json`` document."""
    return {
        "origin": _endpoint(answer.origin),
        "destination": _endpoint(answer.destination),
        "objective": answer.request.objective.value,
        "commodity": answer.request.commodity,
        "year": answer.request.year,
        "scenario": answer.request.scenario,
        "routes": [_route(route) for route in answer.routes],
        "notes": list(answer.notes),
    }


def answer_geojson(answer: Answer) -> dict[str, Any]:
    """Return the legs of all routes as a GeoJSON feature collection: lines, and points where nothing moves."""
    features = [
        {
            "type": "Feature",
            "id": f"route-{route.rank}-leg-{number}",
            "properties": {"route": route.rank, **_leg(leg)},
            "geometry": _geometry(leg),
        }
        for route in answer.routes
        for number, leg in enumerate(route.legs, start=1)
    ]
    return {"type": "FeatureCollection", "features": features}


def _endpoint(point: Endpoint) -> dict[str, Any]:
    return {"id": point.id, "name": point.name, "lon": round(point.lon, 6), "lat": round(point.lat, 6)}


def _band(band: Band) -> dict[str, float]:
    return {"p10": round(band.p10, 1), "p50": round(band.p50, 1), "p90": round(band.p90, 1)}


def _share(share: float | None) -> float | None:
    return None if share is None else round(share, 3)


def _route(route: Route) -> dict[str, Any]:
    return {
        "rank": route.rank,
        "distance_km": round(route.distance_km, 1),
        "time_h": _band(route.time_h),
        "cost_usd_per_teu": _band(route.cost_usd_per_teu),
        "co2_kg_per_teu": round(route.co2_kg_per_teu, 1),
        # what the legs add up to; the middle of the band lies above it where high values reach farther than low ones
        "central": {
            "time_h": round(sum(leg.time_h for leg in route.legs), 2),
            "cost_usd_per_teu": round(sum(leg.cost_usd_per_teu for leg in route.legs), 2),
        },
        "probability_fastest": _share(route.probability_fastest),
        "probability_cheapest": _share(route.probability_cheapest),
        "countries": list(route.countries),
        "evidence_share": round(route.evidence_share, 3),
        "legs": [_leg(leg) for leg in route.legs],
        "geometry": {
            "type": "MultiLineString",
            "coordinates": [_coordinates(leg) for leg in route.legs if leg.distance_km > 0],
        },
    }


def _leg(leg: Leg) -> dict[str, Any]:
    return {
        "kind": leg.kind,
        "from": leg.start,
        "to": leg.end,
        "countries": list(leg.countries),
        "distance_km": round(leg.distance_km, 1),
        "time_h": round(leg.time_h, 2),
        "cost_usd_per_teu": round(leg.cost_usd_per_teu, 2),
        "co2_kg_per_teu": round(leg.co2_kg_per_teu, 2),
        "gauge_mm": leg.gauge_mm,
        "lines": list(leg.lines),
        "crossing": leg.crossing or None,
        "assumed": leg.assumed,
        "claims": list(leg.claims),
    }


def _geometry(leg: Leg) -> dict[str, Any]:
    """Return a line, or a point where nothing moves: a line without length is not valid."""
    coordinates = _coordinates(leg)
    if all(position == coordinates[0] for position in coordinates):
        return {"type": "Point", "coordinates": coordinates[0]}
    return {"type": "LineString", "coordinates": coordinates}


def _coordinates(leg: Leg) -> list[list[float]]:
    return [[round(float(lon), 6), round(float(lat), 6)] for lon, lat in leg.coords]
