"""Files of a package index: bounded in size and time, and gone on with where a download broke off.

Where an index leads is followed, as pip does, since its files lie at other hosts. A name and a password in the index's
address go to that host alone; what comes is pinned by its hash, wherever it comes from.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

import httpx

from dataclaw.errors import PolicyError
from dataclaw.models.deadline import Deadline
from dataclaw.models.keys import hide

LONGEST_LIST = 32 << 20
"""Most of a list of files that is read [bytes]."""
SLOWEST = 10_000
"""A download that is slower is given up, to be gone on with later [bytes/s]."""
FORM = {"Accept": "application/vnd.pypi.simple.v1+json"}
AGAIN = "Run it again, it goes on from there; check the network, or name a mirror with PIP_INDEX_URL."
OTHER = "Check the address of the index, or name another one with PIP_INDEX_URL."


@dataclass(frozen=True, slots=True)
class PinnedWheel:
    """A file of a package index.

    Attributes:
        project: project on the index.
        name: name of the file.
        size: about its size; what is larger by a tenth is not read on [bytes].
    """

    project: str
    name: str
    size: int


def download_wheel(
    wheel: PinnedWheel, index: str, part: Path, patience: float, on_progress: Callable[[int, int], None] | None = None
) -> None:
    """Get a wheel, or the rest of it.

    Args:
        wheel: what is got.
        index: base URL of a package index that speaks the simple API.
        part: the file that it goes to.
        patience: how long the index may be silent, and how long its list may take [s].
        on_progress: called with bytes done and bytes in all.

    Raises:
        PolicyError: the index cannot be reached, refuses, or sends what cannot be; the disk is full.
    """
    with httpx.Client(
        headers={"Accept-Encoding": "identity"},
        follow_redirects=True,
        max_redirects=5,
        limits=httpx.Limits(max_keepalive_connections=0),  # a deadline knows connections that were made within it
        timeout=patience,
        verify=ssl.create_default_context(),
    ) as client:
        _Index(client, index, wheel, patience).download(part, on_progress)


@dataclass(frozen=True, slots=True)
class _Index:
    client: httpx.Client
    base: str
    wheel: PinnedWheel
    patience: float

    def download(self, part: Path, on_progress: Callable[[int, int], None] | None) -> None:
        address = self._address()
        url = self._url_of_wheel(address)
        have = part.stat().st_size if part.exists() else 0
        most = self.wheel.size + self.wheel.size // 10
        headers = {"Range": f"bytes={have}-"} if have else {}
        with self._answer(url, headers, self.patience + most / SLOWEST) as answer:
            if answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return  # nothing left to send: the part is whole, and its hash is checked next
            resumed = answer.status_code == HTTPStatus.PARTIAL_CONTENT
            done = have if resumed else 0
            length = answer.headers.get("content-length", "")
            total = done + int(length) if length.isdecimal() and len(length) < 16 else 0
            with part.open("ab" if resumed else "wb") as file:
                for chunk in answer.iter_raw():
                    done += len(chunk)
                    if done > most:
                        raise PolicyError(f"the index sends more than {most:,} bytes of {part.name}.", remedy=OTHER)
                    file.write(chunk)
                    if on_progress:
                        on_progress(done, total)

    def _address(self) -> httpx.URL:
        try:
            return httpx.URL(f"{self.base.rstrip('/')}/{self.wheel.project}/")
        except httpx.InvalidURL:  # whose words may have the password in them
            raise PolicyError("the address of the package index is none.", remedy=OTHER) from None

    def _url_of_wheel(self, address: httpx.URL) -> httpx.URL:
        listing = bytearray()
        with self._answer(address, FORM, self.patience) as answer:
            for chunk in answer.iter_raw():
                listing += chunk
                if len(listing) > LONGEST_LIST:
                    raise PolicyError("the package index sends a list without end.", remedy=OTHER)
        try:
            files = cast("dict[str, Any]", json.loads(listing))["files"]
            urls = [str(file["url"]) for file in files if file["filename"] == self.wheel.name]
            return address.join(urls[0])
        except IndexError:
            raise PolicyError(f"the package index has no {self.wheel.name}.", remedy=OTHER) from None
        except (ValueError, TypeError, LookupError, RecursionError, httpx.InvalidURL):
            raise PolicyError(f"the package index gave no list of {self.wheel.project}.", remedy=OTHER) from None

    @contextmanager
    def _answer(self, url: httpx.URL, headers: dict[str, str], seconds: float) -> Generator[httpx.Response]:
        """An answer that is none of a refusal, to be read whole within so many seconds."""
        broke = None
        with Deadline(seconds) as deadline:
            try:
                with self.client.stream("GET", url, headers=headers, extensions=deadline.extensions) as answer:
                    if answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
                        raise PolicyError(
                            f"the package index refuses the name and password, or wants some ({answer.status_code}).",
                            remedy="Put NAME:PASSWORD@ before the host in the address of the index.",
                        )
                    if answer.headers.get("content-encoding", "identity") != "identity":
                        raise PolicyError("the package index sends what is packed, unasked.", remedy=OTHER)
                    if answer.status_code >= 300 and answer.status_code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                        raise PolicyError(f"the package index refuses: it answers {answer.status_code}.", remedy=OTHER)
                    yield answer
            except httpx.TimeoutException:
                broke = f"it was silent for longer than {self.patience:g} s"
            except (httpx.HTTPError, OSError) as error:
                broke = hide(str(error), [url.password, url.username]) or type(error).__name__
        if deadline.is_over:
            broke = f"it took longer than {seconds:,.0f} s"
        if broke is not None:
            raise PolicyError(f"the download broke off: {broke}.", remedy=AGAIN)
