"""How people ask for parts of a recording, and for what happens next in it."""

from __future__ import annotations

import random
from collections.abc import Sequence

from dataclaw.types import Json
from dataclaw.worlds import wording
from dataclaw.worlds.base import Request, Scene, SceneSpec
from dataclaw_worlds.aigc.arena_wishes import Call, Record, calls, liveliest
from dataclaw_worlds.aigc.frames import frame

SEGMENT, NEXT = "video_generation_segment", "world_model_transition"


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.strip().splitlines())


EN = {
    SEGMENT: _lines(
        """
the part where {c}, as a training clip for a video generator
A clip in which {c}, with prompt and key frames, please.
find where {c}
cut out the moment when {c} and write a prompt for it
I want to train text-to-video on this: {c}.
video sample: {c}
Where in the footage can I see that {c}? Make a sample of it.
Give me the segment in which {c}, with a motion plan.
key frames and prompt for the bit where {c}
for our video model we need a shot in which {c}
image-to-video data, starting when {c}
Look for the stretch during which {c}.
when does it happen that {c}? clip that
please prepare the seconds in which {c} for fine-tuning
use only the part where {c}
a caption and a clip: {c}
Which piece of the recording shows how {c}?
extract {c} as a generation example
show me how {c} - I need clip, prompt, motion
one sample in which {c}, nothing else
there is a place where {c}, take that for the dataset
generate-video training pair for the scene where {c}
spot the passage in which {c} and caption it
From all of this I only want to keep when {c}.
a short clip, {c}, ready for a text-to-video model
the dataset lacks footage in which {c}; is there any here?
trim the video down to where {c}
write a generation prompt for the seconds during which {c}
I remember that at some point {c}. Cut it out for training.
Could you isolate the action: {c}?
input for an image-to-video model: the shot in which {c}
the interesting thing is that {c}, give me that with key frames
select frames and motion for "{c}"
locate {c}; then clip, prompt, motion plan
make the moment when {c} a video generation sample
{c} - that is what the generator should learn
"""
    ),
    NEXT: _lines(
        """
what happens after {c}?
world model data: what follows once {c}
predict what comes next after {c}
Show the frames in which {c}, then the frames that follow.
given that {c}, how does it go on?
a transition that begins with the part where {c}
observation: {c}; outcome: whatever comes then
Take the moment when {c} as context and continue from there.
and then? I mean after {c}
future frames for the context in which {c}
What does the game show right after {c}?
next-state sample, context = {c}
the model sees that {c} and must forecast the rest
Split the recording so that {c} first and the consequence second.
Once {c}, what is the next thing to happen?
training data for a world model: condition on the part where {c}
continue the scene in which {c}
Which development follows when {c}?
the context is the stretch where {c}; what is the future?
Let a model watch how {c} and guess the rest.
right after {c}, what do we see?
video prediction: seen so far, {c}
pair of spans: first {c}, then what results
continue from the point where {c}
And what came of it, after {c}?
dynamics sample around the moment when {c}
cause: {c}. effect?
I need the seconds that follow once {c}
where does it lead when {c}?
a before and an after; before means {c}
given frames in which {c}, which frames come next?
"""
    ),
}
FUZZY = {
    SEGMENT: _lines(
        """
the cool bit where {c} or so
you know, {c}... that part
somewhere {c}, can you clip it
{c}!!! need that
hmm the thing with, like, {c}
"""
    ),
    NEXT: _lines(
        """
ok so {c} and then what
after the {c} bit, whats next
{c}... and?
i wonder what comes when {c}
"""
    ),
}
ZH = {
    SEGMENT: _lines(
        """
截取{c}的片段,做视频生成训练数据
找到{c}的那一段,写提示词和关键帧
我需要{c}的画面
{c}是在哪一段?剪出来
用{c}这一段做文生视频样本
给视频模型准备一个{c}的镜头
{c}的部分,加上运动计划
只要{c}那几秒
哪里能看到{c}?请截取
把{c}的过程做成带提示词的片段
训练集缺少{c}的视频,找一段
{c}的瞬间,配上关键帧和描述
想学习生成{c}的画面,给我样本
从录像中挑出{c}的镜头
视频片段:{c}
"""
    ),
    NEXT: _lines(
        """
{c}之后发生了什么?
以{c}为观察,预测后面的画面
世界模型样本:{c},然后呢?
{c}以后画面怎么变化
从{c}开始,接下来会怎样
已知{c},续写后面几秒
给出{c}之后的未来帧
{c},下一步呢?
预测:{c}之后
先看到{c},后来怎么样?
把{c}作为上下文,给出结果
{c}后的几秒会出现什么
观察到{c},模型应该预测什么?
{c}之后镜头怎么动
接着{c}往下看
"""
    ),
}
GENERAL_SHARE, ZH_SHARE, FUZZY_SHARE, TYPO_SHARE = 0.15, 0.22, 0.15, 0.12
_UNFIT = ("between", "first {n}", "{time}", "hand-object", "{n}", "秒")
"""Parts of the domain's templates that ask for spans, lengths or hands."""


def asks_of(scene: Scene, count: int) -> Sequence[Request]:
    """At most `count` different things to ask of a recording, both tasks in turn."""
    rng = scene.spec.rng("asks")
    record = Record(scene.facts)
    found = calls(record)
    # what is named or comes out of it needs more understanding than a verb: those come first more often
    found.sort(key=lambda call: rng.random() + 0.5 * call.key.startswith("verb"))
    queues = {
        SEGMENT: [call for call in found if _cuttable(record, call)],
        NEXT: [call for call in found if _continued(record, call.end) and (call.last < 0 or record.usable(call.deed))],
    }
    general = {
        SEGMENT: [n for n in range(len(record.deeds)) if record.usable(n)],
        NEXT: [n for n in range(len(record.deeds) - 1) if _continued(record, n)],
    }
    whole = {task: rng.random() < 2 * GENERAL_SHARE and bool(numbers) for task, numbers in general.items()}
    used: set[tuple[str, int, int]] = set()
    asks: list[Request] = []
    while len(asks) < count and any((*whole.values(), *queues.values())):
        for task in (SEGMENT, NEXT):
            if whole[task]:
                whole[task] = False
                asks.append(_general(scene.spec, task, record, general[task], rng))
            elif call := _unused(queues[task], task, used):
                asks.append(_asked(scene.spec, task, call, rng))
    return asks[:count]


def _unused(queue: list[Call], task: str, used: set[tuple[str, int, int]]) -> Call | None:
    """The next call of deeds that were not asked for yet; the same deeds under another name give the same answer."""
    while queue:
        call = queue.pop(0)
        if (task, call.deed, call.end) not in used:
            used.add((task, call.deed, call.end))
            return call
    return None


def _cuttable(record: Record, call: Call) -> bool:
    return record.usable(call.deed) if call.last < 0 else record.spanned(call.deed, call.last)


def _continued(record: Record, deed: int) -> bool:
    """Whether another deed follows at once in the same take, and both can be cut."""
    if not record.joined(deed):
        return False
    here = record.deeds[deed]
    long = (
        float(here["t1"]) - float(here["clear"][0]) >= record.least and here["verb"] != "wait"
    )  # which looks like a fault
    return long and record.usable(deed + 1) and record.proved(deed)


def _asked(spec: SceneSpec, task: str, call: Call, rng: random.Random) -> Request:
    wish: dict[str, Json] = {"key": call.key, "deed": call.deed, "last": call.end, "which": list(call.which)}
    if rng.random() < ZH_SHARE:
        template = rng.choice(spec.pool(ZH[task], wording.TEMPLATE))
        return Request(task, template.format(c=rng.choice(call.zh)), wish, "paraphrase", "zh", template)
    template = frame(spec, EN[task], FUZZY[task], FUZZY_SHARE, rng)
    words = template.format(c=rng.choice(call.en))
    if rng.random() < TYPO_SHARE:
        return Request(task, wording.mistyped(words, rng), wish, "typo", "en", template)
    return Request(task, words, wish, "fuzzy" if template in FUZZY[task] else "paraphrase", "en", template)


def _general(spec: SceneSpec, task: str, record: Record, numbers: Sequence[int], rng: random.Random) -> Request:
    """One of the domain's own templates: the liveliest deed, or the deed before it, is meant."""
    deed = liveliest(record, numbers) if task == SEGMENT else liveliest(record, [n + 1 for n in numbers]) - 1
    fit = [t for t in wording.allowed(spec, "aigc", task) if not any(part in t for part in _UNFIT)]
    template = rng.choice(fit or EN[task][:1])
    language = "zh" if any("\u4e00" <= c <= "\u9fff" for c in template) else "en"
    return Request(task, template, {"key": "general", "deed": deed}, "template", language, template)
