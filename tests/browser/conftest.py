"""A real browser with the network cut: pages are opened from disk, everything they ask for is recorded."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Route, sync_playwright

from maps.content import MapContent
from maps.page import write_page

_NAMES = ("google-chrome", "chromium", "chromium-browser")
# runs before the page: what hostile text would call, and a record of what the policy stopped
_WATCH = """
window.canaryCalls = 0;
window.canary = () => { window.canaryCalls += 1; };
window.alert = window.canary;
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
"""


@dataclass
class Opened:
    """A page and all it said or asked for."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def run(self, expression: str, argument: object = None) -> Any:  # noqa: ANN401 - whatever the page answers
        return self.page.evaluate(expression, argument)

    def click_target(self, target: str) -> None:
        """Click the map at the middle of the longest run of a feature."""
        x, y = self.run(
            """target => {
                const C = window.corridors;
                const run = C.worldOf(C.featureOf(target)).runs[0];
                const i = Math.max(0, Math.floor(run.length / 4) * 2 - 2);
                const middle = run.length > 2 ? [(run[i] + run[i + 2]) / 2, (run[i + 1] + run[i + 3]) / 2] : run;
                const at = C.map.latLngToContainerPoint(C.unworld(middle[0], middle[1]));
                return [at.x, at.y];
            }""",
            target,
        )
        self.page.mouse.click(x, y)

    def settle(self) -> None:
        """Wait until two frames have been painted."""
        self.run("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")


Opener = Callable[..., Opened]


def _executable(playwright: Playwright) -> str:
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    own = playwright.chromium.executable_path
    if found is None and Path(own).exists():
        found = own
    if found is None:
        names = ", ".join(_NAMES)
        pytest.fail(
            f"no browser: put one of {names} on PATH, run 'playwright install chromium', or use -m 'not browser'"
        )
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        opened = playwright.chromium.launch(executable_path=_executable(playwright), args=arguments)
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """Give a function that writes a content, opens it and waits until the map stands."""
    contexts = []

    def opener(
        content: MapContent, *, size: tuple[int, int] = (1280, 800), fragment: str = "", dark: bool = False
    ) -> Opened:
        path = tmp_path / "map.html"
        write_page(content, path)
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        opened = Opened(context.new_page(), path.as_uri())
        _watch(opened)
        opened.page.goto(opened.address + fragment)
        opened.page.wait_for_selector("html[data-ready]", state="attached")
        return opened

    yield opener
    for context in contexts:
        context.close()


def _watch(opened: Opened) -> None:
    def let_files_only(route: Route) -> None:
        opened.requests.append(route.request.url)
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            route.abort()

    def complain(message: ConsoleMessage) -> None:
        opened.complaints.append(f"{message.type}: {message.text}")

    opened.page.route("**/*", let_files_only)
    opened.page.on("console", complain)
    opened.page.on("pageerror", lambda error: opened.complaints.append(f"uncaught: {error}"))
    opened.page.add_init_script(_WATCH)
