"""A small face in a process of its own: it says hello, counts what it is sent, and tells how it ends."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from dataclaw.errors import DataClawError
from dataclaw.serve.guard import Access, serve_app


async def hello(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"hello {request.url.query}")


async def count(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@asynccontextmanager
async def told(app: Starlette) -> AsyncIterator[None]:
    yield
    print("ended cleanly", flush=True)


if __name__ == "__main__":
    host, port, token = sys.argv[1:4]
    routes = [Route("/page", hello), Route("/count", count, methods=["POST"]), Route("/big", count, methods=["POST"])]
    access = Access.at(host, token or None, larger={"/big": 3_000_000})
    try:
        serve_app(
            Starlette(routes=routes, lifespan=told), access, int(port), lambda at: print(at, flush=True), path="/page"
        )
    except DataClawError as error:
        print(error)
