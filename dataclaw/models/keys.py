"""The key of a server of one's own, and texts without keys."""

from __future__ import annotations

from collections.abc import Iterable

KEY = "VLLM_API_KEY"
"""Environment variable with the key that the server was started with, where it was."""
LEAST = 8
"""Keys that are shorter ("none") are no secret, and may be words of a text [characters]."""


def hide(text: str, keys: Iterable[str]) -> str:
    """A text without the keys, which a server may repeat to whoever sent them."""
    for key in keys:
        if len(key) >= LEAST:
            text = text.replace(key, "(the key)")
    return text
