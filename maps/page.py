"""Writing one self-contained page: skeleton by folium, data in an island, everything else constant.

The page asks nobody for anything: its Content-Security-Policy allows only the scripts known here, by hash, and forbids
every connection. The island is inserted after all rendering is done and is read by ``maps/static/app.js``, which
writes text as text.
"""

from __future__ import annotations

from pathlib import Path

from geo.atomic import replace_file
from maps.assets import PROJECTION, SCRIPTS, STYLES, csp_hash, leaflet_script, leaflet_style, static_text
from maps.content import LANGUAGES, MapContent
from maps.encode import island, island_text
from maps.skeleton import render_skeleton

ISLAND_ID = "corridors-data"


def page_scripts() -> tuple[str, ...]:
    """Give every script of a page in the order they run; the same for all pages."""
    skeleton = render_skeleton()
    hand_over = f"window.corridorsMap = {skeleton.map_name};\n"
    ours = (static_text(name) for name in SCRIPTS)
    return (leaflet_script(), static_text(PROJECTION), skeleton.script + hand_over, *ours)


def content_security_policy(scripts: tuple[str, ...]) -> str:
    """Give the policy that lets exactly these scripts run and nothing be loaded from anywhere."""
    hashes = " ".join(csp_hash(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def render_page(content: MapContent) -> str:
    """Give the page as HTML text; equal content gives equal bytes.

    Parameters
    ----------
    content
        What the page shows. Its texts may be hostile: they are only ever written as text.

    Raises
    ------
    ValueError
        Where a number of the content is not finite.
    """
    scripts = page_scripts()
    language = content.language if content.language in LANGUAGES else "en"
    data = island_text(island(content))
    pieces = [
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{content_security_policy(scripts)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        '<meta name="color-scheme" content="light dark">',
        '<link rel="icon" href="data:,">',
        "<title>corridors</title>",
        f"<style>\n{leaflet_style()}</style>",
        *(f"<style>\n{static_text(name)}</style>" for name in STYLES),
        "</head>\n<body>",
        static_text("body.html"),
        '<div id="stage">',
        render_skeleton().html + "</div>",
        f'<script type="application/json" id="{ISLAND_ID}">{data}</script>',
        *(f"<script>{script}</script>" for script in scripts),
        "</body>\n</html>\n",
    ]
    return "\n".join(pieces)


def write_page(content: MapContent, path: Path) -> None:
    """Write the page whole or not at all: what stood at ``path`` stays until the new file is complete.

    Raises
    ------
    WriteError
        Where the directory is missing or not writable.
    """
    data = render_page(content).encode("utf-8")
    replace_file(path, lambda temporary: _write(temporary, data))


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
