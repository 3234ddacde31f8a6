from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from dataclaw.config import RunConfig
from dataclaw.serve.asking import JobRequest
from tests.serve.conftest import (
    CUT,
    CUT_INTENT,
    INTENT,
    ROOT,
    TRACE,
    events_of,
    has_ended,
    job_of,
    program,
    serve,
    until,
)

OUTSIDE = ("../pyproject.toml", "traces/../../pyproject.toml", "/etc/passwd", "..", "traces/\0", "~", ".git", "")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("server")
    options = ("--root", ROOT / "examples", "--max-upload", 3)
    with program(*serve(*options), cwd=folder) as face, face.client() as client:
        yield client


@pytest.fixture(scope="module")
def done(client: httpx.Client) -> str:
    """A job that is done."""
    job = job_of(client, TRACE)
    assert until(client, job, has_ended)["state"] == "done"
    return job


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert told["detail"]
    assert str(ROOT) not in answer.text
    return told


def packed(*files: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return data.getvalue()


def send(client: httpx.Client, *files: tuple[str, bytes]) -> httpx.Response:
    return client.post("/v1/uploads", files=[("files", file) for file in files])


def cut_files() -> list[tuple[str, bytes]]:
    return [("violin/cut.edl", (ROOT / "examples" / CUT).read_bytes()), ("violin/notes.txt", b"cut by hand")]


def test_a_client_may_set_what_a_run_has_but_no_path_and_no_code() -> None:
    ours, theirs = JobRequest.model_fields, RunConfig.model_fields
    assert set(ours) - set(theirs) == {"streams"}
    assert {"base_url", "plugin_code", "choose", "review"} <= set(theirs) - set(ours)
    for name in set(ours) - {"streams", "domain"}:
        assert (ours[name].default, ours[name].is_required()) == (theirs[name].default, theirs[name].is_required())
    for wrong in (
        {"domain": "./evil"},
        {"domain": "../x"},
        {"task": "a/b"},
        {"base_url": "http://server.test"},
        {"choose": "/x"},
    ):
        with pytest.raises(ValidationError):
            JobRequest.model_validate({"streams": ["s"], "intent": "i", **wrong})


def test_from_streams_to_samples_and_media(client: httpx.Client, done: str) -> None:
    page = client.get(f"/v1/jobs/{done}/samples").json()
    (sample,) = page["items"]
    assert (sample["domain"], page["next"]) == ("gui", None)
    assert client.get(f"/v1/jobs/{done}").json()["counts"] == {"samples": 1, "rejected": 0}
    first = client.get(f"/v1/jobs/{done}/artifacts", params={"limit": 2}).json()
    assert first["next"] == 2
    second = client.get(f"/v1/jobs/{done}/artifacts", params={"limit": 2, "offset": 2}).json()
    assert first["items"][0] != second["items"][0]
    at = f"/v1/jobs/{done}/{first['items'][0]['path']}"
    whole, part = client.get(at), client.get(at, headers={"Range": "bytes=10-19"})
    assert (whole.headers["content-type"], part.status_code) == ("image/jpeg", 206)
    assert part.content == whole.content[10:20]
    assert client.get(at, headers={"Range": "bytes=999999999-"}).status_code == 416
    report = client.get(f"/v1/jobs/{done}/report")
    assert report.headers["content-security-policy"].startswith("sandbox allow-scripts;")
    assert "<html" in report.text
    assert client.get(f"/v1/jobs/{done}/rejected").json()["items"] == []


def test_a_job_is_followed_and_resumed_where_it_was_left(client: httpx.Client, done: str) -> None:
    told = events_of(client.get(f"/v1/jobs/{done}/events").text)
    *progress, (_, last, job) = told
    assert [number for number, _, _ in progress] == list(range(1, len(progress) + 1))
    assert {kind for _, kind, _ in progress} == {"progress"}
    assert (last, job["state"], progress[-1][2]["node"]) == ("end", "done", "done")
    rest = events_of(client.get(f"/v1/jobs/{done}/events", headers={"Last-Event-ID": "5"}).text)
    assert rest == told[5:]
    problem(client.get(f"/v1/jobs/{done}/events", headers={"Last-Event-ID": "x"}), 422)


@pytest.mark.parametrize("how", ["folder", "zip"])
def test_a_folder_is_sent_as_files_or_as_a_zip(client: httpx.Client, how: str) -> None:
    files = cut_files()
    sent = send(client, *files) if how == "folder" else send(client, ("cut.zip", packed(*files)))
    assert sent.status_code == 201, sent.text
    (stream,) = sent.json()["streams"]
    assert (stream["name"], stream["kind"]) == ("cut.edl", "timeline")
    upload = sent.json()["id"]
    assert upload in {one["id"] for one in client.get("/v1/uploads").json()}
    job = job_of(client, upload, intent=CUT_INTENT)
    problem(client.delete(f"/v1/uploads/{upload}"), 409)
    problem(client.delete(f"/v1/jobs/{job}"), 409)
    assert until(client, job, has_ended)["counts"] == {"samples": 1, "rejected": 0}
    (sample,) = client.get(f"/v1/jobs/{job}/samples").json()["items"]
    assert sample["stream"]["path"] == f"uploads/{upload}/violin/cut.edl"
    for at in (f"/v1/uploads/{upload}", f"/v1/jobs/{job}"):
        assert client.delete(at).status_code == 204
        problem(client.get(at), 404)
    problem(client.get(f"/v1/jobs/{job}/samples"), 404)


def test_what_is_no_stream_is_refused_and_not_kept(client: httpx.Client) -> None:
    before = client.get("/v1/uploads").json()
    lies = [
        ("clip.mp4", b"\x89PNG" + bytes(5000)),
        ("trace.jsonl", b"\xff\xfe\x00{"),
        ("picture.png", b"MZ" + bytes(99)),
    ]
    for lie in lies:
        assert problem(send(client, lie), 422)["place"] == lie[0]
    problem(send(client, ("broken.zip", b"PK\x03\x04" + bytes(100))), 422)
    problem(send(client, ("empty.zip", packed())), 422)
    problem(send(client, ("notes.zip", packed(("notes.txt", b"hello")))), 422)
    problem(client.post("/v1/uploads"), 422)
    problem(client.post("/v1/uploads", files={"other": b"x"}), 422)
    assert client.get("/v1/uploads").json() == before


@pytest.mark.parametrize(
    "name", ["../x.edl", "/tmp/x.edl", "a/../../x.edl", "a\\..\\x.edl", ".hidden", "a//b", "x\x01", "x" * 300]
)
def test_names_that_lead_elsewhere_are_refused(client: httpx.Client, name: str, tmp_path: Path) -> None:
    cut = (ROOT / "examples" / CUT).read_bytes()
    if not name.startswith(".hidden"):
        problem(send(client, ("x.zip", packed(("good.edl", cut), (name, cut)))), 400)
    if name not in ("a\\..\\x.edl", "x\x01"):  # clients escape these
        assert send(client, (name, cut)).status_code in (400, 422)


def test_bombs_links_and_secrets_in_a_zip_are_refused(client: httpx.Client) -> None:
    cut = ("good.edl", (ROOT / "examples" / CUT).read_bytes())
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    assert "link" in problem(send(client, ("x.zip", packed(cut, (link, b"/etc/passwd")))), 400)["detail"]
    problem(send(client, ("bomb.zip", packed(cut, ("zeros", bytes(200_000_000))))), 413)
    problem(send(client, ("many.zip", packed(cut, *((f"{n}.txt", b"") for n in range(5001))))), 413)
    data = bytearray(packed(cut, ("zeros", bytes(20_000_000))))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")  # says that it has 10 bytes
    assert send(client, ("liar.zip", bytes(data))).status_code in (413, 422)
    locked = bytearray(packed(cut))
    locked[locked.rfind(b"PK\x01\x02") + 8] |= 1
    problem(send(client, ("locked.zip", bytes(locked))), 400)
    assert send(client, ("good.zip", packed(cut, ("__MACOSX/x", b""), (".DS_Store", b"")))).status_code == 201


def test_what_is_too_large_is_refused(client: httpx.Client) -> None:
    problem(send(client, ("x.mp4", bytes(3_100_000))), 413)
    problem(send(client, ("x.mp4", bytes(4_100_000))), 413)
    problem(client.post("/v1/jobs", content=b"x" * 1_100_000), 413)
    twice = (TRACE, b"x")
    assert "twice" in problem(send(client, twice, twice), 400)["detail"]


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_parameter_leads_out(client: httpx.Client, done: str, path: str) -> None:
    upload = send(client, ("cut.edl", (ROOT / "examples" / CUT).read_bytes())).json()["id"]
    for stream in (path, f"{TRACE}/{path}/../../..", f"{upload}/{path}", f"{upload}/../{upload[:-1]}", f"{path}#0"):
        if stream.strip("/") in ("", upload) or stream == f"{upload}/":
            continue
        answer = client.post("/v1/jobs", json={"streams": [stream], "intent": INTENT})
        assert answer.status_code in (404, 422), stream
        assert "passwd" not in answer.text or "passwd" in stream
    quoted = httpx.URL(f"{client.base_url}").join("/").copy_with
    for at in (f"/v1/jobs/{done}/media/", f"/v1/jobs/{done}/", "/v1/jobs/", "/v1/uploads/", "/v1/domains/"):
        for raw in (path, path.replace("/", "%2f"), path.replace(".", "%2e")):
            answer = client.get(quoted(raw_path=(at + raw.replace("\0", "%00")).encode()))
            assert answer.status_code in (200, 307, 404, 422, 400, 405), (at, raw)
            assert "root:" not in answer.text
            assert "[project]" not in answer.text
            if answer.status_code == 200:
                assert answer.headers["content-type"] == "application/json"


def test_only_media_tables_and_the_report_are_shown(client: httpx.Client, done: str) -> None:
    for path in ("../run.toml", "%2e%2e/run.toml", "..%2frun.toml", "../samples.jsonl", "../checkpoints.sqlite"):
        answer = client.get(
            httpx.URL(f"{client.base_url}").copy_with(raw_path=f"/v1/jobs/{done}/media/{path}".encode())
        )
        assert answer.status_code in (404, 422), path
    problem(client.get(f"/v1/jobs/{done}/traces"), 422)


def test_wrong_requests_say_what_is_wrong(client: httpx.Client, done: str) -> None:
    def ask(**body: Any) -> httpx.Response:
        return client.post("/v1/jobs", json={"streams": [TRACE], "intent": INTENT, **body})

    assert "domain" in problem(ask(domain="../x"), 422)["place"]
    assert "no_such" in problem(ask(no_such=1), 422)["place"]
    assert "planner" in problem(ask(model="openai:gpt"), 400)["remedy"]
    assert "/tmp" not in problem(ask(model="hf:/tmp"), 400)["remedy"]
    problem(ask(intent=" "), 422)
    problem(ask(streams=[]), 422)
    problem(ask(samples=10**9), 422)
    problem(client.post("/v1/jobs", content=b"{", headers={"content-type": "application/json"}), 422)
    problem(client.get("/v1/jobs/none"), 404)
    problem(client.get("/nothing"), 404)
    problem(client.put("/v1/jobs"), 405)
    problem(client.get("/v1/domains/none"), 400)
    problem(client.get(f"/v1/jobs/{done}/samples", params={"offset": -1}), 422)
    failed = until(client, job_of(client, CUT, domain="nothing"), has_ended)
    assert failed["state"] == "failed"
    assert "gui" in failed["problem"]["remedy"]


def test_jobs_are_listed_in_pages(client: httpx.Client, done: str) -> None:
    jobs = client.get("/v1/jobs").json()
    assert [job["created"] for job in jobs] == sorted((job["created"] for job in jobs), reverse=True)
    assert client.get("/v1/jobs", params={"limit": 1}).json() == jobs[:1]
    assert client.get("/v1/jobs", params={"before": jobs[0]["id"]}).json() == jobs[1:]
    assert {job["state"] for job in client.get("/v1/jobs", params={"state": "done"}).json()} == {"done"}


def test_the_interface_is_described_and_nothing_comes_from_elsewhere(client: httpx.Client) -> None:
    told = client.get("/openapi.json").json()
    assert {"/v1/uploads", "/v1/jobs", "/v1/jobs/{id}/events", "/v1/chat/completions"} <= set(told["paths"])
    assert set(told["components"]["schemas"]["JobRequest"]["properties"]) == set(JobRequest.model_fields)
    problem(client.get("/docs"), 404)
    assert "://" not in json.dumps(told)
    gui = client.get("/v1/domains/gui").json()
    assert {task["name"] for task in gui["tasks"]} >= {"action_sequence"}
