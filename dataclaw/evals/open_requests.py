"""What people ask for when they do not say what they want: underspecified requests in English and Chinese.

"Help me design an example for data construction." names neither task nor form; whatever is valid, grounded and useful
for a stream of that kind answers it. The words are combined from parts, and some parts name what the stream is.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Language = Literal["en", "zh"]

CHINESE = 0.25
"""Share of requests in Chinese."""


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """An underspecified request; `template` is what it was made from."""

    text: str
    language: Language
    template: str


@cache
def _parts() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def requests(kind: str, rng: random.Random) -> Iterator[OpenRequest]:
    """Requests about a stream of that kind, without end, hardly two of them the same."""
    kinds = _parts()["kinds"]
    what, use, what_zh, use_zh = kinds.get(kind, kinds[""])
    while True:
        zh = rng.random() < CHINESE
        first, *rest = _parts()["zh" if zh else "en"].values()
        template = "".join([rng.choice(first), "" if zh else " ", *(rng.choice(part) for part in rest)])
        text = template.replace("{kind}", what_zh if zh else what).replace("{use}", use_zh if zh else use)
        yield OpenRequest(text, "zh" if zh else "en", template)
