"""The scripts and styles a page carries inside itself: our own and the vendored Leaflet."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

# in the order they run; the map script that folium writes comes after PROJECTION
PROJECTION = "projection.js"
SCRIPTS = (
    "core.js",
    "geometry.js",
    "paint.js",
    "basemap.js",
    "features.js",
    "labels.js",
    "legend.js",
    "detail.js",
    "layers.js",
    "route.js",
    "reading.js",
    "articles.js",
    "search.js",
    "about.js",
    "app.js",
)
STYLES = ("page.css", "panel.css")


@cache
def static_text(name: str) -> str:
    """Give one file of ``maps/static`` as text."""
    return files("maps").joinpath("static", name).read_text(encoding="utf-8")


@cache
def leaflet_script() -> str:
    """Give Leaflet without its source-map comment, which developer tools would fetch."""
    text = files("maps").joinpath("vendor/leaflet/leaflet.js").read_text(encoding="utf-8")
    return re.sub(r"//# sourceMappingURL=\S+\s*$", "", text)


@cache
def leaflet_style() -> str:
    """Give Leaflet's style sheet without its image files; we draw no markers or layer control with them."""
    text = files("maps").joinpath("vendor/leaflet/leaflet.css").read_text(encoding="utf-8")
    return re.sub(r"url\([^)]*\)", "none", text)


def csp_hash(script: str) -> str:
    """Give the Content-Security-Policy source of one inline script.

    Examples
    --------
    >>> csp_hash("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
