"""The documentation site is built without a warning, has every page, and asks for nothing outside itself."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import dataclaw
from tests.docs.pages import ROOT

OUTSIDE = re.compile(r"^(?:[a-z]+:)?//", re.IGNORECASE)
ASKED = {
    "audio": "src", "embed": "src", "iframe": "src", "img": "src", "input": "src", "link": "href", "object": "data",
    "script": "src", "source": "src", "track": "src", "video": "src",
}  # fmt: skip
"""Tags that make a browser ask for something, and where they say what."""
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PAGES = ("index.html", "start/index.html", "domain_gui/index.html", "cli/index.html", "api/index.html")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of the site, and what the build printed."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout + done.stderr


class Asked(HTMLParser):
    """What a page asks for when it is opened, and where its links lead."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.links: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "a":
            self.links.append(found.get("href") or "")
        elif found.get("rel") != "canonical":
            self.asked.append(found.get(ASKED.get(tag, "")) or "")
        self.asked += [one.split()[0] for one in (found.get("srcset") or "").split(",") if one.strip()]


def test_the_build_warns_of_nothing(built: tuple[Path, str]) -> None:
    assert not re.search(r"warning|error", built[1], re.IGNORECASE), built[1]


def test_every_page_is_in_the_navigation(built: tuple[Path, str]) -> None:
    folder, _ = built
    links = {(folder / link).resolve() for link in Asked(folder / "index.html").links if not OUTSIDE.match(link)}
    names = {path.stem for path in (ROOT / "docs").glob("*.md")} | {"contributing", "changelog"}
    assert len(names) > 30
    assert not [name for name in sorted(names) if (folder / name).resolve() not in links]


def test_no_page_asks_for_anything_outside_itself(built: tuple[Path, str]) -> None:
    folder, _ = built
    pages = sorted(folder.rglob("*.html"))
    assert len(pages) > 40
    assert not [(page.name, one) for page in pages for one in Asked(page).asked if OUTSIDE.match(one)]
    styles = re.compile(r"""(?:url\(|@import)\s*["']?((?:[a-z]+:)?//[^"')]+)""", re.IGNORECASE)
    texts = [(page, page.read_text(encoding="utf-8")) for page in (*pages, *folder.rglob("*.css"))]
    assert not [(page.name, found) for page, text in texts for found in styles.findall(text)]


def test_the_api_has_every_public_name(built: tuple[Path, str]) -> None:
    page = (built[0] / "api/index.html").read_text(encoding="utf-8")
    shown = re.findall(r'<h2 id="dataclaw\.[\w.]*?(\w+)" class="doc doc-heading"', page)
    assert sorted(shown) == sorted(dataclaw.__all__)


@pytest.fixture
def served(built: tuple[Path, str]) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(built[0])))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_asks_for_nothing_outside_either(served: str) -> None:
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        seen = browser.new_page()
        seen.set_default_timeout(60_000)
        seen.on("request", lambda request: asked.append(request.url))
        for page in PAGES:
            seen.goto(served + page)
        seen.locator('input[name="query"]').fill("export")
        seen.locator(".md-search-result__item").first.wait_for()
        browser.close()
    assert len(asked) > len(PAGES)
    assert not [url for url in asked if not url.startswith((served, "data:", "blob:"))]
