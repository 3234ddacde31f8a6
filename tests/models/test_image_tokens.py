"""What a picture costs, by the examples that providers give."""

from __future__ import annotations

import pytest

from dataclaw.models.image_tokens import image_rule, text_tokens


@pytest.mark.parametrize(
    ("model", "size", "tokens"),
    [
        ("openai:gpt-4o", (1024, 1024), 765),  # OpenAI's own example: four tiles after scaling to 768
        ("openai:gpt-4o", (2048, 4096), 1105),  # and six
        ("openai:gpt-5", (512, 512), 210),
        ("openai:gpt-5-mini", (1024, 1024), 1659),  # 32 x 32 patches, times 1.62
        ("anthropic:claude-sonnet-4-6", (1092, 1092), 1590),
        ("google:gemini-3-pro", (384, 384), 258),
        ("google:gemini-3-pro", (960, 540), 516),
        ("vllm:Qwen3-VL-8B", (1280, 720), 40 * 23),
    ],
)
def test_pictures_cost_what_their_family_says(model: str, size: tuple[int, int], tokens: int) -> None:
    assert image_rule(model).tokens(*size) == tokens


def test_letters_beyond_ascii_cost_more() -> None:
    assert text_tokens("") == 0
    assert text_tokens("four" * 10) == 10
    assert text_tokens("打开浏览器") > text_tokens("open it")
