from __future__ import annotations

import hashlib
import re
from pathlib import Path

from maps.assets import PROJECTION, SCRIPTS, STYLES, leaflet_script, leaflet_style

ROOT = Path(__file__).parents[2] / "maps"
LEAFLET = ROOT / "vendor" / "leaflet"


def test_leaflet_is_byte_for_byte_what_its_readme_says() -> None:
    readme = (LEAFLET / "README.md").read_text(encoding="utf-8")
    sums = dict(re.findall(r"sha256 of `([^`]+)` \| `([0-9a-f]{64})`", readme))

    assert sums == {
        name: hashlib.sha256((LEAFLET / name).read_bytes()).hexdigest()
        for name in ("leaflet.js", "leaflet.css", "LICENSE")
    }


def test_inlined_leaflet_asks_for_no_file() -> None:
    assert "sourceMappingURL" not in leaflet_script()
    assert "url(" not in leaflet_style()


def test_every_static_file_is_part_of_the_page() -> None:
    names = {entry.name for entry in (ROOT / "static").iterdir()}

    assert names == {PROJECTION, *SCRIPTS, *STYLES, "strings.json", "body.html"}


def test_our_scripts_assign_no_markup_and_open_no_connection() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|fetch\(|XMLHttpRequest|"
        r"WebSocket|sendBeacon|localStorage|bindPopup|bindTooltip|divIcon|\bimport\("
    )
    for name in (PROJECTION, *SCRIPTS):
        text = (ROOT / "static" / name).read_text(encoding="utf-8")
        assert forbidden.findall(text) == [], name
        # inside a <script> element these would end or hide it
        assert not re.search(r"</script|<!--", text, flags=re.IGNORECASE), name
