"""The page as people meet it: opened from a file in a real browser, with nothing but itself."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from dataclaw.run.report.report import write_report
from tests.run.report.runs import draft, write_clip_run, write_run
from tests.streams.conftest import write_video

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]

EVIL = '</script><script>window.broken = 1</script><img src=x onerror="window.broken = 2">{{7*7}}\u202e'


@dataclass(slots=True)
class Seen:
    """What the browser complained of, and what it asked for beside the page."""

    complaints: list[str] = field(default_factory=list[str])
    requests: list[str] = field(default_factory=list[str])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(write_run(tmp_path_factory.mktemp("run")))


def visit(browser: Browser, report: Path, *, width: int = 1400, dark: bool = False) -> tuple[Page, Seen]:
    seen = Seen()
    scheme = "dark" if dark else "light"
    page = browser.new_page(viewport={"width": width, "height": 850}, color_scheme=scheme)
    page.on("console", lambda message: seen.complaints.append(message.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("request", lambda request: seen.requests.append(request.url))
    page.goto(report.as_uri())
    return page, seen


def choose(page: Page, row: Locator) -> None:
    """Open a row; the page follows the address a moment after the click."""
    row.click()
    row.and_(page.locator("[aria-current=true]")).wait_for()


def asked_for(seen: Seen, report: Path) -> list[str]:
    inside = ("data:image/jpeg;", "data:video/mp4;")
    return [url for url in seen.requests if not url.startswith(inside) and url != report.as_uri()]


def test_the_page_is_quiet_and_asks_for_nothing(browser: Browser, report: Path):
    page, seen = visit(browser, report)
    for row in page.locator("#rows a").all():
        choose(page, row)
    assert asked_for(seen, report) == []
    assert seen.complaints == []


def test_markup_from_a_screen_is_inert_everywhere(browser: Browser, tmp_path: Path):
    out = write_run(tmp_path)
    for name in ("samples", "rejected"):
        file = out / f"{name}.jsonl"
        rows = [poisoned(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
        file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    for file in (out / "traces").glob("*.json"):
        file.write_text(json.dumps(poisoned(json.loads(file.read_text(encoding="utf-8")))), encoding="utf-8")
    run = out / "run.toml"
    run.write_text(run.read_text().replace("Turn this recording", EVIL.replace('"', "'").replace("\u202e", "")))
    report = write_report(out)
    page, seen = visit(browser, report)
    for row in page.locator("#rows a").all():
        choose(page, row)
        for _ in range(2):  # the transcript is made when its fold opens, and has folds of its own
            page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
            page.wait_for_timeout(30)
        for field_row in page.locator(".field.proved").all()[:4]:
            field_row.click()
        assert EVIL[:40] in page.locator("#detail").inner_text()
        assert page.evaluate("window.broken") is None
        assert page.locator("#detail img[src=x], #detail script, img[onerror]").count() == 0
    assert asked_for(seen, report) == []
    assert seen.complaints == []
    assert "\u202e" not in page.locator("#detail").inner_text()


def test_the_policy_stops_what_would_slip_through(browser: Browser, report: Path):
    page, _ = visit(browser, report)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img id=slip src=x onerror=\"window.broken = 3\">')")
    page.evaluate("const s = document.createElement('script'); s.text = 'window.broken = 4'; document.body.append(s)")
    page.wait_for_timeout(100)
    assert page.evaluate("window.broken") is None
    assert page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'sent', (error) => error.name)") == "TypeError"


def test_a_field_shows_its_evidence_on_the_screenshot_and_in_time(browser: Browser, report: Path):
    page, _ = visit(browser, report)
    field_row = page.locator('[data-pointer="/answer/actions/4/window"]')
    field_row.click()
    assert page.locator(".tick.lit").get_attribute("data-id") == "e7"
    assert page.locator(".frames [aria-current=true]").inner_text() == "f7"
    assert page.locator(".tag").all_inner_texts() == ["e7", "t2"]
    assert page.locator(".screen rect:not(.halo)").count() == 2
    assert "confidence 0.62" in page.locator(".proof").inner_text()
    screen, spot = page.locator(".screen").bounding_box(), page.locator(".spot").bounding_box()
    assert screen
    assert spot
    at = (spot["x"] + spot["width"] / 2 - screen["x"]) / screen["width"]
    assert at == pytest.approx(1090 / 1280, abs=0.01), "the middle of the Checkout button"
    image = page.locator(".screen img")
    assert image.evaluate("i => i.decode().then(() => i.naturalWidth)") == 1000
    page.keyboard.press("Escape")
    assert page.locator(".lit").count() == 0


def test_a_tick_leads_back_to_the_fields_that_cite_it(browser: Browser, report: Path):
    page, _ = visit(browser, report)
    page.locator('.tick[data-id="e4"]').click()
    lit = page.locator(".field.lit, .headline .lit").evaluate_all("all => all.map(n => n.dataset.pointer)")
    assert lit
    assert all(pointer.startswith("/answer/actions/2/") for pointer in lit)
    page.locator('.tick[data-id="e6"]').click()
    assert "left out: no effect" in page.locator(".proof").inner_text()


def test_everything_can_be_reached_with_the_keyboard(browser: Browser, report: Path):
    page, _ = visit(browser, report)
    page.locator('[data-pointer="/answer/actions/0/window"] button').focus()
    page.keyboard.press("Enter")
    assert page.locator(".tick.lit").get_attribute("data-id") == "e0"
    page.locator(".tick").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".tick.lit").get_attribute("data-id") == "e1"
    page.keyboard.press("j")
    page.locator("#detail h2", has_text="shop_001").wait_for()
    assert "after 1 repair" in page.locator("#detail .title").inner_text()
    page.keyboard.press("k")
    page.locator("#detail h2", has_text="shop_000").wait_for()


def test_the_list_is_filtered_by_text_and_verdict(browser: Browser, report: Path):
    page, _ = visit(browser, report)
    page.locator("button[data-verdict=rejected]").click()
    assert page.locator("#rows li:visible b").all_inner_texts() == ["shop_bad", "broken.zip"]
    page.locator("#filter").fill("screenshot 12")
    assert page.locator("#rows li:visible b").all_inner_texts() == ["broken.zip"]
    page.locator("#filter").fill("nowhere")
    assert page.locator("#none").is_visible()


def test_a_rejection_shows_why_and_its_best_draft(browser: Browser, report: Path):
    page, _ = visit(browser, report)
    choose(page, page.locator("#rows a", has_text="shop_bad"))
    assert "below its mark" in page.locator(".grid").inner_text()
    page.locator(".finding .link").first.click()
    pointed = page.evaluate("document.activeElement.closest('[data-pointer]').dataset.pointer")
    assert pointed == "/answer/actions/2/point"
    page.locator('[data-pointer="/answer/actions/2/point"]').click()
    assert page.locator(".tick.lit").get_attribute("data-id") == "e4", "a draft's own citations lead to the evidence"
    choose(page, page.locator("#rows a", has_text="broken.zip"))
    assert "Record it again" in page.locator(".alert").inner_text()


@pytest.mark.parametrize("width", [390, 820, 1400])
def test_nothing_is_wider_than_the_window(browser: Browser, tmp_path: Path, width: int):
    body = draft()
    body["goal"] = {"cite": ["e1"], "text": "x" * 600}
    page, _ = visit(browser, write_report(write_run(tmp_path, good=1, written=body)), width=width, dark=True)
    for row in page.locator("#rows a").all():
        choose(page, row)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [390, 1400])
def test_a_number_is_never_broken_over_lines(browser: Browser, report: Path, width: int):
    page, _ = visit(browser, report, width=width)
    cell = page.locator(".bars .number").last
    before = cell.bounding_box()
    cell.evaluate("(node) => { node.textContent = '8566123'; }")
    after = cell.bounding_box()
    assert before
    assert after
    assert after["height"] == before["height"]


def test_on_a_phone_the_screenshot_stays_in_view_and_nothing_jumps(browser: Browser, report: Path):
    page, _ = visit(browser, report, width=390)
    target = page.locator('[data-pointer="/answer/actions/3/effect"]')
    target.scroll_into_view_if_needed()
    before = target.bounding_box()
    target.hover()
    assert page.locator(".tick.lit").count() == 0, "above the text, looking would move the text"
    target.click()
    after, stage = target.bounding_box(), page.locator(".stage").bounding_box()
    assert before
    assert after
    assert stage
    assert after["y"] == pytest.approx(before["y"], abs=1)
    assert stage["y"] == pytest.approx(0, abs=1)
    assert page.locator(".tag").first.is_visible()


def poisoned(value: object, key: str = "") -> object:
    """The record with markup at the head of every string that a screen, a file or a model may have filled."""
    if isinstance(value, list):
        return [poisoned(item, key) for item in value]
    if isinstance(value, dict):
        inside = {str(k): poisoned(v, str(k)) for k, v in value.items()}
        return inside if key not in ("by_reason",) else {f"{EVIL}{k}": v for k, v in inside.items()}
    names = {"id", "kind", "sample", "event", "role", "stop", "cite", "key", "clock", "phase"}
    evidence = key.startswith("/") or key in names
    return f"{EVIL}{value}" if isinstance(value, str) and not evidence else value


def test_clips_play_and_placeholders_show_their_pictures(browser: Browser, tmp_path: Path):
    report = write_report(write_clip_run(tmp_path / "out", write_video(tmp_path / "robot.mp4", range(60))))
    page, seen = visit(browser, report)
    clips = page.locator("figure.clip")
    assert [clip.get_attribute("data-role") for clip in clips.all()] == ["input_video", "output_video"]
    assert "f2 shown 6 times more" in clips.nth(0).inner_text()
    for clip in clips.all():
        playing = clip.locator("video").evaluate(
            "async (v) => { await v.play(); await new Promise((r) => setTimeout(r, 200)); "
            "return [v.videoWidth, v.currentTime > 0, v.error === null]; }"
        )
        assert playing == [192, True, True]
    pictures = page.locator(".recall img")
    assert pictures.count() == 2
    assert pictures.nth(0).get_attribute("src") != pictures.nth(1).get_attribute("src")
    assert page.get_by_text("approach_stall").count() == 1
    assert asked_for(seen, report) == []
    assert seen.complaints == []
