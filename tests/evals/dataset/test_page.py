"""The page of a dataset report: what it shows, that nothing on it is markup of a stranger, and how it looks."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dataclaw.evals.dataset.figures import SampleText, measure
from dataclaw.evals.dataset.map import draw_map
from dataclaw.evals.dataset.page import render, write_dataset_report
from tests.run.report.runs import write_run

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
TOPICS = ("boil the pasta", "open the mail and reply", "drive the robot arm left", "cut the clip at noon")
TEXTS = [
    SampleText(f"s{i}", f"gui.{'a' if i % 2 else 'b'}", f"{TOPICS[i % 4]} number {i}", f"raw {TOPICS[i % 4]}")
    for i in range(12)
]


def test_the_page_of_a_run(tmp_path: Path) -> None:
    run = write_run(tmp_path / "out", screens=False)
    found = write_dataset_report([run], tmp_path / "page" / "dataset.html")
    page = (tmp_path / "page" / "dataset.html").read_text()
    assert found.accepted == 3
    assert "<h1>3 training samples from 5 recordings</h1>" in page
    assert "gui.action_sequence" in page
    assert "the archive ends in the middle of screenshot …." in page
    assert "Too few samples say something for a map." in page


def test_text_of_a_stranger_is_text(tmp_path: Path) -> None:
    run = write_run(tmp_path / "out", screens=False)
    rows = [json.loads(line) for line in (run / "samples.jsonl").read_text().splitlines()]
    rows[0]["intent"]["text"] = "<script>alert(1)</script>"
    rows[0]["stream"]["format"] = '"><img src=x onerror=alert(1)>'
    (run / "samples.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    page = render(measure([run]), None)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_map_has_samples_and_the_recordings_behind_them() -> None:
    drawn = draw_map(TEXTS)
    assert drawn is not None
    assert drawn.counts == {"samples": 12, "streams": 4}
    assert 1 < drawn.scores["samples"] <= 12
    assert 1 < drawn.scores["streams"] <= 4
    assert sum(point.raw for point in drawn.points) == 4
    assert all(0 <= point.x <= 1 and 0 <= point.y <= 1 for point in drawn.points)
    assert draw_map(TEXTS[:2]) is None


def test_without_what_draws_the_map_the_page_says_how_to_get_it(tmp_path: Path) -> None:
    page = render(measure([write_run(tmp_path / "out", screens=False)]), None, "Run: pip install something")
    assert "Run: pip install something" in page


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_it_fits_its_window(tmp_path: Path, width: int, scheme: str) -> None:
    from playwright.sync_api import sync_playwright

    found = measure([write_run(tmp_path / "out", screens=False)])
    page = tmp_path / "dataset.html"
    page.write_text(render(found, None))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        tab.goto(page.as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        browser.close()
