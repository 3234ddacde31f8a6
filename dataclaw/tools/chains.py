"""What a generation graph was given: prompt, model, seed, steps and size, found by following links from each sampler.

Works on "node" events alone, so that a graph from any program that gives them is understood. A node's text belongs to a
sampler's positive prompt when a link path leads from it there without passing through a model or a picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from dataclaw.types import Event, Json

_TEXTS = ("text", "prompt", "text_g", "text_l", "t5xxl", "clip_l", "value", "string")
"""Inputs that hold words, the likelier first."""

_WORDS_PASS = frozenset({"positive", "negative", "conditioning", "cond", "guider", *_TEXTS})
"""Inputs through which words reach a sampler."""

_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "seed": ("seed", "noise_seed"),
    "steps": ("steps",),
    "cfg": ("cfg",),
    "guidance": ("guidance",),
    "sampler": ("sampler_name",),
    "scheduler": ("scheduler",),
    "denoise": ("denoise",),
}
_MODELS = ("ckpt_name", "unet_name", "model_name", "diffusion_name")


@dataclass(frozen=True, slots=True)
class Chain:
    """What one sampler was given.

    Attributes:
        event: index of the sampler's event.
        settings: seed, steps, cfg, guidance, sampler, scheduler, denoise, model, width, height, frames, as far as the
            graph says them.
        positive: words asked for, each with the event that holds them.
        negative: words to keep away from.
        pictures: names of pictures that go in, each with the event that loads it.
    """

    event: int
    settings: Mapping[str, Json]
    positive: tuple[tuple[int, str], ...]
    negative: tuple[tuple[int, str], ...]
    pictures: tuple[tuple[int, str], ...]

    def data(self) -> dict[str, Json]:
        """As plain JSON, events as their ids."""

        def entries(pairs: Sequence[tuple[int, str]]) -> list[Json]:
            return [{"cite": f"e{index}", "text": words} for index, words in pairs]

        return {
            "cite": f"e{self.event}",
            **self.settings,
            "positive": entries(self.positive),
            "negative": entries(self.negative),
            "pictures": entries(self.pictures),
        }


def chains_of(events: Sequence[Event]) -> list[Chain]:
    """One chain for each sampler among the nodes, in their order."""
    graph = {str(event.attrs.get("id")): event for event in events if event.kind == "node"}
    return [_chain(graph, event) for event in graph.values() if _is_sampler(event)]


def links_of(event: Event) -> dict[str, tuple[str, int]]:
    """`(id of the node, number of its output)` by the input that takes it."""
    links = cast("Mapping[str, Sequence[Json]]", event.attrs.get("links") or {})
    return {name: (str(link[0]), int(link[1])) for name, link in links.items() if len(link) == 2}


def inputs_of(event: Event) -> dict[str, Json]:
    """The values that stand in the node."""
    return dict(cast("Mapping[str, Json]", event.attrs.get("inputs") or {}))


def _is_sampler(event: Event) -> bool:
    links = links_of(event)
    return "latent_image" in links and bool({"positive", "guider", "conditioning"} & set(links))


def _chain(graph: Mapping[str, Event], sampler: Event) -> Chain:
    links = links_of(sampler)
    above = [sampler, *_upstream(graph, sampler)]
    settings = {name: value for name, keys in _SETTINGS.items() if (value := _first(above, keys)) is not None}
    model = _first(above, _MODELS)
    settings |= {"model": model} if model is not None else {}
    settings |= _size(above)
    pictures = [(e.index, str(name)) for e in above if "LoadImage" in e.text and (name := inputs_of(e).get("image"))]
    guider = graph.get(links["guider"][0]) if "guider" in links else None
    asked = links_of(guider) if guider else links
    return Chain(
        sampler.index,
        settings,
        tuple(_words(graph, asked.get("positive") or asked.get("conditioning"), "positive")),
        tuple(_words(graph, asked.get("negative"), "negative")),
        tuple(sorted(pictures)),
    )


def _upstream(graph: Mapping[str, Event], event: Event) -> Iterator[Event]:
    """Nodes that one takes from, the nearest first; not beyond another sampler, which is a chain of its own."""
    level, seen = [event], {event.index}
    while level:
        following: list[Event] = []
        for node in level:
            for target, _ in links_of(node).values():
                found = graph.get(target)
                if found is not None and found.index not in seen and not _is_sampler(found):
                    seen.add(found.index)
                    following.append(found)
                    yield found
        level = following


def _first(events: Sequence[Event], keys: Sequence[str]) -> Json:
    for event in events:
        for key in keys:
            value = inputs_of(event).get(key)
            if isinstance(value, str | int | float):
                return value
    return None


def _size(events: Sequence[Event]) -> dict[str, Json]:
    for event in events:
        inputs = inputs_of(event)
        if isinstance(inputs.get("width"), int) and isinstance(inputs.get("height"), int):
            frames = inputs.get("video_frames") or inputs.get("length")
            return {"width": inputs["width"], "height": inputs["height"], **({"frames": frames} if frames else {})}
    return {}


def _words(graph: Mapping[str, Event], link: tuple[str, int] | None, side: str) -> Iterator[tuple[int, str]]:
    """Texts from which a link's words come, in order."""
    waiting, seen = [link] if link else [], set[tuple[str, int]]()
    while waiting:
        target, slot = waiting.pop(0)
        node = graph.get(target)
        if node is None or (target, slot) in seen:
            continue
        seen.add((target, slot))
        inputs = inputs_of(node)
        yield from ((node.index, v) for key in _TEXTS if isinstance(v := inputs.get(key), str) and v.strip())
        waiting.extend(_onward(node, slot, side))


def _onward(node: Event, slot: int, side: str) -> list[tuple[str, int]]:
    links = links_of(node)
    if {"positive", "negative"} <= set(links):  # it hands both on: its first output is the positive one
        chosen = {0: "positive", 1: "negative"}.get(slot, side)
        return [links[chosen]]
    return [link for name, link in links.items() if name.rstrip("_0123456789") in _WORDS_PASS]
