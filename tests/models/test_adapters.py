from __future__ import annotations

from pathlib import Path

import pytest

from dataclaw.agent.policy.embedded import Embedded
from dataclaw.errors import PolicyError


@pytest.mark.parametrize("content", [None, b"", b"GGML", b"PK\x03\x04"])
def test_an_adapter_that_is_none_is_named_before_anything_is_loaded(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "adapter.gguf"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(PolicyError, match="adapter of domain gui"):
        Embedded(adapters={"gui": file})
