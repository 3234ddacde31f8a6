from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dataclaw.run.rescore import Rescorer
from dataclaw.serve.guard import Access, Guard
from dataclaw.serve.view.app import make_app
from dataclaw.serve.view.open_run import OpenRun, by_name
from dataclaw.types import Json
from tests.serve.view.conftest import Copy

BASE = "http://127.0.0.1"


@pytest.fixture
def runs(copy_of: Copy, made: Path, tmp_path: Path) -> Iterator[dict[str, OpenRun]]:
    names = ("gui", "less", "cut", "video")
    opened = [OpenRun.at(copy_of(n), tmp_path / "cache", Rescorer(), [made / "recordings"]) for n in names]
    yield dict(by_name(opened))
    for run in opened:
        run.index.close()


@pytest.fixture
def client(runs: dict[str, OpenRun]) -> Iterator[TestClient]:
    with TestClient(Guard(make_app(runs), Access.at("127.0.0.1")), base_url=BASE) as found:
        yield found


def first(client: TestClient, run: str) -> dict[str, Json]:
    return client.get("/api/rows", params={"run": run}).json()["rows"][0]


def review(client: TestClient, row: dict[str, Json], **more: Json) -> tuple[int, dict[str, Json]]:
    body = {"run": "gui", "id": row["id"], "of": row["hash"], "after": "", "action": "accept", **more}
    answer = client.post("/api/review", json=body)
    return answer.status_code, answer.json()


def test_the_page_and_its_scripts_are_served_and_nothing_else_of_the_package(client: TestClient):
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "'self'" in page.headers["content-security-policy"]
    for file in ("page/view.js", "report/answer.js"):
        assert client.get(f"/{file}").headers["content-type"].startswith("text/javascript")
    for path in ("/page/../app.py", "/page/%2e%2e/app.py", "/report/..%2freport.py", "/page/nothing.js"):
        assert client.get(path).status_code == 404


def test_runs_are_told_with_what_can_be_filtered_by(client: TestClient):
    told = client.get("/api/runs").json()
    assert [run["name"] for run in told["runs"]] == ["gui", "less", "cut", "video"]
    assert told["runs"][0]["tasks"] == [["action_sequence", 1]]
    assert told["runs"][3]["kinds"] == [["rejected", 1]]
    assert "evidence" in told["rules"]


def test_a_review_is_written_once_and_refused_to_who_did_not_see_it(client: TestClient, runs: dict[str, OpenRun]):
    row = first(client, "gui")
    before = client.get("/api/state").json()
    status, told = review(client, row, comment="good", who="Ada")
    assert (status, told["state"]) == (200, "accepted")
    assert client.get("/api/state").json() != before
    status, told = review(client, row, action="reject")
    assert status == 409
    assert "Ada has reviewed this sample meanwhile" in told["detail"]
    assert told["remedy"]
    status, told = review(client, row, of="0" * 16)
    assert status == 409
    assert "written this sample anew" in told["detail"]
    assert len((runs["gui"].root / "reviews.jsonl").read_text().splitlines()) == 1


def test_an_edit_is_judged_and_a_wrong_one_says_where(client: TestClient):
    row = first(client, "gui")
    draft = client.get("/api/form", params={"run": "gui", "id": row["id"]}).json()["draft"]
    draft["actions"][0]["point"] = [1, 1]
    told = client.post("/api/preview", json={"run": "gui", "id": row["id"], "draft": draft}).json()
    assert told["verdict"]["total"] < row["total"]
    draft["actions"] = "none"
    answer = client.post("/api/preview", json={"run": "gui", "id": row["id"], "draft": draft})
    assert answer.status_code == 400
    assert "/actions" in answer.json()["detail"]


def test_a_recording_is_played_in_ranges_and_only_from_folders_that_are_allowed(client: TestClient, tmp_path: Path):
    row = first(client, "video")
    told = client.get("/api/recording", params={"run": "video", "id": row["id"]}).json()
    assert told["rate"] > 1
    part = client.get(f"/recording/video/{row['id']}", headers={"range": "bytes=10-19"})
    assert (part.status_code, len(part.content)) == (206, 10)
    assert part.headers["content-range"].startswith("bytes 10-19/")
    assert part.headers["content-type"] == "video/mp4"


def test_a_recording_that_was_not_allowed_is_not_there(made: Path, tmp_path: Path):
    run = OpenRun.at(made / "video", tmp_path / "cache", Rescorer())
    with TestClient(make_app({"video": run}), base_url=BASE) as client:
        row = first(client, "video")
        assert client.get("/api/recording", params={"run": "video", "id": row["id"]}).json() == {"missing": True}
        assert client.get(f"/recording/video/{row['id']}").status_code == 404
    run.index.close()


@pytest.mark.parametrize(
    "path", ["..%2frun.toml", "%2e%2e/run.toml", "../../run.toml", "%2fetc%2fpasswd", "x.jpg", "a%00.jpg"]
)
def test_media_never_lead_out_of_the_folder(client: TestClient, path: str):
    answer = client.get(f"/media/gui/{path}")
    assert answer.status_code == 404
    assert "intent" not in answer.text


def test_pictures_are_served_as_pictures(client: TestClient):
    row = first(client, "gui")
    found = client.get("/api/sample", params={"run": "gui", "id": row["id"]}).json()
    picture = next(iter(found["pictures"].values()))["picture"]
    answer = client.get(f"/media/gui/{picture.removeprefix('media/')}")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_run_that_is_not_finished_is_told_and_goes_on(client: TestClient, runs: dict[str, OpenRun]):
    root = runs["less"].root
    (root / "samples.jsonl").rename(root / "kept")
    told = {run["name"]: run for run in client.get("/api/runs").json()["runs"]}
    assert "not finished" in told["less"]["problem"]
    assert "problem" not in told["gui"]
    assert client.get("/api/rows", params={"run": "less"}).status_code == 503
    (root / "kept").rename(root / "samples.jsonl")
    assert client.get("/api/rows", params={"run": "less"}).json()["total"] == 1


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        ("/api/rows", {"run": "gui", "sort": "id; DROP TABLE rows"}, 400),
        ("/api/rows", {"run": "gui", "count": "100000"}, 400),
        ("/api/rows", {"run": "gui", "low": "nan"}, 400),
        ("/api/rows", {"run": "gui", "other": "1"}, 400),
        ("/api/rows", {"run": "nothing"}, 404),
        ("/api/sample", {"run": "gui", "id": "../../etc/passwd"}, 404),
        ("/api/form", {"run": "video", "id": "nothing"}, 404),
        ("/api/compare", {"a": "gui"}, 404),
    ],
)
def test_wrong_questions_are_refused_with_a_remedy(client: TestClient, path: str, params: dict[str, str], status: int):
    answer = client.get(path, params=params)
    assert answer.status_code == status
    assert answer.json()["remedy"]


def test_a_body_that_is_no_review_is_refused(client: TestClient, runs: dict[str, OpenRun]):
    row = first(client, "gui")
    assert review(client, row, action="praise")[0] == 400
    assert review(client, row, comment="x" * 20_000)[0] == 400
    plain = client.post("/api/review", content="{}", headers={"content-type": "text/plain"})
    assert plain.status_code == 415
    assert client.post("/api/review", content="{", headers={"content-type": "application/json"}).status_code == 400
    assert not (runs["gui"].root / "reviews.jsonl").exists()


def test_two_runs_are_compared_sample_by_sample(client: TestClient):
    told = client.get("/api/compare", params={"a": "gui", "b": "less"}).json()
    assert told["count"] == 1
    (pair,) = told["pairs"]
    assert pair["id"] == pair["first"]
    assert pair["changes"] == len(pair["places"])
    assert told["rules"]["evidence"]["samples"] == 1
    assert told["fields"]
