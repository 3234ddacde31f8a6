"""The protocol by the SDK's own client, over both transports and both eras, and by hand."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, StdioServerParameters, types
from mcp.shared.exceptions import MCPError

from dataclaw.serve.tools import RESULT_BYTES, TOOLS, ClientReply
from tests.serve.conftest import CUT, CUT_INTENT, PATIENCE, ROOT, TRACE, Face, many_traces, program

META = {
    "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "a test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
}
Talk = Callable[[Client], Awaitable[None]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mcp")
    many_traces(folder / "many.jsonl", 2000)
    (folder / "outside").symlink_to("/etc")
    return folder


def command(folder: Path, *options: str) -> list[str]:
    roots = ("--root", str(ROOT / "examples"), "--root", str(folder))
    return ["-m", "dataclaw", "mcp", *roots, "--home", str(folder / "home"), *options]


@pytest.fixture(scope="module")
def face(folder: Path) -> Iterator[Face]:
    with program(*command(folder, "--port", "0"), cwd=folder) as face:
        yield face


@pytest.fixture(params=["stdio", "http"])
def server(request: pytest.FixtureRequest, folder: Path) -> StdioServerParameters | str:
    if request.param == "http":
        face: Face = request.getfixturevalue("face")
        return face.address
    environment = {"PYTHONPATH": str(ROOT), "DATACLAW_CACHE": str(folder.parent / "cache")}
    return StdioServerParameters(command=sys.executable, args=command(folder), env=environment, cwd=folder)


def talk(server: StdioServerParameters | str, say: Talk, mode: str = "auto") -> None:
    async def run() -> None:
        async with Client(server, mode=mode, read_timeout_seconds=PATIENCE) as client:
            await say(client)

    asyncio.run(run())


def text_of(result: types.CallToolResult) -> str:
    """The text of a result, which holds no media and is no longer than it may be."""
    (text,) = [block.text for block in result.content if isinstance(block, types.TextContent)]
    assert len(text.encode()) <= RESULT_BYTES
    assert {block.type for block in result.content} <= {"text", "resource_link"}
    return text


async def told(client: Client, name: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(name, arguments)
    assert not result.is_error, result.content
    return json.loads(text_of(result))


@pytest.mark.parametrize(("mode", "version"), [("auto", "2026-07-28"), ("legacy", "2025-11-25")])
def test_from_a_look_to_samples(server: StdioServerParameters | str, mode: str, version: str) -> None:
    async def say(client: Client) -> None:
        assert client.protocol_version == version
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == set(TOOLS)
        assert all(one["description"] for tool in tools for one in tool.input_schema["properties"].values())
        seen = text_of(await client.call_tool("look", {"stream": CUT}))
        assert seen.startswith("timeline stream")
        job = await told(client, "tailor", streams=[CUT], intent=CUT_INTENT, wait=0)
        while job["state"] in ("queued", "running"):
            job = await told(client, "job", job=job["job"])
        assert (job["state"], job["summary"]) == ("done", "1 sample, 0 rejections.")
        (sample,) = job["samples"]
        judged = await told(client, "score_sample", job=job["job"], sample=sample["id"])
        assert (judged["passed"], judged["total"]) == (True, pytest.approx(sample["total"], abs=1e-6))
        assert await told(client, "validate_sample", job=job["job"], sample=sample["id"]) == {
            "valid": True,
            "problems": [],
        }
        poor = await told(client, "score_sample", job=job["job"], sample=sample["id"], draft={"operations": []})
        assert (poor["passed"], poor["total"]) == (False, 0.0)
        assert poor["findings"]
        wrong = await told(client, "validate_sample", domain="aigc", task="edit_plan", draft={"x": 1})
        assert not wrong["valid"]
        assert any("'x'" in one["message"] or '"x"' in one["message"] for one in wrong["problems"])

    talk(server, say, mode)


def test_media_are_links_that_can_be_read(server: StdioServerParameters | str) -> None:
    async def say(client: Client) -> None:
        result = await client.call_tool("look", {"stream": TRACE, "tool": "sample_frames", "arguments": {"count": 2}})
        assert "f0" in text_of(result)
        links = [block for block in result.content if isinstance(block, types.ResourceLink)]
        assert links
        (picture,) = (await client.read_resource(links[0].uri)).contents
        assert isinstance(picture, types.BlobResourceContents)
        assert base64.b64decode(picture.blob).startswith(b"\xff\xd8\xff")
        job = await told(client, "tailor", streams=[CUT], intent=CUT_INTENT, wait=50)
        result = await client.call_tool("job", {"job": job["job"], "wait": 50})
        uris = {str(block.uri) for block in result.content if isinstance(block, types.ResourceLink)}
        base = f"dataclaw://jobs/{job['job']}"
        assert f"{base}/samples.jsonl" in uris
        (rows,) = (await client.read_resource(f"{base}/samples.jsonl")).contents
        assert isinstance(rows, types.TextResourceContents)
        assert json.loads(rows.text)["id"] == json.loads(text_of(result))["samples"][0]["id"]
        for uri in (
            f"{base}/run.toml",
            f"{base}/media/../run.toml",
            f"{base}/../../jobs.sqlite",
            "dataclaw://looks/../jobs.sqlite",
            "file:///etc/passwd",
            "dataclaw://jobs/none/samples.jsonl",
        ):
            with pytest.raises(MCPError, match=r"resource|file|job") as caught:
                await client.read_resource(uri)
            assert caught.value.code == types.INVALID_PARAMS

    talk(server, say)


def test_wrong_arguments_are_tool_errors_with_a_remedy(server: StdioServerParameters | str) -> None:
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("tailor", {}, "Arguments: streams (required), intent (required)"),
        ("tailor", {"streams": [CUT], "intent": "x", "plugin_code": True}, "plugin_code: no such key"),
        ("tailor", {"streams": "all", "intent": "x"}, "streams: Input should be a valid list"),
        (
            "tailor",
            {"streams": ["../pyproject.toml"], "intent": "x"},
            "Name the id of an upload, or a path below examples",
        ),
        ("tailor", {"streams": ["outside/passwd"], "intent": "x"}, "there is no stream"),
        ("tailor", {"streams": ["/etc/passwd"], "intent": "x"}, "there is no stream"),
        ("tailor", {"streams": [CUT], "intent": "x", "model": "hf:/etc"}, "name one of: planner, embedded"),
        ("job", {"job": "none"}, "start it again"),
        ("look", {"stream": CUT, "tool": "look_up"}, "There is: "),
        ("look", {"stream": CUT, "tool": "list_events", "arguments": {"no": 1}}, "Arguments: "),
        ("look", {"stream": "many.jsonl"}, "Name one of them: many.jsonl#0"),
        ("show_domain", {"domain": "giu"}, "Did you mean 'gui'?"),
        ("show_domain", {"domain": "gui", "task": "none"}, "There is: "),
        ("validate_sample", {"draft": {}}, "Give `draft`, `domain` and `task`"),
        ("list_domains", {"all": True}, "Arguments: none."),
    ]

    async def say(client: Client) -> None:
        for name, arguments, remedy in wrong:
            result = await client.call_tool(name, arguments)
            assert result.is_error, (name, arguments)
            assert remedy in text_of(result), text_of(result)
        with pytest.raises(MCPError, match="Did you mean 'tailor'"):
            await client.call_tool("taylor", {})

    talk(server, say)


def test_what_is_long_comes_in_pages(server: StdioServerParameters | str) -> None:
    async def say(client: Client) -> None:
        job = await told(client, "tailor", streams=["many.jsonl"], intent="everything", domain="gui", wait=0)
        assert job["next"].endswith("to hear more.")
        ended = await told(client, "job", job=job["job"], cancel=True)
        assert ended["state"] == "cancelled"
        everything = await told(client, "show_domain", domain="gui")
        assert len(everything["tasks"]) > 5
        one = await told(client, "show_domain", domain="gui", task="action_sequence")
        assert one["task"]["draft"]
        first = text_of(await client.call_tool("look", {"stream": CUT, "tool": "list_events"}))
        rest = text_of(await client.call_tool("look", {"stream": CUT, "tool": "list_events", "offset": 10}))
        assert first.splitlines()[-1] == rest.splitlines()[-1]
        assert len(first.splitlines()) == len(rest.splitlines()) + 10

    talk(server, say)


def test_a_result_is_cut_in_the_end() -> None:
    text = ClientReply({"much": "漢" * 20_000}).text()
    assert len(text.encode()) <= RESULT_BYTES
    assert text.endswith("ask for less]")


def test_standard_output_has_messages_alone_and_its_end_ends_the_server(folder: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, *command(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=folder,
    )
    assert server.stdin is not None
    assert server.stdout is not None

    def ask(number: int, method: str, **params: Any) -> dict[str, Any]:
        assert server.stdin is not None
        assert server.stdout is not None
        message = {"jsonrpc": "2.0", "id": number, "method": method, "params": {**META, **params}}
        server.stdin.write(json.dumps(message) + "\n")
        server.stdin.flush()
        answer = json.loads(server.stdout.readline())
        assert answer["id"] == number
        return answer

    found = ask(1, "server/discover")["result"]
    assert (found["resultType"], found["cacheScope"]) == ("complete", "public")
    assert found["ttlMs"] > 0
    assert "2026-07-28" in found["supportedVersions"]
    assert ask(2, "tools/list")["result"]["ttlMs"] > 0
    called = ask(3, "tools/call", name="look", arguments={"stream": CUT})["result"]
    assert (called["resultType"], called["content"][0]["type"]) == ("complete", "text")
    assert ask(4, "nothing/here")["error"]["code"] == types.METHOD_NOT_FOUND
    assert ask(5, "tools/call", name="look")["result"]["isError"]
    server.stdin.close()
    assert server.wait(60) == 0
    assert server.stdout.read() == ""
    server.stdout.close()


def test_http_by_hand_and_behind_the_guard(face: Face) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": META}
    headers = {
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": "server/discover",
    }
    answer = httpx.post(face.address, json=body, headers=headers, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    assert '"resultType":"complete"' in answer.text.replace('": "', '":"')
    assert "mcp-session-id" not in answer.headers
    assert httpx.post(face.address, json=body, headers={**headers, "Origin": "http://evil.example"}).status_code == 403
    assert httpx.post(face.address, json=body, headers={**headers, "Host": "evil.example"}).status_code == 421
    old = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
    }
    answer = httpx.post(face.address, json=old, headers={"Accept": headers["Accept"]}, timeout=PATIENCE)
    assert '"protocolVersion":"2025-06-18"' in answer.text


def test_http_gives_no_folder_unasked(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dataclaw", "mcp", "--port", "0"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "--root" in done.stderr) == (2, True)
