"""How people ask for parts of a cut, and for all of it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from dataclaw.domains.aigc import operations
from dataclaw.domains.aigc.intents import parse_intent
from dataclaw.types import Json
from dataclaw.worlds import wording
from dataclaw.worlds.base import Request, Scene, SceneSpec
from dataclaw_worlds.aigc.cuts_wishes import Group, groups
from dataclaw_worlds.aigc.frames import frame, plural

TASK = "edit_plan"
EN = tuple(
    """
only {np}, as a cut list
a cut list of {np}
Give me {np} with their in and out points.
edit plan with nothing but {np}
pull {np} out of this timeline
I need {np} from this cut, in order, with source times.
which clips are {np}?
For the trailer I want {np}, nothing else.
list {np} and where they lie in the cut
Make an editing plan out of {np}.
reconstruct only {np}
{np}: source in, source out, record in, record out
Show where {np} are used.
turn {np} into a string-out
selects reel: {np}
What would I have to lay down to rebuild just {np}?
the plan for {np} alone
take the timeline and keep {np}
Could you break down {np} for me, with speeds and media?
an ordered list of {np} from the sequence
training data for an editing agent: {np} of this sequence
leave everything out except {np}
{np} please, as operations in order of time
find {np} in this sequence and list them
I'm recutting this. Which bits are {np}?
our archive wants {np} with time codes
edit decision list reduced to {np}
note down {np} with start and end
extract {np}, keep their order
how long are {np} and where do they come from?
log sheet for {np}
Where in the programme do I find {np}?
the assistant should re-lay {np}
plan: {np}, that's all
we only license {np}; list them with durations
a shot list that has {np} and not the rest
the producer asked for {np}, can you list the edits?
{np} of this sequence as an editing plan
prepare {np} for a short version
tell me the edits that make up {np}
""".strip().splitlines()
)
FUZZY = tuple(
    """
hm, the part with {np} you know, just those
can we get {np} somehow as a list
{np}? in and outs
need {np} asap!!
something like a plan, but really just {np}
{np} thx
so I was thinking {np}, the rest can go
""".strip().splitlines()
)
ZH = tuple(
    """
只要{np}的剪辑表
列出{np},带入点和出点
把{np}整理成剪辑计划
时间线里{np}都在哪里?
剪辑计划只包含{np}
请挑出{np}并按顺序列出
给我{np}的时间码
预告片只用{np},列一下
{np},按时间顺序
除了{np}其他都不要
重建{np}需要哪些操作?
导出{np}的镜头单
帮我找到{np},写明素材和时间
{np}分别用了多长?
""".strip().splitlines()
)
_OTHER = ("node", "workflow", "comfyui", "graph", "节点", "工作流")
WHOLE = 30
"""Most events of a cut of which a whole plan is asked."""
WHOLE_SHARE, FUZZY_SHARE, ZH_SHARE, TYPO_SHARE = 0.15, 0.12, 0.25, 0.12


def asks_of(scene: Scene, count: int) -> Sequence[Request]:
    """At most `count` different things to ask of a cut."""
    rng = scene.spec.rng("asks")
    found = groups(scene.facts)
    rng.shuffle(found)
    kinds: dict[str, list[Group]] = {}
    for group in found:
        kinds.setdefault(group.key.partition(":")[0], []).append(group)
    whole = list(_whole(scene, rng))
    rng.shuffle(whole)
    asks: list[Request] = []
    queue = [
        group
        for turn in range(max(map(len, kinds.values()), default=0))
        for kind in _mixed(kinds, rng)
        for group in kinds[kind][turn : turn + 1]
    ]
    while len(asks) < count and (queue or whole):
        if whole and (not queue or rng.random() < WHOLE_SHARE):
            asks.append(whole.pop())
        else:
            asks.append(_asked(scene.spec, queue.pop(0), rng))
    return asks


def _mixed(kinds: Mapping[str, list[Group]], rng: random.Random) -> list[str]:
    names = list(kinds)
    rng.shuffle(names)
    return names


def _asked(spec: SceneSpec, group: Group, rng: random.Random) -> Request:
    wish: dict[str, Json] = {
        "key": group.key,
        "events": list(group.events),
        "np": group.en[0],
        "np_zh": group.zh[0],
        "why": group.why,
        "why_zh": group.why_zh,
        "proof": list(group.proof),
    }
    if rng.random() < ZH_SHARE:
        template = rng.choice(spec.pool(ZH, wording.TEMPLATE))
        return Request(TASK, template.format(np=rng.choice(group.zh)), wish, "paraphrase", "zh", template)
    called = rng.choice(group.en)
    template = frame(spec, EN, FUZZY, FUZZY_SHARE, rng, many=plural(called))
    words = template.format(np=called)
    if rng.random() < TYPO_SHARE:
        return Request(TASK, wording.mistyped(words, rng), wish, "typo", "en", template)
    return Request(TASK, words, wish, "fuzzy" if template in FUZZY else "paraphrase", "en", template)


def _whole(scene: Scene, rng: random.Random) -> Iterator[Request]:
    """The domain's own templates that fit a cut: all of it, or what its fixed patterns say."""
    events: Sequence[Mapping[str, Json]] = scene.facts["events"]
    for template in wording.allowed(scene.spec, "aigc", TASK):
        words = wording.filled(template, {"n": str(rng.randint(2, 6))})
        if words is None or any(other in template.casefold() for other in _OTHER):
            continue
        wish = parse_intent(words, (0.0, 1e6))
        kept = [
            e
            for e in events
            if not operations.refusal(
                str(e["kind"]),
                (0.0, 1.0),
                {"track_kind": "video" if str(e["track"]).startswith("V") else "audio"},
                wish,
            )
        ]
        size = operations.first_of([str(e["kind"]) for e in kept], wish)
        if 0 < size <= WHOLE:
            language = "zh" if any("\u4e00" <= c <= "\u9fff" for c in words) else "en"
            yield Request(TASK, words, {"key": "whole"}, "template", language, template)
