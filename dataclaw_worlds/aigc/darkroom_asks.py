"""How people ask what was done to a picture, or for some of the steps of a history or a graph."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from dataclaw.types import Json
from dataclaw.worlds import wording
from dataclaw.worlds.base import Request, Scene, SceneSpec
from dataclaw_worlds.aigc.darkroom_changes import PLACES_ZH, place_of
from dataclaw_worlds.aigc.darkroom_pictures import THING_ZH
from dataclaw_worlds.aigc.darkroom_words import lines
from dataclaw_worlds.aigc.frames import frame, plural

INSTRUCTION, PLAN = "edit_instruction", "edit_plan"
STEPS_EN = lines(
    """
only {np}
list {np} with their settings
Give me {np} in order, with parameters.
I need {np} for a training sample, leave out the rest.
which steps are {np}?
{np}, please, one line each
What are the parameters of {np}?
describe {np}
turn {np} into data for an editing agent
just {np}, nothing else
Reconstruct {np} step by step.
explain {np} in the order in which they run
pull {np} out of this file
for the tutorial: {np}
{np} as an editing plan
Can you extract {np} with every value?
I want to learn from {np}.
We only need {np}, the others can go.
show {np} and how they are set
write down {np} so that somebody can repeat them
export {np}
a recipe made of {np}
documentation of {np}, with numbers
Teach a model {np}.
keep {np}, drop everything else
make a sample from {np}
"""
)
STEPS_FUZZY = lines(
    """
hm so {np}, how did they do that
{np}?? values too
what about {np}
need {np} quick
basically {np} and that's it
"""
)
STEPS_ZH = lines(
    """
只要{np}
列出{np}和参数
{np}分别是怎么设置的?
请按顺序说明{np}
把{np}整理成训练数据
导出{np}
我想重复{np},请写清楚
{np}有哪些?
只保留{np},其他不要
用{np}做一条样本
"""
)
PAIR_EN = lines(
    """
Which edit leads from the one picture to the other{np}?
What was done here{np}? Give instruction and regions.
instruction editing sample{np}
write the instruction that somebody must have given{np}
compare the two pictures{np} and say what changed
training pair for an image editor{np}
an edit in words, with boxes{np}
Tell me what is different{np}.
describe the retouching{np}
I need a clean instruction for this pair{np}.
before/after data{np}, please
How would you ask for this edit{np}?
make an editing example from it{np}
put the change into words{np}
what did the editor change{np}, and where exactly?
supervised edit data{np}: order, region, result
Say in one order what has to be done to get the second picture{np}.
find the differences{np}
"""
)
PAIR_FUZZY = lines(
    """
so whats different{np}
um what happened to this pic{np}
the change{np}, in words or whatever
same picture? no... what changed{np}
"""
)
PAIR_ZH = lines(
    """
两张图有什么不同{np}?
写出修改指令{np}
这张图改了哪里{np}?
做一条图像编辑数据{np}
用一句话说明修改{np}
对比前后两张图{np}
修改指令和区域{np}
"""
)
_PARTS = {
    "all": (("",), ("",)),
    "local": ((", in single places only", ", leaving the overall tone aside"), (",只看局部修改",)),
    "tone": ((", as far as the whole picture is concerned", ", overall tone only"), (",只看整体色调",)),
    "text": ((", on the sign", ", as far as text is concerned"), (",只看文字",)),
    "place": ((", only {x}", ", and I mean just {x}", ", {x} and nowhere else"), (",只看{y}", ",仅限{y}的部分")),
    "thing": ((", only as regards the {x}", ", the {x} and nothing else"), (",只看{y}", ",只说{y}")),
    "but": ((", everything but {x}", ", except for the change {x}"), (",{y}除外", ",不算{y}")),
}
_FITTING = {
    "pair": ("before", "pair", "两张图", "edit and the region", "编辑前", "图像编辑训练数据"),
    "graph": ("prompt", "comfyui", "workflow", "graph", "nodes", "提示词", "工作流"),
    "history": ("history", "retouch", "operations led", "operations in force"),
}
WHOLE_SHARE, ZH_SHARE, FUZZY_SHARE, TYPO_SHARE = 0.15, 0.25, 0.15, 0.12


def asks_of(scene: Scene, count: int) -> Sequence[Request]:
    """At most `count` different things to ask of an edit."""
    rng = scene.spec.rng("asks")
    found = list(_of_pair(scene, rng) if scene.facts["form"] == "pair" else _of_steps(scene, rng))
    return found[:count]


def _of_steps(scene: Scene, rng: random.Random) -> Iterator[Request]:
    """Groups of steps, both tasks in turn, the whole of it now and then."""
    groups = list(scene.facts["groups"])
    rng.shuffle(groups)
    tasks = [INSTRUCTION, PLAN]
    rng.shuffle(tasks)
    for number, group in enumerate(groups):
        task = tasks[number % 2]
        whole = _template(scene, task, rng) if rng.random() < WHOLE_SHARE else None
        if whole is not None:
            yield whole
        wish: dict[str, Json] = {**group, "np": group["en"][0], "np_zh": group["zh"][0]}
        yield _said(scene.spec, task, (STEPS_EN, STEPS_FUZZY, STEPS_ZH), (group["en"], group["zh"]), wish, rng)


def _template(scene: Scene, task: str, rng: random.Random) -> Request | None:
    """One of the domain's own templates that fit such a file."""
    words = _FITTING[str(scene.facts["form"])]
    there = [
        t
        for t in wording.allowed(scene.spec, "aigc", task, ("which operations led to this picture",))
        if "{" not in t and any(word in t.casefold() for word in words)
    ]
    if not there:
        return None
    template = rng.choice(there)
    language = "zh" if any("\u4e00" <= c <= "\u9fff" for c in template) else "en"
    return Request(task, template, {"key": "whole"}, "template", language, template)


def _of_pair(scene: Scene, rng: random.Random) -> Iterator[Request]:
    """What was done, all of it or the part that is named."""
    edits: Sequence[Mapping[str, Json]] = scene.facts["edits"]
    tone = [e["box"] is None for e in edits]
    wishes: list[dict[str, Json]] = [{"key": "all"}]
    if any(tone) and not all(tone):
        wishes += [{"key": "tone"}, *([{"key": "local"}] if len(edits) > 2 else [])]
    if len(edits) > 1:
        wishes += _single(scene, edits, rng)
    rng.shuffle(wishes)
    for wish in wishes:
        part = str(wish["key"])
        whole = _template(scene, INSTRUCTION, rng) if part == "all" and rng.random() < 0.5 else None
        named = tuple(
            tuple(words.format(x=wish.get("en", ""), y=wish.get("zh", "")) for words in _PARTS[part][side])
            for side in (0, 1)
        )
        yield whole or _said(scene.spec, INSTRUCTION, (PAIR_EN, PAIR_FUZZY, PAIR_ZH), (named[0], named[1]), wish, rng)


def _single(scene: Scene, edits: Sequence[Mapping[str, Json]], rng: random.Random) -> list[dict[str, Json]]:
    """Every local edit by itself, by its place or by the name that the instruction has for it; all but one of them."""
    words = str(scene.facts["words"])
    places = {at: place_of(e) for at, e in enumerate(edits) if e["box"]}
    found: list[dict[str, Json]] = []
    for at, where in places.items():
        edit = edits[at]
        alone = list(places.values()).count(where) == 1
        known = str(edit["en"]) in words or str(edit["zh"]) in words
        spot: dict[str, Json] = {"place": where, "en": where, "zh": PLACES_ZH[where]}
        if edit["kind"] == "text":
            found.append({"key": "text"})
        elif known and (not alone or rng.random() < 0.5):
            name = str(edit["thing"])
            found.append({"key": "thing", "edit": at, "en": name, "zh": THING_ZH[name]})
        elif alone:
            found.append({"key": "place", **spot})
        if alone and len(edits) > 2 and rng.random() < 0.6:
            found.append({"key": "but", **spot})
    return found


def _said(
    spec: SceneSpec,
    task: str,
    frames: tuple[Sequence[str], Sequence[str], Sequence[str]],
    called: tuple[Sequence[str], Sequence[str]],
    wish: Mapping[str, Json],
    rng: random.Random,
) -> Request:
    en, fuzzy, zh = frames
    if rng.random() < ZH_SHARE:
        template = rng.choice(spec.pool(zh, wording.TEMPLATE))
        return Request(task, template.format(np=rng.choice(list(called[1]))), wish, "paraphrase", "zh", template)
    name = rng.choice(list(called[0]))
    template = frame(spec, en, fuzzy, FUZZY_SHARE, rng, many=plural(name))
    words = template.format(np=name)
    if rng.random() < TYPO_SHARE:
        return Request(task, wording.mistyped(words, rng), wish, "typo", "en", template)
    return Request(task, words, wish, "fuzzy" if template in fuzzy else "paraphrase", "en", template)
