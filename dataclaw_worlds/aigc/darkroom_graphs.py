"""Generation graphs of ComfyUI, invented: models, prompts, passes, control pictures, branches that nobody uses."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from dataclaw.domains.aigc.wording import quote
from dataclaw.types import Json
from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.aigc import darkroom_words as words
from dataclaw_worlds.aigc.darkroom_group import Group, Step, Story
from dataclaw_worlds.aigc.darkroom_phrases import SAMPLED

BASES = ("from text", "from a picture", "inpainting")
EXTRAS = (
    "",
    "lora",
    "control",
    "second pass",
    "upscale",
    "lora+second pass",
    "control+upscale",
    "lora+control",
    "second pass+upscale",
    "lora+control+second pass",
    "sharpen",
    "lora+sharpen",
    "control+sharpen",
)
LAYOUTS = tuple(f"{base}|{extra}" for base in BASES for extra in EXTRAS)
QUOTED = 140
"""Longest part of a prompt that a line quotes [characters]."""


@dataclass(slots=True)
class Graph:
    """A graph under construction.

    Attributes:
        rng: the draw.
        spec: whose halves of vocabularies are drawn from.
        nodes: what was laid, by id.
        steps: what each node is.
        links: ids that each node takes from.
    """

    rng: random.Random
    spec: SceneSpec
    nodes: dict[str, dict[str, Json]] = field(default_factory=dict[str, "dict[str, Json]"])
    steps: list[Step] = field(default_factory=list[Step])
    links: dict[str, set[str]] = field(default_factory=dict[str, "set[str]"])

    def lay(self, kind: str, inputs: dict[str, Json], tags: str, said: tuple[str, str], title: str = "") -> str:
        """Lay a node; a link in `inputs` is `[id, slot]`. Its id."""
        name = str(self.rng.randrange(1, 400))
        while name in self.nodes:
            name = str(self.rng.randrange(1, 400))
        node: dict[str, Json] = {"class_type": kind, "inputs": inputs}
        if title:
            node["_meta"] = {"title": title}
        self.nodes[name] = node
        self.links[name] = {str(cast("list[Json]", v)[0]) for v in inputs.values() if isinstance(v, list)}
        self.steps.append(Step(name, frozenset(tags.split(",")), *said))
        return name

    def drawn(self, names: Sequence[str], key: str) -> str:
        """A name of a vocabulary that the lot may use."""
        return self.rng.choice(self.spec.pool(names, key))

    def needed(self, name: str) -> set[str]:
        """A node and all that it needs."""
        found = {name}
        for other in self.links[name]:
            found |= self.needed(other)
        return found


def invented(spec: SceneSpec, path: Path) -> Story:
    """Write the graph of a lot as JSON (API form), and say what it is."""
    rng = spec.rng("graph")
    layout = rng.choice(spec.pool(LAYOUTS, "layout"))
    base, _, extra = layout.partition("|")
    graph = Graph(rng, spec)
    subject, style = rng.choice(spec.pool(words.SUBJECTS, "subject")), rng.choice(spec.pool(words.STYLES, "style"))
    passes = _laid(graph, base, extra.split("+"), f"{subject}, {style}, {rng.choice(words.LIGHTS)}", spec.difficulty)
    order = list(graph.nodes)
    rng.shuffle(order)
    path.write_text(
        json.dumps({name: graph.nodes[name] for name in order}, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    groups = list(_groups(graph, passes))
    return Story("graph", graph.steps, groups, {"layout": [layout], "subject": [subject], "style": [style]})


def _laid(graph: Graph, base: str, extra: list[str], prompt: str, difficulty: int) -> list[str]:
    """Lay all nodes; ids of the samplers, the first pass first."""
    rng = graph.rng
    checkpoint = graph.drawn(words.CHECKPOINTS, "checkpoint")
    source = graph.lay(
        "CheckpointLoaderSimple",
        {"ckpt_name": checkpoint},
        "models",
        (f"load the checkpoint {checkpoint}", f"加载模型{checkpoint}"),
    )
    model: list[Json] = [source, 0]
    clip: list[Json] = [source, 1]
    for name in rng.sample(graph.spec.pool(words.LORAS, "lora"), rng.randint(1, 2)) if "lora" in extra else []:
        strength = round(rng.uniform(0.3, 1.0), 2)
        lora = graph.lay(
            "LoraLoader",
            {"model": model, "clip": clip, "lora_name": name, "strength_model": strength, "strength_clip": strength},
            "models,lora",
            (f"add the LoRA {name} at strength {strength}", f"加LoRA {name},强度 {strength}"),
        )
        model, clip = [lora, 0], [lora, 1]
    positive: list[Json] = [_prompt(graph, clip, prompt, good=True), 0]
    negative: list[Json] = [_prompt(graph, clip, graph.drawn(words.NEGATIVES, "negative"), good=False), 0]
    if "control" in extra:
        positive, negative = _control(graph, positive, negative)
    latent, denoise = _start(graph, base, [source, 2])
    passes = [_sampler(graph, (model, positive, negative, latent), denoise, "first pass")]
    if "second pass" in extra:
        factor = rng.choice((1.5, 2.0, 1.25))
        larger = graph.lay(
            "LatentUpscaleBy",
            {"samples": [passes[0], 0], "upscale_method": "nearest-exact", "scale_by": factor},
            "second pass",
            (f"enlarge the latent picture {factor} times", f"把潜空间图像放大 {factor} 倍"),
        )
        passes.append(
            _sampler(graph, (model, positive, negative, [larger, 0]), round(rng.uniform(0.3, 0.6), 2), "second pass")
        )
    _finish(graph, passes[-1], [source, 2], extra)
    if difficulty > 2:
        draft = _sampler(
            graph,
            (
                model,
                [_prompt(graph, clip, graph.drawn(words.STYLES, "style"), good=True, branch=True), 0],
                negative,
                latent,
            ),
            1.0,
            "draft",
        )
        shown = graph.lay(
            "VAEDecode", {"samples": [draft, 0], "vae": [source, 2]}, "draft", ("decode the draft", "解码草稿")
        )
        graph.lay("PreviewImage", {"images": [shown, 0]}, "draft", ("show the draft", "预览草稿"), "draft preview")
    return passes


def _prompt(graph: Graph, clip: list[Json], text: str, *, good: bool, branch: bool = False) -> str:
    said = quote(text, QUOTED)
    tags = "draft" if branch else f"prompts,{'positive' if good else 'negative'}"
    told = (
        (f"say what to show: {said}", f"要画的内容:{said}")
        if good
        else (f"say what to avoid: {said}", f"要避免的内容:{said}")
    )
    return graph.lay("CLIPTextEncode", {"clip": clip, "text": text}, tags, told)


def _control(graph: Graph, positive: list[Json], negative: list[Json]) -> tuple[list[Json], list[Json]]:
    """A picture that guides; the prompts as they leave it."""
    rng = graph.rng
    file = graph.drawn(words.FILES, "file")
    kind = rng.choice(("canny", "depth", "openpose", "scribble"))
    picture = graph.lay(
        "LoadImage", {"image": file}, "control", (f"load the guide picture {file}", f"加载参考图{file}")
    )
    model = f"control_{kind}.safetensors"
    net = graph.lay(
        "ControlNetLoader",
        {"control_net_name": model},
        "models,control",
        (f"load the control model {model}", f"加载控制模型{model}"),
    )
    strength = round(rng.uniform(0.4, 1.0), 2)
    inputs: dict[str, Json] = {
        "positive": positive,
        "negative": negative,
        "control_net": [net, 0],
        "image": [picture, 0],
        "strength": strength,
        "start_percent": 0.0,
        "end_percent": 1.0,
    }
    use = graph.lay(
        "ControlNetApplyAdvanced",
        inputs,
        "control",
        (f"let the guide picture steer at strength {strength}", f"用参考图控制,强度 {strength}"),
    )
    return [use, 0], [use, 1]


def _start(graph: Graph, base: str, vae: list[Json]) -> tuple[list[Json], float]:
    """What sampling starts from, and how much of it is redrawn."""
    rng = graph.rng
    if base == "from text":
        width, height = rng.choice(((512, 512), (768, 512), (512, 768), (1024, 1024)))
        empty = graph.lay(
            "EmptyLatentImage",
            {"width": width, "height": height, "batch_size": 1},
            "canvas",
            (f"start from an empty canvas, width {width}, height {height}", f"从空画布开始,宽 {width} 高 {height}"),
        )
        return [empty, 0], 1.0
    file = graph.drawn(words.FILES, "file")
    picture = graph.lay("LoadImage", {"image": file}, "input", (f"load the picture {file}", f"加载图片{file}"))
    if base == "inpainting":
        grow = rng.choice((4, 6, 8, 12))
        inputs: dict[str, Json] = {"pixels": [picture, 0], "vae": vae, "mask": [picture, 1], "grow_mask_by": grow}
        part = graph.lay(
            "VAEEncodeForInpaint",
            inputs,
            "input",
            (f"mark the part to be redrawn, grown by {grow} pixels", f"标出要重画的区域,外扩 {grow} 像素"),
        )
        return [part, 0], 1.0
    latent = graph.lay(
        "VAEEncode", {"pixels": [picture, 0], "vae": vae}, "input", ("encode the loaded picture", "编码加载的图片")
    )
    return [latent, 0], round(rng.uniform(0.35, 0.75), 2)


def _sampler(graph: Graph, takes: tuple[list[Json], ...], denoise: float, tag: str) -> str:
    rng = graph.rng
    model, positive, negative, latent = takes
    steps, cfg, sampler = (
        rng.choice((12, 20, 25, 30, 40)),
        rng.choice((4.0, 5.5, 7.0, 8.0)),
        graph.drawn(words.SAMPLERS, "sampler"),
    )
    inputs: dict[str, Json] = {
        "model": model,
        "positive": positive,
        "negative": negative,
        "latent_image": latent,
        "seed": rng.randrange(1, 1 << 40),
        "steps": steps,
        "cfg": cfg,
        "sampler_name": sampler,
        "scheduler": rng.choice(("normal", "karras")),
        "denoise": denoise,
    }
    part = f", redrawing {denoise} of it" if denoise < 1 else ""
    zh = f",重绘幅度 {denoise}" if denoise < 1 else ""
    tags = tag if tag == "draft" else f"sampling,{tag}"
    values = {"steps": steps, "sampler": sampler, "cfg": cfg}
    said = [graph.drawn(SAMPLED[language], "phrase").format(**values) for language in ("en", "zh")]
    return graph.lay(
        "KSampler",
        inputs,
        tags,
        (said[0] + part, said[1] + zh),
    )


def _finish(graph: Graph, last: str, vae: list[Json], extra: list[str]) -> None:
    """From the last sampler to the file."""
    rng = graph.rng
    image: list[Json] = [
        graph.lay("VAEDecode", {"samples": [last, 0], "vae": vae}, "finish", ("decode the result", "解码结果")),
        0,
    ]
    if "upscale" in extra:
        model = graph.drawn(words.UPSCALERS, "upscaler")
        loaded = graph.lay(
            "UpscaleModelLoader",
            {"model_name": model},
            "models,upscale,finish",
            (f"load the upscaler {model}", f"加载放大模型{model}"),
        )
        large = graph.lay(
            "ImageUpscaleWithModel",
            {"upscale_model": [loaded, 0], "image": image},
            "upscale,finish",
            ("enlarge the picture with the upscaler", "用放大模型放大图片"),
        )
        image = [large, 0]
    if "sharpen" in extra:
        radius = rng.choice((1, 2, 3))
        sharp = graph.lay(
            "ImageSharpen",
            {"image": image, "sharpen_radius": radius, "sigma": 1.0, "alpha": 0.5},
            "finish",
            (f"sharpen with radius {radius}", f"锐化,半径 {radius}"),
        )
        image = [sharp, 0]
    prefix = graph.drawn(words.PREFIXES, "prefix")
    graph.lay(
        "SaveImage",
        {"images": image, "filename_prefix": prefix},
        "finish,save",
        (f"save it under the name {prefix}", f"以{prefix}为名保存"),
    )


_CALLED = """
models|the nodes that load a model;the models that are used;every loader of weights|加载模型的节点;用到的模型
lora|the LoRAs;the add-ons to the model with their strengths|LoRA节点
prompts|the prompts;what it is told to show and what to avoid;the words behind the picture|提示词节点;正反提示词
positive|the positive prompt;what the picture is supposed to show;the wanted content in words|正向提示词
negative|the negative prompt;what the picture must not show;the words to avoid|反向提示词
sampling|the sampling passes;the samplers with their settings|采样步骤;采样器和设置
second pass|the second pass;what is done to refine the first result|第二遍采样
control|the control part;the part with the guide picture|参考图控制部分
input|the way in of the loaded picture, up to the sampling;the input side with the original picture|输入图片的处理
finish|the steps after the last sampling;the steps from the decoder to the file|最后一次采样之后的步骤;解码到保存
upscale|the enlargement at the end;the part that makes the picture bigger with a model|模型放大部分
draft|the branch that only makes a draft;the preview branch|只生成草稿的分支
"""


def _groups(graph: Graph, passes: list[str]) -> Iterator[Group]:
    for row in words.lines(_CALLED):
        tag, en, zh = row.split("|")
        there = tuple(s.key for s in graph.steps if tag in s.tags)
        yield Group(f"tag:{tag}", there, tuple(en.split(";")), tuple(zh.split(";")))
    first = graph.needed(passes[0])
    yield Group(
        "needed:1",
        tuple(first),
        ("the first sampling pass with all that it needs", "the first sampler and everything that feeds it"),
        ("第一遍采样及其所需的全部节点",),
    )
    yield Group(
        "not draft",
        tuple(s.key for s in graph.steps if "draft" not in s.tags),
        ("the steps that the saved picture needs", "all but the draft branch"),
        ("保存的图片所需的步骤",),
    )
    if len(passes) > 1:
        later = graph.needed(passes[1]) - first
        yield Group(
            "needed:2",
            tuple(later),
            ("the nodes that the second sampling pass adds", "what the second sampling pass adds"),
            ("第二遍采样新增的节点",),
        )
