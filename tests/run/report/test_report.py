from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.config import RunConfig
from dataclaw.errors import UsageError
from dataclaw.run.prepare import prepare
from dataclaw.run.report.report import SHELL_CHARS, PageRoom, embed, write_report
from dataclaw.run.run import run
from tests.run.report.runs import INTENT, draft, write_run

BLOCK = re.compile(r'<script type="application/json" id="([^"]+)">(.*?)</script>', re.DOTALL)


def blocks(page: str) -> dict[str, object]:
    return {name: json.loads(text) for name, text in BLOCK.findall(page)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    written = write_report(folder)
    assert written == folder / "report.html"
    return written.read_text(encoding="utf-8")


def test_the_head_counts_the_whole_run(page: str):
    figures = dict(re.findall(r"<dt>([^<]+)</dt><dd[^>]*>([^<]+)", page))
    assert figures == {
        "streams": "5",
        "accepted": "3",
        "of these repaired": "1",
        "rejected": "2",
        "mean reward": "0.916",
        "left out": "9",
    }
    assert f"<h1>{INTENT}</h1>" in page
    assert '<th scope="row">evidence</th>' in page
    assert ">0.88</td>" in page


def test_a_sample_comes_with_evidence_lanes_pictures_and_transcript(page: str):
    found = blocks(page)
    first = found["d0"]
    assert isinstance(first, dict)
    assert first["evidence"]["/answer/actions/3/target"] == ["e5", "t1", "c1"]
    [lane] = first["lanes"]
    uses = {event["id"]: event["use"] for event in lane["events"]}
    assert uses == {f"e{i}": "cited" for i in (0, 1, 4, 5, 7)} | {f"e{i}": "left_out" for i in (2, 3, 6)}
    assert first["anchors"]["e2"]["t0"] == 7.4, "the time of a left-out event comes from the transcript"
    picture = first["pictures"][":5"]
    assert picture["size"] == [1280, 800]
    assert f'<script type="text/plain" id="{picture["picture"]}">' in page
    turns = found["t0"]["attempts"][0]
    assert [turn.get("tool") for turn in turns] == ["overview", None, "list_events", None, "read_text", None, "submit"]


def test_a_rejection_says_place_reason_and_remedy(page: str):
    found = blocks(page)
    broken = next(d for d in found.values() if isinstance(d, dict) and d.get("stop") == "stream_error")
    assert broken["reason"] == "the archive ends in the middle of screenshot 12."
    assert broken["remedy"]
    assert broken["stream"]["path"] == "traces/broken.zip"
    assert broken["draft"] is None


def test_nothing_in_the_page_leads_outside(page: str):
    without_data = re.sub(r'<script type="text/plain".*?</script>', "", page, flags=re.DOTALL)
    assert not re.findall(r'(?:src|href)="(?!#)[^"]*"', without_data)
    addresses = set(re.findall(r"https?://[^\s\"'<)]+", without_data))
    assert addresses <= {"http://www.w3.org/2000/svg"}, "only the name of a namespace"


def test_the_policy_allows_this_script_and_style_only(page: str):
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    script = re.search(r'<script type="module">(.*)</script>', page, re.DOTALL)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy
    assert script
    assert style
    hashes = [base64.b64encode(hashlib.sha256(m.group(1).encode()).digest()).decode("ascii") for m in (style, script)]
    assert policy.group(1).split("; ") == [
        "default-src 'none'",
        "img-src data:",
        "media-src data:",
        f"style-src 'sha256-{hashes[0]}'",
        f"script-src 'sha256-{hashes[1]}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


@given(st.recursive(st.text() | st.integers() | st.none(), lambda inner: st.dictionaries(st.text(), inner)))
def test_embedded_data_keeps_its_meaning_and_cannot_end_its_element(value: object):
    text = embed(value)
    assert json.loads(text) == value
    assert not set("<>&\u2028\u2029") & set(text)


def test_equal_screenshots_are_kept_once(folder: Path, tmp_path: Path):
    write_run(tmp_path, good=2, bad=False)
    for row in (tmp_path / "media").glob("*/*.jpg"):
        row.write_bytes(next((folder / "media").glob("*/f00001.jpg")).read_bytes())
    page = write_report(tmp_path).read_text(encoding="utf-8")
    assert page.count('<script type="text/plain"') == 1


def test_of_many_samples_the_first_are_shown_and_all_are_counted(tmp_path: Path):
    write_run(tmp_path, good=6, screens=False)
    page = write_report(tmp_path, room=PageRoom(rows=4)).read_text(encoding="utf-8")
    details = [d for name, d in blocks(page).items() if name.startswith("d")]
    assert len(details) == 4 + 2
    assert "Shown are the best 4 of 6 samples" in page
    assert '<dd class="good">6</dd>' in page


def test_what_does_not_fit_is_said(tmp_path: Path):
    write_run(tmp_path, good=3, bad=False)
    trace = len(embed(blocks(write_report(tmp_path).read_text(encoding="utf-8"))["t0"]))
    room = PageRoom(traces=trace * 5 // 2, page=SHELL_CHARS + 150_000)
    page = write_report(tmp_path, room=room).read_text(encoding="utf-8")
    assert len(page) < room.page
    assert re.search(r"Screenshots left out to keep the page below 0.65 MB: \d+\.", page)
    assert re.search(r"Transcripts left out to keep the page small: 1\.", page)
    details = [d for name, d in blocks(page).items() if re.fullmatch(r"d\d", name) and isinstance(d, dict)]
    fates = [[p["fate"] for p in d["pictures"].values()] for d in details]
    assert any("left out" in row for row in fates)
    assert {row[0] for row in fates} == {"shown"}, "room is shared between the samples"


def test_details_stop_where_the_room_ends(tmp_path: Path):
    write_run(tmp_path, good=5, bad=False, screens=False)
    one = len(str(embed(blocks(write_report(tmp_path).read_text(encoding="utf-8"))["d0"])))
    page = write_report(tmp_path, room=PageRoom(details=int(one * 2.5))).read_text(encoding="utf-8")
    assert "Shown are the best 2 of 5 samples" in page


def test_a_folder_without_a_run_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match=r"run\.toml is missing") as caught:
        write_report(tmp_path)
    assert "--out" in caught.value.remedy


def test_an_unfinished_run_is_refused(tmp_path: Path):
    write_run(tmp_path, good=1)
    (tmp_path / "samples.jsonl").unlink()
    with pytest.raises(UsageError, match="did not finish"):
        write_report(tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"id": 1}\n', "id: Input should be a valid string"),
        (b"[]\n", "valid dictionary"),
        (b'{"id": NaN}\n', "not valid JSON"),
        (b"\xff\xfe\n", "not UTF-8"),
        (b'{"id":' + b"[" * 5000 + b"\n", "not valid JSON"),
    ],
)
def test_a_broken_record_is_named_by_file_and_line(tmp_path: Path, line: bytes, said: str):
    write_run(tmp_path, good=1)
    file = tmp_path / "samples.jsonl"
    file.write_bytes(file.read_bytes() + line)
    with pytest.raises(UsageError, match=re.escape(said)) as caught:
        write_report(tmp_path)
    assert caught.value.place.startswith(str(file))


def test_pictures_outside_the_folder_are_not_shown(tmp_path: Path):
    out = write_run(tmp_path / "out", good=1, bad=False)
    secret = tmp_path / "secret.jpg"
    pictures = sorted((out / "media").glob("*/*.jpg"))
    secret.write_bytes(pictures[0].read_bytes())
    pictures[1].unlink()
    pictures[1].symlink_to(secret)
    rows = [json.loads(line) for line in (out / "artifacts.jsonl").read_text().splitlines()]
    rows[0]["path"] = "../secret.jpg"
    rows[2]["path"] = str(secret)
    rows[3]["path"] = "media/\0.jpg"
    (out / "artifacts.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    page = write_report(out).read_text(encoding="utf-8")
    [detail] = [d for name, d in blocks(page).items() if name == "d0"]
    assert isinstance(detail, dict)
    assert [p["fate"] for p in detail["pictures"].values()] == ["missing"] * 4 + ["shown"] * 2
    assert "Screenshots that artifacts.jsonl names and the folder lacks: 4." in page


def test_a_file_that_is_no_picture_is_said(tmp_path: Path):
    write_run(tmp_path, good=1, bad=False)
    next((tmp_path / "media").glob("*/*.jpg")).write_text("<svg onload=alert(1)>")
    page = write_report(tmp_path).read_text(encoding="utf-8")
    assert "Files below media/ that are no readable pictures: 1." in page


def test_a_real_run_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATACLAW_CACHE", str(tmp_path / "cache"))
    trace = Path(__file__).parents[3] / "examples" / "traces" / "calendar_only"
    out, broken = tmp_path / "out", tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04")
    setup = prepare(RunConfig(intent="Extract the ordered UI actions", domain="gui"))
    for _ in run(setup, [str(trace), str(broken)], out):
        pass
    found = blocks(write_report(out).read_text(encoding="utf-8"))
    sample, rejection = found["d0"], found["d1"]
    assert isinstance(sample, dict)
    assert isinstance(rejection, dict)
    assert sample["answer"]["actions"]
    assert sample["verdict"]["scores"]["evidence"] is not None
    shown = {f":{a['frame']}" for a in sample["anchors"].values() if "frame" in a and a["kind"] != "window"}
    assert set(sample["pictures"]) <= shown
    assert {p["fate"] for p in sample["pictures"].values()} == {"shown"}
    assert found["t0"]["attempts"][0][-1]["submit"] is True
    assert rejection["stop"] == "stream_error"
    assert rejection["stream"]["path"] == str(broken)


def test_markup_in_a_sample_is_only_text(tmp_path: Path):
    body = draft()
    body["goal"] = {"cite": ["e1"], "text": "</script><script>alert(1)</script>"}
    write_run(tmp_path, good=1, bad=False, screens=False, written=body)
    page = write_report(tmp_path).read_text(encoding="utf-8")
    assert "alert(1)" in page
    assert "<script>alert" not in page
