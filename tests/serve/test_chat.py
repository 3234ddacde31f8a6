from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest

from tests.serve.conftest import (
    CUT,
    CUT_INTENT,
    INTENT,
    PATIENCE,
    ROOT,
    Start,
    has_ended,
    many_traces,
    program,
    serve,
    until,
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[openai.OpenAI]:
    folder = tmp_path_factory.mktemp("server")
    token = "a token for the test"
    with (
        program(*serve("--root", ROOT / "examples"), cwd=folder, DATACLAW_TOKEN=token) as face,
        openai.OpenAI(base_url=f"{face.url}/v1", api_key=token, timeout=PATIENCE, max_retries=0) as client,
    ):
        yield client


def test_models_are_domains_and_who_decides(client: openai.OpenAI) -> None:
    names = {model.id for model in client.models.list()}
    assert {"auto", "gui", "gui/planner", "aigc/embedded"} <= names


def test_a_stream_and_an_intent_are_answered_with_samples(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model="aigc/planner",
        messages=[
            {"role": "system", "content": "passed over"},
            {"role": "user", "content": f"stream: {CUT}\n{CUT_INTENT}"},
        ],
    )
    assert answer.choices[0].finish_reason == "stop"
    told = json.loads(answer.choices[0].message.content or "")
    assert told["summary"] == "1 sample, 0 rejections."
    assert told["samples"][0]["intent"]["text"] == CUT_INTENT
    assert told["samples"][0]["made_by"]["policy"] == "planner"
    assert answer.usage is not None


def test_the_answer_comes_in_pieces(client: openai.OpenAI) -> None:
    upload = client.post(
        "/uploads",
        cast_to=object,
        files=[("files", ("cut.edl", (ROOT / "examples" / CUT).read_bytes()))],
        options={"headers": {"Content-Type": "multipart/form-data"}},
    )
    assert isinstance(upload, dict)
    chunks = list(
        client.chat.completions.create(
            model="auto",
            messages=[
                {
                    "role": "user",
                    "content": [
                        {"type": "file", "file": {"file_id": upload["id"]}},
                        {"type": "text", "text": CUT_INTENT},
                    ],
                }
            ],
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    told = json.loads(text)
    assert len(chunks) > 4
    assert told["samples"][0]["domain"] == "aigc"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None


@pytest.mark.parametrize(
    ("model", "text", "kind"),
    [
        ("gui", INTENT, openai.BadRequestError),
        ("gui", f"stream: {CUT}", openai.BadRequestError),
        ("gui", "stream: ../../etc\nall", openai.NotFoundError),
        ("../x", f"stream: {CUT}\nall", openai.BadRequestError),
        ("gui/openai:x", f"stream: {CUT}\nall", openai.BadRequestError),
    ],
)
def test_wrong_messages_are_refused_with_a_remedy(
    client: openai.OpenAI, model: str, text: str, kind: type[openai.APIStatusError]
) -> None:
    with pytest.raises(kind) as caught:
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": text}])
    assert caught.value.response.json()["detail"]


def test_a_wrong_token_is_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="wrong").models.list()


@pytest.mark.parametrize("stream", [True, False])
def test_who_goes_away_ends_the_job(start: Start, tmp_path: Path, stream: bool) -> None:
    many_traces(tmp_path / "many.jsonl")
    body = {
        "model": "gui",
        "stream": stream,
        "messages": [{"role": "user", "content": "stream: many.jsonl\neverything"}],
    }
    with start(*serve("--root", tmp_path)).client() as client:
        if stream:
            with client.stream("POST", "/v1/chat/completions", json=body) as answer:
                assert answer.status_code == 200
        else:
            with pytest.raises(httpx.ReadTimeout):
                client.post("/v1/chat/completions", json=body, timeout=1.0)
        (job,) = client.get("/v1/jobs").json()
        assert until(client, job["id"], has_ended)["state"] == "cancelled"
