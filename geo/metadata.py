"""What is said about a layer as a whole, in one wording for every format."""

from __future__ import annotations

from geo.layer import Layer

CRS_TEXT = "WGS 84 longitude and latitude (OGC:CRS84)"
# citations have commas and semicolons of their own
CITATION_SEPARATOR = " | "


def layer_metadata(layer: Layer) -> dict[str, str]:
    """Give title, description, attribution, licence, date, CRS, accuracy and sources as texts; unknown ones are absent.

    Sources stand on one line each. A plain table has no CRS.

    Examples
    --------
    >>> layer_metadata(Layer("claims", "Claims", "", (), (), None, "corridors", "CC0-1.0", date="2026-11-21"))
    {'title': 'Claims', 'attribution': 'corridors', 'licence': 'CC0-1.0', 'date': '2026-11-21'}
    """
    texts = {
        "title": layer.title,
        "description": layer.description,
        "attribution": layer.attribution,
        "licence": layer.licence,
        "date": layer.date,
        "crs": CRS_TEXT if layer.geometry_type else "",
        "accuracy": layer.accuracy,
        "sources": "\n".join(layer.sources),
    }
    return {name: text for name, text in texts.items() if text}


def metadata_text(layer: Layer) -> str:
    """Give the same as lines for people; of the sources their number, since each feature cites its own.

    Examples
    --------
    >>> print(metadata_text(Layer("ports", "Ports", "Sea ports", (), (), "Point", "us", "CC0-1.0", sources=("A", "B"))))
    Sea ports
    Attribution: us
    Licence: CC0-1.0
    CRS: WGS 84 longitude and latitude (OGC:CRS84)
    Sources: 2, cited by each feature
    """
    known = layer_metadata(layer)
    lines = [known.get("description", "")]
    labels = {"attribution": "Attribution", "licence": "Licence", "date": "Date", "crs": "CRS", "accuracy": "Accuracy"}
    lines += [f"{label}: {known[name]}" for name, label in labels.items() if name in known]
    if layer.sources:
        lines.append(f"Sources: {len(layer.sources)}, cited by each feature")
    return "\n".join(lines).strip()
