"""What people ask for when they do not say what they want: underspecified requests in English and Chinese.

"Help me design an example for data construction." names neither task nor form; whatever is valid, grounded and useful
for a stream of that kind answers it. The words are combined from parts, and some parts name what the stream is.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "zh"]

_OPENINGS = (
    "Help me design",
    "Could you put together",
    "I would like",
    "We are looking for",
    "Please prepare",
    "Make me",
    "Come up with",
    "I need",
    "My team could use",
    "Can I have",
)
_THINGS = (
    "an example for data construction",
    "one good training example",
    "something useful for training",
    "a sample for my dataset",
    "data a model could learn from",
    "a record for fine-tuning",
    "a clean example",
    "some supervision",
    "whatever fits best",
    "a worthwhile annotation",
)
_FROM = ("", " from this", " out of {kind}", " based on {kind}", ", here is {kind}", " for {use}")
_ENDS = (".", ", please.", ". You decide how.", ", with evidence.", ". Keep it short.", "!")
_ZH_OPENINGS = ("帮我设计", "请准备", "我想要", "给我做", "我们需要", "麻烦整理")
_ZH_THINGS = (
    "一个数据构建的例子",
    "一条训练样本",
    "可以用来训练的数据",
    "一条有用的标注",
    "一份数据",
    "适合微调的样本",
)
_ZH_FROM = ("", ",素材是{kind}", ",来自{kind}", ",用于{use}")
_ZH_ENDS = ("。", ",谢谢。", ",形式你来定。", ",要有依据。")

_KINDS: dict[str, tuple[str, str, str, str]] = {
    "gui": ("a screen recording", "an agent that uses computers", "一段屏幕录制", "操作电脑的智能体"),
    "fragments": ("some clips of screens", "an agent that uses phones", "几段屏幕片段", "手机智能体"),
    "video": ("a video", "a model that watches", "一段视频", "看视频的模型"),
    "trajectory": ("a robot's recording", "a robot policy", "一段机器人录像", "机器人策略"),
    "edit": ("an edited picture", "an editing model", "一张修过的图", "图像编辑模型"),
    "timeline": ("a cut", "an editing agent", "一条剪辑时间线", "剪辑智能体"),
    "lesson": ("a lecture", "a tutor", "一节课", "辅导模型"),
    "narration": ("a told recording", "a model of daily life", "一段旁白", "生活类模型"),
}
"""Per kind of stream: what it is and what it may be for, in English and in Chinese."""
_OTHER = ("a recording", "a model", "一段素材", "模型")
CHINESE = 0.25
"""Share of requests in Chinese."""


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """An underspecified request; `template` is what it was made from."""

    text: str
    language: Language
    template: str


def requests(kind: str, rng: random.Random) -> Iterator[OpenRequest]:
    """Requests about a stream of that kind, without end, hardly two of them the same."""
    what, use, what_zh, use_zh = _KINDS.get(kind, _OTHER)
    while True:
        zh = rng.random() < CHINESE
        parts = (_ZH_OPENINGS, _ZH_THINGS, _ZH_FROM, _ZH_ENDS) if zh else (_OPENINGS, _THINGS, _FROM, _ENDS)
        template = "".join([rng.choice(parts[0]), "" if zh else " ", *(rng.choice(part) for part in parts[1:])])
        text = template.replace("{kind}", what_zh if zh else what).replace("{use}", use_zh if zh else use)
        yield OpenRequest(text, "zh" if zh else "en", template)
