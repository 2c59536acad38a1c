from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import folium
import pytest

from geo.errors import WriteError
from maps.assets import SCRIPTS
from maps.page import ISLAND_ID, content_security_policy, page_scripts, render_page, write_page
from maps.skeleton import build_map, render_skeleton
from tests.maps.sample import sample_content

ROOT = Path(__file__).parents[2]


def test_equal_content_gives_equal_bytes_under_any_hash_seed() -> None:
    program = (
        "import hashlib\nfrom maps.page import render_page\nfrom tests.maps.sample import sample_content\n"
        "print(hashlib.sha256(render_page(sample_content(has_route=True)).encode()).hexdigest())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "4242")
    ]

    assert runs[0] == runs[1]


def test_the_policy_names_the_hash_of_every_script_of_the_page_and_no_other() -> None:
    page = render_page(sample_content())

    scripts = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    digests = {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts}
    assert len(scripts) == len(SCRIPTS) + 3
    assert set(re.findall(r"'sha256-([^']+)'", page)) == digests


def test_the_policy_forbids_connections_frames_and_forms() -> None:
    policy = content_security_policy(page_scripts())

    assert policy.startswith("default-src 'none'; ")
    assert "base-uri 'none'; form-action 'none'" in policy
    assert "http" not in policy
    assert "unsafe-eval" not in policy


def test_scripts_are_the_same_for_all_contents() -> None:
    """So their hashes are of known text, never of anything data could change."""
    other = replace(sample_content(), title="</script><script>alert(1)</script>", layers=())

    pages = [render_page(sample_content()), render_page(other)]

    assert len({tuple(re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)) for page in pages}) == 1


def test_text_of_data_stands_in_the_island_only() -> None:
    title = "{{ 7 * 7 }} {% raw %} Zanzibar-4711"

    page = render_page(replace(sample_content(), title=title, policy=title))

    assert page.count("Zanzibar-4711") == 2
    island = re.search(rf'<script type="application/json" id="{ISLAND_ID}">(.*?)</script>', page, flags=re.DOTALL)
    assert island
    assert json.loads(island[1])["title"] == title


def test_no_file_is_linked_from_outside() -> None:
    page = render_page(sample_content())

    outside_the_island = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.DOTALL)
    assert not re.findall(r"<(?:script|img|iframe|link)[^>]+(?:src|href)=(?!\"data:,)", outside_the_island)
    assert "url(" not in re.sub(r"<script>.*?</script>", "", outside_the_island, flags=re.DOTALL)
    assert "sourceMappingURL" not in page


def test_the_skeleton_is_a_folium_map_with_numbered_ids() -> None:
    assert isinstance(build_map(), folium.Map)
    assert render_skeleton() == render_skeleton()
    assert render_skeleton().map_name == "map_1"


def test_building_a_page_leaves_foliums_shared_lists_alone() -> None:
    before = (list(folium.Map.default_js), list(folium.Map.default_css))

    render_page(sample_content())

    assert (folium.Map.default_js, folium.Map.default_css) == before
    assert before[0]


def test_a_language_outside_the_four_falls_back_to_english() -> None:
    page = render_page(replace(sample_content(), language='en" onload="x'))  # type: ignore[arg-type]  # on purpose

    assert '<html lang="en">' in page


def test_a_page_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "map.html"

    write_page(sample_content(), path)

    assert path.read_text(encoding="utf-8") == render_page(sample_content())
    assert [entry.name for entry in tmp_path.iterdir()] == ["map.html"]


def test_a_failed_rendering_leaves_the_old_page(tmp_path: Path) -> None:
    path = tmp_path / "map.html"
    path.write_text("old", encoding="utf-8")
    broken = sample_content(has_route=True)
    assert broken.route
    route = replace(broken.route.routes[0], distance_km=float("nan"))

    with pytest.raises(ValueError, match="JSON compliant"):
        write_page(replace(broken, route=replace(broken.route, routes=(route,))), path)

    assert path.read_text(encoding="utf-8") == "old"


def test_a_missing_folder_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(WriteError):
        write_page(sample_content(), tmp_path / "missing" / "map.html")
