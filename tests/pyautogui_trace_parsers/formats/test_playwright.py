import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pyautogui_trace_parsers import Outcome, Scroll, Trace, TraceError, detect
from pyautogui_trace_parsers.formats import playwright

FIXTURES = Path(__file__).parents[1] / "fixtures" / "playwright"
SHARED = Path(__file__).parents[3].parent / "shared" / "data" / "gui" / "playwright_traces"


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture
def archive(tmp_path: Path):
    def write(**members: bytes | str) -> Path:
        path = tmp_path / "trace.zip"
        names = {"picture": "resources/page@1-1.jpeg", "library": "0-trace.trace", "runner": "test.trace"}
        path.write_bytes(zipped({names[k]: v if isinstance(v, bytes) else v.encode() for k, v in members.items()}))
        return path

    return write


def read(name: str) -> str:
    return (FIXTURES / name).read_text()


def said(trace: Trace) -> list[tuple[Any, ...]]:
    return [(e.verb, e.text or e.keys, e.point, e.target.name if e.target else "") for e in trace.events]


def test_calls_become_events(archive):
    path = archive(library=read("version_8.trace"), picture=b"jpeg")
    assert detect(path) == "playwright"
    trace = playwright.parse(path)
    assert said(trace) == [
        ("navigate", "https://notes.test/", None, ""),
        ("write", "Bees", None, "Title"),
        ("click", (), (40, 50), "Send note"),
        ("hotkey", ("ctrl", "shift", "k"), None, ""),
        ("other", (), None, "Gone"),
        ("drag", (), (5, 5), ""),
        ("select", "red, Blue", None, ""),
        ("drag", (), (1, 2), "Card"),
    ]
    assert [(round(e.t0 or 0, 3), round(e.t1 or 0, 3)) for e in trace.events[:3]] == [
        (0.2, 0.4),
        (0.5, 0.6),
        (0.7, 0.8),
    ]
    assert trace.events[1].box == (10, 20, 110, 50)
    assert trace.events[2].unit_point() == (0.05, 50 / 600)
    assert [e.end_point for e in trace.events if e.verb == "drag"] == [(200, 5), (300, 2)]
    assert trace.screen_size == (800, 600)
    assert trace.annotations == {"title": "send a note"}
    assert trace.context["other_calls"] == {"BrowserContext.newPage": 1, "Frame.isVisible": 1}
    assert [(w.text, w.t0) for w in trace.windows] == [("https://notes.test/", pytest.approx(0.41))]


def test_only_pictures_that_are_there_are_screens(archive):
    trace = playwright.parse(archive(library=read("version_8.trace"), picture=b"jpeg"))
    assert [screen.file for screen in trace.screens] == ["trace.zip!resources/page@1-1.jpeg"]
    assert [event.screen for event in trace.events[:3]] == [None, 0, 0]
    assert "1 of 2 pictures are not in the archive" in trace.problems[0].message


def test_a_call_that_failed_before_it_reached_the_page_did_nothing(archive):
    trace = playwright.parse(archive(library=read("version_8.trace")))
    assert trace.events[4].verb == "other"
    assert "Timeout 500ms exceeded" in trace.events[4].raw
    assert [p.message for p in trace.problems if "failed" in p.message] == ["click failed: Timeout 500ms exceeded."]


def test_old_versions_keep_a_call_in_one_record_with_metadata(archive):
    trace = playwright.parse(archive(library=read("version_3.trace")))
    assert said(trace) == [
        ("navigate", "https://old.test/", None, ""),
        ("click", (), (7, 8), "Go on"),
        ("other", (), None, "Name"),
    ]
    assert [w.text for w in trace.windows] == ["https://old.test/"]
    assert trace.context["other_calls"] == {"Frame.evaluateExpression": 1}


def test_a_runner_alone_is_read_by_its_api_names(archive):
    trace = playwright.parse(archive(runner=read("runner.trace")))
    assert said(trace) == [
        ("navigate", "https://run.test/", None, ""),
        ("right_click", (), (30, 40), ""),
        ("press", ("enter",), None, ""),
    ]
    assert trace.context["other_calls"] == {"Before Hooks": 1, "expect.toBeVisible": 1}


def test_a_runner_beside_a_browser_log_does_not_repeat_its_calls(archive):
    trace = playwright.parse(archive(library=read("version_3.trace"), runner=read("runner.trace")))
    assert [e.text for e in trace.events if e.verb == "navigate"] == ["https://old.test/"]
    assert trace.context["other_calls"]["expect.toBeVisible"] == 1


def call(method: str, **params: Any) -> str:
    record = {"type": "before", "callId": "1", "startTime": 5, "class": "Page", "method": method, "params": params}
    return json.dumps({"type": "context-options", "version": 8, "origin": "library"}) + "\n" + json.dumps(record)


def test_a_wheel_scrolls_in_pixels(archive):
    event = playwright.parse(archive(library=call("mouseWheel", deltaX=0, deltaY=120))).events[0]
    assert (event.verb, event.scroll) == ("scroll", Scroll(0, 120, "px"))


@pytest.mark.parametrize(
    ("key", "verb", "keys"),
    [
        ("+", "press", ("+",)),
        ("Control++", "hotkey", ("ctrl", "+")),
        ("ControlOrMeta+a", "hotkey", ("ctrl", "a")),
        ("ArrowDown", "press", ("down",)),
    ],
)
def test_key_combinations(archive, key: str, verb: str, keys: tuple[str, ...]):
    event = playwright.parse(archive(library=call("keyboardPress", key=key))).events[0]
    assert (event.verb, event.keys) == (verb, keys)


def test_a_trace_without_a_user_has_no_events_and_says_so(archive):
    trace = playwright.parse(archive(library=call("setContent", html="x")))
    assert trace.events == ()
    assert "no events" in trace.problems[-1].message


def test_a_record_that_breaks_the_rules_is_named(archive):
    with pytest.raises(TraceError, match=r"0-trace\.trace:2: .*startTime"):
        playwright.parse(archive(library=call("goto").replace('"startTime": 5', '"startTime": "soon"')))


def test_damage(survives_damage):
    documents = [json.loads(line) for line in read("version_8.trace").splitlines()]
    documents += [json.loads(line) for line in read("version_3.trace").splitlines()[1:]]
    survives_damage(playwright, documents, lambda texts: zipped({"trace.trace": "\n".join(texts).encode()}))


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the sample data")
@pytest.mark.parametrize(
    ("name", "verbs", "screens"),
    [("test-trace1.zip", ["navigate"], 0), ("trace-1.37.zip", ["navigate"], 2), ("trace-library-1.46.zip", [], 0)],
)
def test_real_traces(name: str, verbs: list[str], screens: int):
    assert detect(SHARED / name) == "playwright"
    trace = playwright.parse(SHARED / name)
    assert [event.verb for event in trace.events] == verbs
    assert len(trace.screens) == screens
    assert trace.screen_size == (1280, 720)
    assert bool(trace.problems) == (name != "trace-1.37.zip")


@pytest.mark.browser
def test_a_trace_recorded_here(tmp_path: Path):
    sync_api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs a Chromium")
    path = tmp_path / "trace.zip"
    with sync_api.sync_playwright() as toolkit:
        browser = toolkit.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 640, "height": 480})
        context.tracing.start(screenshots=True, snapshots=True)
        page = context.new_page()
        page.set_content("<label>Name <input></label><button>Send</button>")
        page.get_by_label("Name").fill("Ada")
        page.get_by_role("button", name="Send").click()
        context.tracing.stop(path=path)
        browser.close()
    trace = playwright.parse(path)
    assert [(e.verb, e.text, e.target.name) for e in trace.events if e.target] == [
        ("write", "Ada", "Name"),
        ("click", "", "Send"),
    ]
    click = trace.events[1]
    assert click.point
    assert click.target
    assert click.target.box
    assert click.target.box[0] <= click.point[0] <= click.target.box[2]


def asserted(expression: str, error: str = "", **params: Any) -> str:
    """A browser log with a click and then an assertion."""
    records: list[dict[str, Any]] = [
        {"type": "context-options", "version": 8, "origin": "library"},
        {"type": "before", "callId": "1", "startTime": 5, "class": "Frame", "method": "click",
         "params": {"selector": 'internal:role=button[name="Send"i]'}},
        {"type": "after", "callId": "1", "endTime": 9, "point": {"x": 4, "y": 5}},
        {"type": "before", "callId": "2", "startTime": 12, "class": "Frame", "method": "expect",
         "params": {"selector": 'internal:text="Thanks"i', "expression": expression, **params}},
        {"type": "after", "callId": "2", "endTime": 15, **({"error": {"message": error}} if error else {})},
    ]  # fmt: skip
    return "\n".join(json.dumps(record) for record in records)


@pytest.mark.parametrize(
    ("expression", "params", "outcome"),
    [
        ("to.be.visible", {"isNot": False}, Outcome("expected", "Thanks", "", "visible")),
        ("to.be.visible", {"isNot": True}, Outcome("expected", "Thanks", "", "not visible")),
        ("to.have.text", {"expectedText": [{"string": "Sent"}]}, Outcome("expected", "Thanks", "Sent", "text")),
        ("to.have.count", {"expectedNumber": 3}, Outcome("expected", "Thanks", "3", "count")),
        ("to.equal", {"expected": "1"}, None),
    ],
)
def test_what_a_test_asserts_is_an_outcome_of_the_action_before_it(
    archive: Any, expression: str, params: dict[str, Any], outcome: Outcome | None
):
    trace = playwright.parse(archive(library=asserted(expression, **params)))
    assert trace.events[0].outcomes == ((outcome,) if outcome else ())
    assert "failed" not in trace.context


def test_an_assertion_that_failed_is_no_outcome_but_a_failure(archive: Any):
    trace = playwright.parse(archive(library=asserted("to.be.visible", error="Timed out\nmore")))
    assert trace.events[0].outcomes == ()
    assert trace.context["failed"] == "its check failed: Timed out"


def test_a_runner_alone_has_only_the_matchers(archive: Any):
    assert playwright.parse(archive(runner=read("runner.trace"))).events[-1].outcomes == (
        Outcome("expected", "", "", "visible"),
    )
