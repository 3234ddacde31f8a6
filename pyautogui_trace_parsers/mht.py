"""Web archives (MHT): the page and the pictures of one file. Nothing is fetched, run or written to disk."""

from __future__ import annotations

import email
from email.message import Message

from pyautogui_trace_parsers.errors import BrokenTrace
from pyautogui_trace_parsers.files import decode


def read_mht(data: bytes, file: str) -> tuple[str, dict[str, bytes]]:
    """The first page and the pictures by name (`Content-Location` without folders).

    Args:
        data: the MHT file.
        file: its name, for errors.

    Raises:
        BrokenTrace: not a multipart message, or its page is not UTF-8.
    """
    page: bytes | None = None
    pictures: dict[str, bytes] = {}
    try:
        for part in email.message_from_bytes(data).walk():
            if part.get_content_maintype() == "image":
                pictures[_name(part)] = _payload(part)
            elif page is None and part.get_content_maintype() == "text":
                page = _payload(part)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as error:  # what email lets out
        raise BrokenTrace(f"is not a readable web archive: {error}", path=file) from error
    if page is None:
        raise BrokenTrace("is a web archive without a page", path=file)
    return decode(page, file), pictures


def _name(part: Message) -> str:
    return str(part.get("Content-Location", "")).rsplit("/", 1)[-1].strip()


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
