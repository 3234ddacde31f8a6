"""The Model Context Protocol: `tools.TOOLS` and the files they point to, over stdio or streamable HTTP.

The SDK speaks the protocol, that of 2026-07-28 (no sessions, `server/discover`) and that of the years before. A server
here has no state of a connection: what lasts is a job, and its handle is an argument.
"""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
from mcp import types
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
from starlette.applications import Starlette

from dataclaw.errors import DataClawError, did_you_mean
from dataclaw.serve.desk import LOOKS, MEDIA_TYPES, Desk
from dataclaw.serve.guard import BODY_BYTES
from dataclaw.serve.tools import SCHEME, TOOLS, ClientReply, Link
from dataclaw.version import __version__

PATH = "/mcp"
READ_BYTES = 20_000_000
"""Largest file that a resource gives."""
TEXTS = frozenset({".jsonl", ".html"})
HOUR = CacheHint(ttl_ms=3_600_000, scope="public")
_LOOK = re.compile(r"looks/([0-9a-f]{24})/(\d{1,3}\.jpg)")
_FILE = re.compile(r"jobs/([0-9a-f]{24})/(.+)")

INSTRUCTIONS = """\
DataClaw makes verified training samples out of raw streams. `look` at a stream, then `tailor` it with an intent.
`tailor` and `job` answer within a minute; a job that goes on is asked for again by its handle."""

Context = ServerRequestContext[Any]


def make_server(desk: Desk) -> Server[Any]:
    """The server; who runs it starts and closes the desk."""

    async def list_tools(_: Context, __: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=_declarations())

    async def call_tool(_: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        tool = TOOLS.get(params.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"no tool {params.name[:100]!r}. {did_you_mean(params.name, TOOLS)}")
        work = partial(tool.call, desk, params.arguments or {})
        try:
            return _result(await anyio.to_thread.run_sync(work, abandon_on_cancel=True))
        except DataClawError as error:
            return types.CallToolResult(content=[types.TextContent(type="text", text=str(error))], is_error=True)

    async def list_resources(_: Context, __: types.PaginatedRequestParams | None) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=[])  # they are known to who has a job's handle

    async def list_templates(_: Context, __: types.PaginatedRequestParams | None) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(
                    name="job file",
                    uri_template=f"{SCHEME}jobs/{{job}}/{{+path}}",
                    description="samples.jsonl, rejected.jsonl, artifacts.jsonl, report.html, or media/... of a job",
                )
            ]
        )

    async def read_resource(_: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        uri = str(params.uri)
        try:
            file = await anyio.to_thread.run_sync(_find, desk, uri)
            return types.ReadResourceResult(contents=[await anyio.to_thread.run_sync(_contents, uri, file)])
        except DataClawError as error:
            raise MCPError(types.INVALID_PARAMS, str(error), {"uri": uri}) from None

    return Server(
        "dataclaw",
        version=__version__,
        title="DataClaw",
        instructions=INSTRUCTIONS,
        cache_hints={"server/discover": HOUR, "tools/list": HOUR, "resources/templates/list": HOUR},
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
    )


def _declarations() -> list[types.Tool]:
    return [
        types.Tool(
            name=tool.name,
            description=tool.doc,
            input_schema=tool.args.model_json_schema(),
            annotations=types.ToolAnnotations(
                read_only_hint=not tool.changes, destructive_hint=False, open_world_hint=False
            ),
        )
        for tool in TOOLS.values()
    ]


def _result(reply: ClientReply) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=reply.text()), *(_resource_link(link) for link in reply.links)]
    )


def _resource_link(link: Link) -> types.ResourceLink:
    return types.ResourceLink(type="resource_link", uri=link.uri, name=link.name, mime_type=link.mime)


def _find(desk: Desk, uri: str) -> Path:
    """The file of a resource.

    Raises:
        DataClawError: there is none, or it is too large.
    """
    inner = uri.removeprefix(SCHEME)
    if uri.startswith(SCHEME) and (look := _LOOK.fullmatch(inner)):
        file = desk.home / LOOKS / look[1] / look[2]
    elif uri.startswith(SCHEME) and (named := _FILE.fullmatch(inner)):
        file = desk.file(desk.jobs.get(named[1]), named[2])
    else:
        raise DataClawError(f"no resource {uri[:300]!r}.", remedy="Read what a tool's result links to.")
    if not file.is_file():
        raise DataClawError(f"no resource {uri[:300]!r}.", remedy="Its time was over: look again.")
    if (size := file.stat().st_size) > READ_BYTES:
        raise DataClawError(f"it has {size:,} bytes.", place=uri, remedy=f"At most {READ_BYTES:,} are given at once.")
    return file


def _contents(uri: str, file: Path) -> types.TextResourceContents | types.BlobResourceContents:
    mime = MEDIA_TYPES.get(file.suffix, "application/octet-stream")
    if file.suffix in TEXTS:
        return types.TextResourceContents(uri=uri, mime_type=mime, text=file.read_text(encoding="utf-8"))
    return types.BlobResourceContents(uri=uri, mime_type=mime, blob=base64.b64encode(file.read_bytes()).decode())


def run_stdio(desk: Desk) -> None:
    """Serve the client at standard input and output until it goes away."""

    async def talk() -> None:
        server = make_server(desk)
        async with stdio_server() as (received, sent):
            await server.run(received, sent, server.create_initialization_options())

    desk.start()
    try:
        anyio.run(talk)
    finally:
        desk.close()


def make_mcp_app(desk: Desk) -> Starlette:
    """The app for streamable HTTP at `PATH`; run it behind `guard.Guard`, which also checks host and origin."""
    app = make_server(desk).streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        max_request_body_size=BODY_BYTES,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(one: Starlette) -> AsyncGenerator[None]:
        desk.start()
        async with inner(one):
            yield
        await anyio.to_thread.run_sync(desk.close)

    app.router.lifespan_context = lifespan
    return app
