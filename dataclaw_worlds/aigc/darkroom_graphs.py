"""Invented generation graphs of ComfyUI: models, prompts, passes, guide pictures, branches that nobody uses."""

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
from dataclaw_worlds.aigc.darkroom_steps import GROUP_WORDS, EditStep, StepFile, StepGroup, make_group
from dataclaw_worlds.words import words

_WORDS = words("aigc/darkroom_graphs.toml")
BASES = ("from text", "from a picture", "inpainting")
LAYOUTS = tuple(f"{base}|{extra}" for base in BASES for extra in _WORDS.phrases("extras"))
QUOTED = 140
"""Longest part of a prompt that a line quotes [characters]."""


@dataclass(slots=True)
class GraphBuilder:
    """A graph under construction.

    Attributes:
        rng: random numbers.
        spec: decides by its split which names may be used.
        nodes: the nodes so far, by id.
        steps: what each node does.
        links: ids of the nodes that each node takes from.
    """

    rng: random.Random
    spec: SceneSpec
    nodes: dict[str, dict[str, Json]] = field(default_factory=dict[str, "dict[str, Json]"])
    steps: list[EditStep] = field(default_factory=list[EditStep])
    links: dict[str, set[str]] = field(default_factory=dict[str, "set[str]"])

    def lay(self, kind: str, inputs: dict[str, Json], tags: str, does: str | tuple[str, str], **values: object) -> str:
        """Add a node.

        Args:
            kind: its class in ComfyUI.
            inputs: its inputs; `[id, slot]` is a link to another node.
            tags: what it belongs to, with commas between them.
            does: key of the sentence that says what it does, or the sentence in English and Chinese.
            values: slots of the sentence, and `title` for a title of the node.

        Returns:
            the node's id.
        """
        name = str(self.rng.randrange(1, 400))
        while name in self.nodes:
            name = str(self.rng.randrange(1, 400))
        node: dict[str, Json] = {"class_type": kind, "inputs": inputs}
        if "title" in values:
            node["_meta"] = {"title": str(values["title"])}
        self.nodes[name] = node
        self.links[name] = {str(cast("list[Json]", v)[0]) for v in inputs.values() if isinstance(v, list)}
        en, zh = does if isinstance(does, tuple) else _sentences(does, **values)
        self.steps.append(EditStep(name, frozenset(tags.split(",")), en, zh))
        return name

    def draw(self, key: str, pool: str) -> str:
        """A name from the list at a key that the spec's split may use."""
        return self.rng.choice(self.spec.pool(_WORDS.phrases(key), pool))

    def needs(self, name: str) -> set[str]:
        """A node and all nodes that it needs."""
        found = {name}
        for other in self.links[name]:
            found |= self.needs(other)
        return found


def _sentences(key: str, **values: object) -> tuple[str, str]:
    en, zh = (text.format(**values) for text in _WORDS["nodes"].phrases(key))
    return en, zh


def invent_graph(spec: SceneSpec, path: Path) -> StepFile:
    """Invent the graph of a spec and write it as JSON (API form)."""
    rng = spec.rng("graph")
    layout = rng.choice(spec.pool(LAYOUTS, "layout"))
    base, _, extra = layout.partition("|")
    graph = GraphBuilder(rng, spec)
    subject, style = graph.draw("subjects", "subject"), graph.draw("styles", "style")
    prompt = f"{subject}, {style}, {rng.choice(_WORDS.phrases('lights'))}"
    passes = _lay_nodes(graph, base, extra.split("+"), prompt, spec.difficulty)
    order = list(graph.nodes)
    rng.shuffle(order)
    path.write_text(
        json.dumps({name: graph.nodes[name] for name in order}, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    groups = list(_groups(graph, passes))
    return StepFile("graph", graph.steps, groups, {"layout": [layout], "subject": [subject], "style": [style]})


def _lay_nodes(graph: GraphBuilder, base: str, extra: list[str], prompt: str, difficulty: int) -> list[str]:
    """Add all nodes. Returns the ids of the samplers, the first pass first."""
    rng = graph.rng
    checkpoint = graph.draw("checkpoints", "checkpoint")
    source = graph.lay("CheckpointLoaderSimple", {"ckpt_name": checkpoint}, "models", "checkpoint", name=checkpoint)
    model: list[Json] = [source, 0]
    clip: list[Json] = [source, 1]
    loras = graph.spec.pool(_WORDS.phrases("loras"), "lora")
    for name in rng.sample(loras, rng.randint(1, 2)) if "lora" in extra else []:
        strength = round(rng.uniform(0.3, 1.0), 2)
        lora = graph.lay(
            "LoraLoader",
            {"model": model, "clip": clip, "lora_name": name, "strength_model": strength, "strength_clip": strength},
            "models,lora",
            "lora",
            name=name,
            strength=strength,
        )
        model, clip = [lora, 0], [lora, 1]
    positive: list[Json] = [_prompt(graph, clip, prompt, good=True), 0]
    negative: list[Json] = [_prompt(graph, clip, graph.draw("negatives", "negative"), good=False), 0]
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
            "larger",
            factor=factor,
        )
        passes.append(
            _sampler(graph, (model, positive, negative, [larger, 0]), round(rng.uniform(0.3, 0.6), 2), "second pass")
        )
    _finish(graph, passes[-1], [source, 2], extra)
    if difficulty > 2:
        _draft_branch(graph, (model, clip, negative, latent), [source, 2])
    return passes


def _draft_branch(graph: GraphBuilder, takes: tuple[list[Json], ...], vae: list[Json]) -> None:
    """A branch whose picture is shown but not saved."""
    model, clip, negative, latent = takes
    prompt = _prompt(graph, clip, graph.draw("styles", "style"), good=True, branch=True)
    draft = _sampler(graph, (model, [prompt, 0], negative, latent), 1.0, "draft")
    shown = graph.lay("VAEDecode", {"samples": [draft, 0], "vae": vae}, "draft", "decode_draft")
    graph.lay("PreviewImage", {"images": [shown, 0]}, "draft", "show_draft", title="draft preview")


def _prompt(graph: GraphBuilder, clip: list[Json], text: str, *, good: bool, branch: bool = False) -> str:
    tags = "draft" if branch else f"prompts,{'positive' if good else 'negative'}"
    does = "wanted" if good else "unwanted"
    return graph.lay("CLIPTextEncode", {"clip": clip, "text": text}, tags, does, text=quote(text, QUOTED))


def _control(graph: GraphBuilder, positive: list[Json], negative: list[Json]) -> tuple[list[Json], list[Json]]:
    """Add a picture that guides. Returns the two prompts behind it."""
    rng = graph.rng
    file = graph.draw("files", "file")
    kind = rng.choice(("canny", "depth", "openpose", "scribble"))
    picture = graph.lay("LoadImage", {"image": file}, "control", "guide", file=file)
    model = f"control_{kind}.safetensors"
    net = graph.lay("ControlNetLoader", {"control_net_name": model}, "models,control", "control_model", model=model)
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
    use = graph.lay("ControlNetApplyAdvanced", inputs, "control", "control", strength=strength)
    return [use, 0], [use, 1]


def _start(graph: GraphBuilder, base: str, vae: list[Json]) -> tuple[list[Json], float]:
    """What sampling starts from, and which share of it is redrawn."""
    rng = graph.rng
    if base == "from text":
        width, height = rng.choice(((512, 512), (768, 512), (512, 768), (1024, 1024)))
        size: dict[str, Json] = {"width": width, "height": height, "batch_size": 1}
        empty = graph.lay("EmptyLatentImage", size, "canvas", "canvas", width=width, height=height)
        return [empty, 0], 1.0
    file = graph.draw("files", "file")
    picture = graph.lay("LoadImage", {"image": file}, "input", "picture", file=file)
    if base == "inpainting":
        grow = rng.choice((4, 6, 8, 12))
        inputs: dict[str, Json] = {"pixels": [picture, 0], "vae": vae, "mask": [picture, 1], "grow_mask_by": grow}
        part = graph.lay("VAEEncodeForInpaint", inputs, "input", "inpaint", grow=grow)
        return [part, 0], 1.0
    latent = graph.lay("VAEEncode", {"pixels": [picture, 0], "vae": vae}, "input", "encode")
    return [latent, 0], round(rng.uniform(0.35, 0.75), 2)


def _sampler(graph: GraphBuilder, takes: tuple[list[Json], ...], denoise: float, tag: str) -> str:
    rng = graph.rng
    model, positive, negative, latent = takes
    steps, cfg = rng.choice((12, 20, 25, 30, 40)), rng.choice((4.0, 5.5, 7.0, 8.0))
    sampler = graph.draw("samplers", "sampler")
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
    rest = _sentences("denoise", denoise=denoise) if denoise < 1 else ("", "")
    values = {"steps": steps, "sampler": sampler, "cfg": cfg}
    pools = _WORDS.table("sampled")
    en, zh = (rng.choice(graph.spec.pool(pools[language], "phrase")).format(**values) for language in ("en", "zh"))
    return graph.lay("KSampler", inputs, tag if tag == "draft" else f"sampling,{tag}", (en + rest[0], zh + rest[1]))


def _finish(graph: GraphBuilder, last: str, vae: list[Json], extra: list[str]) -> None:
    """The nodes from the last sampler to the file."""
    image: list[Json] = [graph.lay("VAEDecode", {"samples": [last, 0], "vae": vae}, "finish", "decode"), 0]
    if "upscale" in extra:
        model = graph.draw("upscalers", "upscaler")
        loaded = graph.lay(
            "UpscaleModelLoader", {"model_name": model}, "models,upscale,finish", "upscaler", model=model
        )
        large: dict[str, Json] = {"upscale_model": [loaded, 0], "image": image}
        image = [graph.lay("ImageUpscaleWithModel", large, "upscale,finish", "upscale"), 0]
    if "sharpen" in extra:
        radius = graph.rng.choice((1, 2, 3))
        sharp: dict[str, Json] = {"image": image, "sharpen_radius": radius, "sigma": 1.0, "alpha": 0.5}
        image = [graph.lay("ImageSharpen", sharp, "finish", "sharpen", radius=radius), 0]
    prefix = graph.draw("prefixes", "prefix")
    graph.lay("SaveImage", {"images": image, "filename_prefix": prefix}, "finish,save", "save", prefix=prefix)


def _groups(graph: GraphBuilder, passes: Sequence[str]) -> Iterator[StepGroup]:
    for tag, ways in GROUP_WORDS["nodes"].items():
        yield StepGroup(f"tag:{tag}", tuple(s.key for s in graph.steps if tag in s.tags), ways["en"], ways["zh"])
    first = graph.needs(passes[0])
    yield make_group("needed:1", "needed:1", tuple(first))
    yield make_group("not draft", "not draft", tuple(s.key for s in graph.steps if "draft" not in s.tags))
    if len(passes) > 1:
        yield make_group("needed:2", "needed:2", tuple(graph.needs(passes[1]) - first))
