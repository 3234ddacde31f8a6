"""The page as people use it: a real server, a real Chromium; by mouse, by keyboard alone, and at a phone's width."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from dataclaw.types import Json
from tests.serve.conftest import ROOT, Face, Start
from tests.serve.view.conftest import Copy

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]

PATIENCE = 30_000
EVIL = '</script><script>window.broken = 1</script><img src=x onerror="window.broken = 2">'

expect.set_options(timeout=PATIENCE)


@dataclass
class Tab:
    """A page, and what it complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list[str])


Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Open an address; whatever the page complains of fails the test, but for what it says is expected."""
    tabs: list[Tab] = []
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])

    def go(address: str, *, width: int = 1400, own: bool = False, expected: str = "$^") -> Page:
        page = (browser.new_context() if own else context).new_page()
        page.set_default_timeout(PATIENCE)
        page.set_viewport_size({"width": width, "height": 900 if width > 500 else 844})
        tab = Tab(page)
        tabs.append(tab)
        page.on("console", lambda m: None if re.search(expected, m.text) else tab.complaints.append(m.text))
        page.on("pageerror", lambda error: tab.complaints.append(f"{error}\n{error.stack}"))
        page.goto(address)
        if "&id=" in address:
            expect(page.locator(".column > *").first).to_be_visible()
        return page

    yield go
    for tab in tabs:
        assert tab.complaints == []
    context.close()


@pytest.fixture
def serve(start: Start) -> Callable[..., Face]:
    def begin(*runs: Path, streams: Path | None = None, port: int = 0) -> Face:
        shown = ("--streams", streams) if streams else ()
        return start("-m", "dataclaw", "view", *runs, *shown, "--no-browse", "--port", port)

    return begin


@pytest.fixture(scope="module")
def reading(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Face]:
    """A server for tests that write nothing: `gui`, `less`, `cut`, `video`, and `many`, 300 samples."""
    folder = tmp_path_factory.mktemp("reading")
    many(Path(shutil.copytree(made / "gui", folder / "many")))
    runs = [made / "gui", made / "less", made / "cut", made / "video", folder / "many"]
    shown = ["--streams", made / "recordings", "--no-browse", "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "DATACLAW_CACHE": str(folder / "cache")}
    command = [sys.executable, "-m", "dataclaw", "view", *map(str, [*runs, *shown])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)
    assert process.stdout is not None
    yield Face(process, process.stdout.readline().split()[-1])
    process.terminate()
    process.communicate()


def lines(file: Path) -> list[dict[str, Json]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def sample_of(out: Path) -> dict[str, Json]:
    return lines(out / "samples.jsonl")[0]


def at_sample(face: Face, out: Path, **more: str) -> str:
    given = "".join(f"&{name}={value}" for name, value in more.items())
    return f"{face.url}/?run={out.name}&id={sample_of(out)['id']}{given}"


def many(out: Path, count: int = 300) -> Path:
    """The run with many copies of its sample."""
    sample = sample_of(out)
    rows = [{**sample, "id": f"{sample['id']}-{n}"} for n in range(1, count)]
    for n, row in enumerate(rows):
        row["stream"] = {**row["stream"], "name": f"copy {n:03}", "path": f"in/{n % 7}"}
        row["verdict"] = {**row["verdict"], "total": round(n / count, 3)}
        if n % 2:
            row["domain"], row["task"] = "daily", "temporal_qa"
    (out / "samples.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in [sample, *rows]), encoding="utf-8")
    return out


def shown(page: Page) -> list[str]:
    return page.locator(".row b").all_inner_texts()


def test_the_list_is_searched_filtered_and_sorted_and_the_address_holds_it(visit: Open, reading: Face):
    page = visit(f"{reading.url}/?run=many")
    count = page.locator(".count")
    expect(count).to_have_text("300 rows")
    page.get_by_label("Search").fill("copy 01")
    expect(count).to_have_text("10 rows")
    page.locator("[name=domain]").select_option("daily")
    expect(count).to_have_text("5 rows")
    page.locator("[name=sort]").select_option("best")
    expect(page.locator(".row b").first).to_have_text("copy 019")
    assert {"text=copy+01", "domain=daily", "sort=best"} <= set(page.url.split("?")[1].split("&"))
    page.reload()
    expect(count).to_have_text("5 rows")
    assert shown(page) == ["copy 019", "copy 017", "copy 015", "copy 013", "copy 011"]
    expect(page.get_by_label("Search")).to_have_value("copy 01")
    page.get_by_role("button", name="Clear all filters").click()
    expect(count).to_have_text("300 rows")
    page.get_by_label("least total").fill("0.5")
    expect(count).to_have_text("150 rows")
    page.get_by_label("most total").fill("0.6")
    expect(count).to_have_text("31 rows")
    page.locator("[name=rule]").select_option(index=1)
    page.locator("[name=task]").select_option("temporal_qa")
    expect(count).to_have_text("15 rows")
    page.get_by_label("Search").fill("nothing like it")
    expect(page.locator(".rows")).to_contain_text("Nothing matches these filters.")


def test_the_list_goes_by_keyboard_and_only_what_is_seen_is_drawn(visit: Open, reading: Face):
    page = visit(f"{reading.url}/?run=many")
    expect(page.locator(".count")).to_have_text("300 rows")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[aria-selected=true] b")).to_have_text("copy 001")
    page.keyboard.press("End")
    expect(page.locator("[aria-selected=true] b")).to_have_text("copy 298")
    assert page.locator(".row").count() < 60
    page.keyboard.press("PageUp")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("copy 2")
    here = page.locator("h1").inner_text()
    page.keyboard.press("j")
    expect(page.locator("h1")).not_to_have_text(here)
    page.keyboard.press("k")
    expect(page.locator("h1")).to_have_text(here)
    page.go_back()
    page.go_back()
    page.go_back()
    expect(page.locator("[aria-selected=true] b")).to_have_text(here)
    page.keyboard.press("/")
    expect(page.get_by_label("Search")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".rows")).to_be_focused()


def test_a_field_leads_to_its_evidence_and_an_anchor_to_its_fields(visit: Open, reading: Face, made: Path):
    sample = sample_of(made / "gui")
    page = visit(at_sample(reading, made / "gui"))
    pointer = "/answer/actions/2/point"
    (event, *_) = sample["evidence"][pointer]
    page.locator(f'[data-pointer="{pointer}"]').click()
    expect(page.locator(".screen .tag").first).to_have_text(event)
    frame = sample["anchors"][event]["frame"]
    expect(page.locator(".frames [aria-current=true]")).to_have_text(f"f{frame}")
    expect(page.locator(f'.tick.lit[data-id="{event}"]')).to_have_count(1)
    assert "pick=%2Fanswer%2Factions%2F2%2Fpoint" in page.url
    shared = page.url
    page.keyboard.press("Escape")
    expect(page.locator(".lit")).to_have_count(0)
    page.locator(f'.jumps button[data-id="{event}"]').click()
    lit = page.locator(".field.lit, .headline .lit").evaluate_all("all => all.map((n) => n.dataset.pointer)")
    assert set(lit) >= {p for p, ids in sample["evidence"].items() if event in ids and p.startswith("/answer/actions")}
    assert all(event in sample["evidence"][place] for place in lit)
    again = visit(shared)
    expect(again.locator(f'[data-pointer="{pointer}"].lit')).to_be_in_viewport()
    again.keyboard.press("n")
    again.keyboard.press("n")
    expect(again.locator(".jumps .lit")).to_have_count(1)
    again.locator(".tick").first.focus()
    again.keyboard.press("ArrowRight")
    expect(again.locator(".tick.lit").first).to_be_visible()


def test_a_stream_of_text_shows_the_line_that_a_field_rests_on(visit: Open, reading: Face, made: Path):
    page = visit(at_sample(reading, made / "cut"))
    page.locator('[data-pointer="/data/operations/1/name"]').click()
    lit = page.locator(".lines .lit")
    expect(lit).to_have_count(1)
    expect(lit).to_contain_text('clip "talking head~wood store~Igor Farah~A~2" record 52.84-60.04')
    expect(lit).to_be_in_viewport()


def test_a_recording_plays_jumps_and_steps_by_frames(visit: Open, reading: Face, made: Path):
    row = lines(made / "video" / "rejected.jsonl")[0]
    page = visit(f"{reading.url}/?run=video&id={row['id']}")
    video = page.locator(".film video")
    expect(video).to_have_attribute("src", f"/recording/video/{row['id']}")
    expect(page.locator(".film-bar")).to_contain_text("recording")
    page.locator("h1").click()
    for _ in range(4):
        page.keyboard.press(".")
    at = lambda: video.evaluate("v => v.currentTime")  # noqa: E731
    expect(page.locator(".film-bar .mono")).not_to_have_text("0.0 s")
    forward = at()
    page.keyboard.press(",")
    page.wait_for_timeout(300)
    assert 0 <= at() < forward
    page.keyboard.press("Space")
    expect(video).not_to_have_js_property("currentTime", forward)
    page.keyboard.press("v")
    expect(video).to_be_hidden()
    page.keyboard.press("v")
    expect(video).to_be_visible()


def test_the_steps_show_calls_and_what_a_repair_changed(visit: Open, reading: Face, made: Path):
    page = visit(at_sample(reading, made / "gui"))
    page.keyboard.press("s")
    column = page.locator(".column")
    expect(column).to_contain_text("2 drafts")
    expect(column).to_contain_text("sent back by evidence")
    expect(column.locator("del.said")).to_contain_text("[1,1]")
    expect(column.locator("ins.said")).to_have_count(1)
    expect(column.locator(".findings").first).to_contain_text("/actions/0/point")
    call = column.locator(".turns details").first
    call.locator("summary").click()
    expect(call.locator("pre")).to_be_visible()


def test_reviews_are_written_by_keys_with_a_comment_and_taken_back(visit: Open, serve, copy_of: Copy):
    out = copy_of("gui")
    page = visit(at_sample(serve(out), out))
    state = page.locator(".review-state .badge")
    expect(page.locator(".review-state")).to_contain_text("not reviewed")
    page.keyboard.press("c")
    page.keyboard.type("the goal is short; a r f u")
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    expect(state).to_have_text("flagged")
    page.keyboard.press("a")
    expect(state).to_have_text("accepted")
    page.keyboard.press("r")
    expect(state).to_have_text("rejected")
    page.keyboard.press("Control+z")
    expect(state).to_have_text("accepted")
    page.keyboard.press("Control+z")
    expect(state).to_have_text("flagged")
    page.keyboard.press("Control+y")
    expect(state).to_have_text("accepted")
    page.keyboard.press("u")
    expect(page.locator(".review-state")).to_contain_text("not reviewed")
    written = lines(out / "reviews.jsonl")
    assert [line["action"] for line in written] == ["flag", "accept", "reject", "accept", "flag", "accept", "clear"]
    assert written[0]["comment"] == "the goal is short; a r f u"
    page.keyboard.press("a")
    page.keyboard.press("g")
    expect(page.locator(".row .badge")).to_have_text("accepted")
    page.locator("[name=review]").select_option("none")
    expect(page.locator(".count")).to_have_text("0 rows")


def tab_to(page: Page, target: Locator, most: int = 120) -> None:
    """Go to a field as the keyboard does."""
    for _ in range(most):
        if target.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} is not reached by Tab")


def test_an_edit_needs_no_mouse_at_all(visit: Open, serve, copy_of: Copy):
    out = copy_of("gui")
    sample = sample_of(out)
    page = visit(serve(out).address)
    expect(page.locator(".row b")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("calendar_only")
    page.keyboard.press("e")
    expect(page.locator(".total-now")).to_be_visible()
    before = page.locator(".total-now").inner_text()
    time_in = page.locator('[data-at="/actions/0/time"]')
    tab_to(page, time_in)
    page.keyboard.press("ArrowUp")
    frames = json.loads((out / "traces" / f"{sample['id']}.json").read_text())["facts"]["frame_times"]
    t0 = sample["answer"]["actions"][0]["time"]
    expect(time_in).to_have_value(str(next(round(t, 3) for t in frames if t > t0 + 5e-4)))
    frame_in = page.locator('[data-at="/actions/0/frame"]')
    tab_to(page, frame_in)
    page.keyboard.press("ArrowUp")
    expect(frame_in).to_have_value(str(sample["answer"]["actions"][0]["frame"] + 1))
    page.keyboard.press("ArrowDown")
    handle = page.locator('[data-at="/actions/0/point"]')
    tab_to(page, handle)
    x, y = sample["answer"]["actions"][0]["point"]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    expect(page.locator('[data-at="/actions/0/point/0"]')).to_have_value(f"{x + 1:g}")
    expect(page.locator('[data-at="/actions/0/point/1"]')).to_have_value(f"{y - 10:g}")
    expect(page.locator(".screen circle.ghost")).to_have_attribute("cx", f"{x + 1:g}")
    page.keyboard.press("Shift+ArrowRight")
    for _ in range(60):
        page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".total-now")).not_to_have_text(before)
    assert not (out / "reviews.jsonl").exists(), "the page shows the total before anything is saved"
    for _ in range(8):
        page.keyboard.press("Control+z")
    expect(page.locator('[data-at="/actions/0/point/0"]')).to_have_value(f"{x:g}")
    expect(time_in).to_have_value(str(t0))
    page.keyboard.press("Control+y")
    expect(time_in).not_to_have_value(str(t0))
    expect(page.locator(".editor").get_by_role("button", name="Save")).to_be_enabled()
    page.keyboard.press("Control+s")
    expect(page.locator(".review-state .badge")).to_have_text("edited")
    (line,) = lines(out / "reviews.jsonl")
    assert line["action"] == "edit"
    assert line["edit"]["actions"][0]["time"] > t0
    assert line["edit"]["actions"][0]["point"] == [x, y]
    assert line["edit"]["actions"][0]["cite"], "a draft keeps what it cites"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator(".tabs [aria-selected=true]")).to_have_text("Sample")


def test_items_are_copied_moved_and_removed_and_a_wrong_draft_cannot_be_saved(visit: Open, serve, copy_of: Copy):
    out = copy_of("gui")
    page = visit(at_sample(serve(out), out, tab="edit"), expected="400 .Bad Request")
    save = page.locator(".editor").get_by_role("button", name="Save")
    expect(save).to_be_enabled()
    items = page.locator('[data-item^="/actions/"]')
    count = items.count()
    page.get_by_role("button", name="Copy actions 2").click()
    expect(items).to_have_count(count + 1)
    page.get_by_role("button", name="Remove actions 3").click()
    page.get_by_role("button", name="Remove actions 1", exact=True).click()
    expect(items).to_have_count(count - 1)
    expect(page.locator(".judged")).to_contain_text("places of the sample differ")
    verb = page.locator('[data-at="/actions/0/target"]')
    moved = verb.input_value()
    page.get_by_role("button", name="Move actions 2 up").click()
    expect(page.locator('[data-at="/actions/1/target"]')).to_have_value(moved)
    page.get_by_role("button", name="As JSON").click()
    raw = page.get_by_label("The draft as JSON")
    text = raw.input_value()
    raw.fill(text[:-5])
    expect(page.locator(".editor")).to_contain_text("Not JSON yet")
    raw.fill(json.dumps({**json.loads(text), "goal": 7}))
    expect(page.locator(".judged")).to_contain_text("/goal")
    expect(save).to_be_disabled()
    page.get_by_role("button", name="As JSON").click()
    page.get_by_role("button", name="Drop changes").click()
    expect(items).to_have_count(count)
    expect(save).to_be_enabled()
    cites = page.locator('[data-at="/actions/0/cite"]')
    cites.fill("e0 nothing")
    expect(cites).to_have_attribute("title", "not seen by the agent: nothing")
    expect(page.locator(".judged")).to_contain_text("/actions/0/cite")
    page.get_by_role("button", name="Undo").click()
    expect(save).to_be_enabled()
    page.get_by_role("button", name="Close").click()
    expect(page.locator(".editor")).to_have_count(0)


def test_two_tabs_do_not_overwrite_each_other(visit: Open, serve, copy_of: Copy):
    out = copy_of("gui")
    face = serve(out)
    one, two = visit(at_sample(face, out)), visit(at_sample(face, out), own=True, expected="409")
    two.route("**/api/state", lambda route: route.abort())  # the second tab does not hear of the first
    two.locator("#who").fill("Grace")
    one.locator("#who").fill("Ada")
    one.locator("#who").blur()
    one.keyboard.press("r")
    expect(one.locator(".review-state .badge")).to_have_text("rejected")
    two.get_by_role("button", name="Accept").click()
    expect(two.locator(".wrong")).to_contain_text("Ada has reviewed this sample meanwhile (reject)")
    assert len(lines(out / "reviews.jsonl")) == 1
    two.get_by_role("button", name="Save mine on top").click()
    expect(two.locator(".review-state .badge")).to_have_text("accepted")
    assert [(line["action"], line["who"]) for line in lines(out / "reviews.jsonl")] == [
        ("reject", "Ada"),
        ("accept", "Grace"),
    ]
    expect(one.locator(".sample .note")).to_contain_text("This sample was reviewed elsewhere.")
    one.get_by_role("button", name="Show it").click()
    expect(one.locator(".review-state .badge")).to_have_text("accepted")


def test_a_sample_that_was_written_anew_is_not_reviewed_unseen(visit: Open, serve, copy_of: Copy):
    out = copy_of("gui")
    page = visit(at_sample(serve(out), out, tab="edit"), expected="409")
    goal = page.locator('[data-at="/goal/text"]')
    goal.fill("Add an event to the calendar")
    expect(page.locator(".editor").get_by_role("button", name="Save")).to_be_enabled()
    page.route("**/api/state", lambda route: route.abort())
    sample = sample_of(out)
    sample["question"] = "Which steps are done?"
    (out / "samples.jsonl").write_text(json.dumps(sample) + "\n")
    page.keyboard.press("Control+s")
    expect(page.locator(".wrong")).to_contain_text("written this sample anew")
    assert not (out / "reviews.jsonl").exists()
    page.get_by_role("button", name="Show what is there now").click()
    expect(page.locator(".editor .note")).to_contain_text("What you changed and did not save is here again")
    expect(goal).to_have_value("Add an event to the calendar")
    page.get_by_role("button", name="Drop it").click()
    expect(page.locator(".editor").get_by_role("button", name="Save")).to_be_enabled()
    page.keyboard.press("Control+s")
    expect(page.locator(".review-state .badge")).to_have_text("edited")


def test_a_review_that_cannot_be_written_is_kept_until_it_can(visit: Open, serve, copy_of: Copy):
    out = copy_of("gui")
    (out / "reviews.jsonl").mkdir()
    page = visit(at_sample(serve(out), out), expected="507")
    page.locator("#comment").fill("worth keeping")
    page.get_by_role("button", name="Accept").click()
    expect(page.locator(".wrong")).to_contain_text("Not saved: accept.")
    expect(page.locator(".wrong")).to_contain_text("could not be written: Is a directory")
    page.reload()
    expect(page.locator(".wrong")).to_contain_text("Not saved: accept.")
    (out / "reviews.jsonl").rmdir()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".review-state .badge")).to_have_text("accepted")
    (line,) = lines(out / "reviews.jsonl")
    assert line["comment"] == "worth keeping"


def test_a_tab_outlives_the_server_and_loses_nothing(visit: Open, serve, copy_of: Copy):
    out = copy_of("gui")
    face = serve(out)
    page = visit(
        at_sample(face, out, tab="edit"), expected="ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE"
    )
    expect(page.locator(".editor").get_by_role("button", name="Save")).to_be_enabled()
    page.locator('[data-at="/goal/text"]').fill("Put an event into the calendar")
    expect(page.locator(".editor").get_by_role("button", name="Save")).to_be_enabled()
    face.stop()
    page.keyboard.press("Control+s")
    expect(page.locator(".wrong")).to_contain_text("The server cannot be reached")
    expect(page.locator("#notices")).to_contain_text("The server is gone")
    serve(out, port=int(face.url.rpartition(":")[2]))
    expect(page.locator("#notices")).to_contain_text("The server is back")
    expect(page.locator(".review-state .badge")).to_have_text("edited")
    expect(page.locator('[data-at="/goal/text"]')).to_have_value("Put an event into the calendar")
    (line,) = lines(out / "reviews.jsonl")
    assert line["edit"]["goal"]["text"] == "Put an event into the calendar"


def poisoned(value: Json) -> Json:
    if isinstance(value, str):
        return f"{value}{EVIL}" if " " in value else value
    if isinstance(value, list):
        return [poisoned(item) for item in value]
    return {key: poisoned(item) for key, item in value.items()} if isinstance(value, dict) else value


def test_hostile_text_is_text_everywhere(visit: Open, serve, copy_of: Copy):
    out = copy_of("gui")
    sample = poisoned(sample_of(out))
    sample["stream"]["name"] += EVIL
    (out / "samples.jsonl").write_text(json.dumps(sample) + "\n")
    for file in (out / "traces").glob("*.json"):
        file.write_text(json.dumps(poisoned(json.loads(file.read_text()))))
    other = copy_of("less")
    face = serve(out, other)
    seen: list[str] = []
    for view in (f"?run=gui&text={EVIL[:20]}", "?run=gui", "?view=compare&a=gui&b=less"):
        page = visit(f"{face.url}/{view}", expected="400 .Bad Request")
        page.wait_for_timeout(500)
        seen.append(page.locator("main").inner_text())
    for tab in ("", "steps", "edit"):
        page = visit(at_sample(face, out, tab=tab), expected="400 .Bad Request")
        expect(page.locator("h1")).to_contain_text("<script>")
        page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        for button in page.locator(".jumps button").all()[:3]:
            button.dispatch_event("click")
        page.wait_for_timeout(500)
        seen.append(page.locator("main").inner_text())
        assert page.evaluate("window.broken") is None
        assert page.locator("main script, main img[src=x]").count() == 0
    assert any("<img src=x" in text for text in seen)


def test_two_runs_stand_side_by_side(visit: Open, serve, copy_of: Copy):
    face = serve(copy_of("gui"), copy_of("less"))
    page = visit(face.address)
    expect(page.locator("h1")).to_have_text("Two runs side by side")
    expect(page.locator(".figures")).to_contain_text("in both")
    page.locator(".pairs summary").first.click()
    expect(page.locator(".pairs .changes").first).to_be_visible()
    page.get_by_role("link", name="in less").first.click()
    expect(page.locator("h1")).to_have_text("calendar_only")
    assert "run=less" in page.url
    page.get_by_role("link", name="Compare").click()
    page.locator(".sides select").first.select_option("less")
    expect(page.locator(".figures")).to_contain_text("the same in every field")
    assert "a=less" in page.url
    page.get_by_role("link", name="Samples").click()
    page.locator("#run").select_option("gui")
    expect(page.locator(".count")).to_have_text("1 row")


def test_flagged_streams_come_with_a_command_to_copy(visit: Open, serve, copy_of: Copy):
    out = copy_of("gui")
    page = visit(at_sample(serve(out), out))
    page.keyboard.press("f")
    expect(page.locator(".review-state .badge")).to_have_text("flagged")
    page.keyboard.press("g")
    page.get_by_role("button", name="Run 1 flagged again").click()
    command = page.locator(".command").inner_text()
    assert command.startswith(f"dataclaw run --config {out}/run.toml --out {out}-again -- ")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == command
    page.get_by_role("button", name="Close").click()
    expect(page.locator("dialog")).to_be_hidden()


def test_a_run_under_way_is_said_to_be_and_appears_when_it_ends(visit: Open, serve, copy_of: Copy):
    out = copy_of("gui")
    (out / "samples.jsonl").rename(out / "kept")
    page = visit(serve(out).address)
    expect(page.locator("main")).to_contain_text(
        "this run is not finished: samples.jsonl is missing (1 streams are done)."
    )
    (out / "kept").rename(out / "samples.jsonl")
    expect(page.locator(".row b")).to_have_text("calendar_only")


def test_an_empty_run_and_a_broken_line_are_told(visit: Open, serve, copy_of: Copy):
    out = copy_of("gui")
    (out / "samples.jsonl").write_text('{"id": "half\n')
    page = visit(serve(out).address)
    expect(page.locator(".side .note")).to_contain_text("Left out: samples.jsonl:1")
    expect(page.locator(".rows")).to_contain_text("Nothing matches")


def test_keys_are_listed_and_everything_has_a_way_in_for_the_keyboard(visit: Open, reading: Face, made: Path):
    page = visit(at_sample(reading, made / "gui"))
    expect(page.locator("h1")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_contain_text("one frame back, on")
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    expect(page.locator(".review-state")).to_contain_text("not reviewed")
    unnamed = page.evaluate(
        "() => [...document.querySelectorAll('button, input, select, textarea, a, video')].filter((n) => !n.hidden"
        " && !(n.ariaLabel || n.labels?.length || n.textContent.trim() || n.title)).map((n) => n.outerHTML)"
    )
    assert unnamed == []


def test_every_button_of_every_view_does_something_without_a_complaint(visit: Open, serve, copy_of: Copy):
    out, other, cut = copy_of("gui"), copy_of("less"), copy_of("cut")
    face = serve(out, other, cut)
    views = [f"{face.url}/?run=gui", f"{face.url}/?view=compare&a=gui&b=less"]
    views += [at_sample(face, run, tab=tab) for run in (out, cut) for tab in ("", "steps", "edit")]
    for view in views:
        page = visit(view, expected="400 .Bad Request")
        page.wait_for_timeout(700)
        for number in range(min(page.locator("button").count(), 90)):
            button = page.locator("button").nth(number)
            if button.count() and button.is_visible() and button.is_enabled():
                button.dispatch_event("click")
                if page.locator("dialog[open]").count():
                    page.keyboard.press("Escape")
        page.close()
    assert lines(out / "reviews.jsonl")


@pytest.mark.parametrize("view", ["gallery", "", "steps", "edit", "compare"])
def test_a_phone_shows_all_of_it_without_scrolling_sideways(visit: Open, serve, copy_of: Copy, view: str):
    out = copy_of("gui")
    face = serve(out, copy_of("less"))
    addresses = {"gallery": f"{face.url}/?run=gui", "compare": f"{face.url}/?view=compare"}
    page = visit(addresses.get(view) or at_sample(face, out, tab=view), width=390)
    ready = {"gallery": ".row b", "compare": ".pairs .card", "": ".card", "steps": ".turns", "edit": ".total-now"}
    expect(page.locator(ready[view]).first).to_be_visible()
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    if view == "":
        page.locator(".field.proved").first.click()
        expect(page.locator(".field.lit").first).to_be_visible()
        page.get_by_role("button", name="Accept").click()
        expect(page.locator(".review-state .badge")).to_have_text("accepted")
    if view == "edit":
        page.locator('[data-at="/goal/text"]').fill("Add an event")
        expect(page.locator(".judged")).to_contain_text("1 place of the sample differs")
        page.locator(".editor").get_by_role("button", name="Save").click()
        expect(page.locator(".review-state .badge")).to_have_text("edited")


def test_looking_under_the_pointer_moves_nothing(visit: Open, reading: Face, made: Path):
    page = visit(at_sample(reading, made / "gui"))
    button = page.locator(".jumps button").nth(2)
    button.click()
    expect(button).to_have_class("lit")
    before = button.bounding_box()
    page.locator(".jumps button").nth(5).hover()
    assert button.bounding_box() == before
    clock = page.locator(".film-bar .mono")
    told = clock.text_content()
    page.locator(".field.proved").nth(8).hover()
    assert clock.text_content() == told, "what plays is not moved by looking"


def test_a_box_is_moved_and_its_far_corner_pulled_by_keys(visit: Open, reading: Face):
    page = visit(f"{reading.url}/?run=gui")
    expect(page.locator(".row b")).to_be_visible()
    page.evaluate(
        """async () => {
          const { DraftForm } = await import("/page/form.js");
          const says = { hints: {}, anchors: new Set(), frames: [], clock: "seconds", seconds: () => 0.04 };
          const form = new DraftForm({ target: { box: [10, 20, 30, 40], at: 1 } }, { ...says, change() {}, look() {} });
          document.body.replaceChildren(form.node);
          window.made = form;
        }"""
    )
    page.locator('[data-at="/target/box"]').focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Alt+ArrowLeft")
    page.keyboard.press("Alt+Shift+ArrowDown")
    assert page.evaluate("window.made.draft.target.box") == [11, 30, 30, 60]
    page.get_by_label("box right").fill("99")
    assert page.evaluate("window.made.draft.target") == {"box": [11, 30, 99, 60], "at": 1}
    for _ in range(5):
        page.locator('[data-at="/target/box"]').press("Shift+ArrowLeft")
    assert page.evaluate("window.made.draft.target.box[0]") == 0, "no box leaves the picture at the left"


def test_a_time_moves_by_a_recorded_frame_where_the_rate_is_known(visit: Open, reading: Face):
    page = visit(f"{reading.url}/?run=gui")
    expect(page.locator(".row b")).to_be_visible()
    moved = page.evaluate(
        """async () => {
          const { DraftForm } = await import("/page/form.js");
          const form = (seconds, clock = "seconds") =>
            new DraftForm({}, { hints: {}, anchors: new Set(), frames: [0, 1.5, 4], clock, seconds: () => seconds });
          const by = (one, ...steps) => steps.map((step) => one.nudge(1, { ref: "time" }, step));
          return [by(form(1 / 25), 1, -1, 10), by(form(null), 1, -1, 2), by(form(null, "index"), 1, -1, -10)];
        }"""
    )
    assert moved == [[1.04, 0.96, 1.4], [1.5, 0, 4], [2, 0, 0]]
