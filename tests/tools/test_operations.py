"""Operations of cuts, edits and graphs in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.errors import ToolError
from dataclaw.streams import discover, open_stream
from dataclaw.tools import ToolContext, builtin
from dataclaw.tools.base import ToolResult
from dataclaw.tools.chains import chains_of
from dataclaw.tools.view import render
from dataclaw.types import Event, Stream

SAMPLES = Path(__file__).parents[2].parent / "shared" / "data" / "aigc"
shared = pytest.mark.skipif(not SAMPLES.is_dir(), reason="sample data not beside the checkout")
tools = builtin()


def stream(*events: Event, kind: str = "timeline", **meta: Any) -> Stream:
    clock = "seconds" if kind == "timeline" else "index"
    return Stream("0" * 16, kind, "s", "s", "test", max(e.t1 for e in events) + 1, clock, events=events, meta=meta)


def told(given: Stream, **arguments: Any) -> ToolResult:
    return tools["list_operations"](ToolContext(given, (0.0, given.duration)), arguments)


def node(index: int, kind: str, links: dict[str, Any] | None = None, **inputs: Any) -> Event:
    attrs = {"id": str(index), "title": "", "inputs": inputs, "links": links or {}}
    return Event(index, "node", float(index), float(index), text=kind, attrs=attrs)


def test_shots_have_their_order_length_and_speed() -> None:
    clips = [
        Event(
            0, "clip", 0.0, 1.0, text="one", attrs={"track": "V", "source_in": 10.0, "source_out": 11.0, "speed": 1.0}
        ),
        Event(1, "clip", 0.0, 2.0, text="music", attrs={"track": "A", "enabled": False}),
        Event(2, "gap", 1.0, 1.5, attrs={"track": "V"}),
        Event(3, "clip", 1.5, 2.0, text="two", attrs={"track": "V", "speed": 0.0}),
        Event(4, "transition", 2.0, 2.25, attrs={"track": "V", "transition_type": "SMPTE_Wipe", "from": "two"}),
        Event(
            5,
            "clip",
            2.0,
            3.0,
            text="three",
            attrs={"track": "V", "speed": -2.0, "effects": [{"name": "Blur", "parameters": {"size": 2}}]},
        ),
        Event(6, "marker", 2.5, 2.5, text="fix", attrs={"track": "V", "color": "RED", "comment": "hair"}),
    ]
    result = told(stream(*clips, rate=24.0))
    assert [a.content for a in result.anchors] == [
        'shot 1 of 3 on V: "one", 1 s (24 frames), source 10-11 s',
        'shot 1 of 1 on A: "music", 2 s (48 frames), switched off',
        'gap on V after "one" before "two": 0.5 s (12 frames)',
        'shot 2 of 3 on V: "two", 0.5 s (12 frames), freeze frame',
        'wipe on V from "two" to nothing: 0.25 s (6 frames)',
        'shot 3 of 3 on V: "three", 1 s (24 frames), 200% speed, backwards, effect Blur (size 2)',
        'red marker on V: "fix", "hair"',
    ]
    assert [a.id for a in result.anchors] == [f"e{k}" for k in range(7)]
    assert (result.anchors[5].attrs["shot"], result.anchors[5].attrs["frames"]) == (3, 24)
    assert "4 shots" in result.note


def test_pages_hold_forty_and_the_next_is_named() -> None:
    many = stream(*(Event(k, "gap", float(k), k + 1.0, attrs={"track": "V"}) for k in range(45)), rate=24.0)
    assert len(told(many).anchors) == 40
    assert told(many).data["pages"] == 2
    assert "Next: page=2" in told(many).note
    assert len(told(many, page=2).anchors) == 5
    with pytest.raises(ToolError, match="no page 3"):
        told(many, page=3)


def test_every_field_of_some_operations_is_given() -> None:
    attrs = {"track": "V", "track_kind": "video", "source_in": 543.04, "speed": 0.5, "media": "one.mov"}
    cut = stream(*(Event(k, "clip", k + 35.52, k + 36.52, text=f"shot {k}", attrs=attrs) for k in range(60)), rate=25.0)
    result = told(cut, events=[50, 3])
    assert [a.id for a in result.anchors] == ["e3", "e50"]
    assert result.note.splitlines() == [
        "2 operations, every field:",
        'e3 clip "shot 3" record 38.52-39.52 track="V" source_in=543.04 speed=0.5 media="one.mov"',
        'e50 clip "shot 50" record 85.52-86.52 track="V" source_in=543.04 speed=0.5 media="one.mov"',
    ]
    with pytest.raises(ToolError, match="there is no e60"):
        told(cut, events=[60])
    graph = told(stream(node(0, "Load", name="a.ckpt"), node(1, "Run", {"model": ["0", 0]}, steps=20)), events=[1])
    assert graph.note.splitlines()[1] == 'e1 node "Run" inputs={"steps":20} links={"model":["0",0]}'


def test_nothing_to_list_is_said() -> None:
    empty = Stream("0" * 16, "edit", "s", "s", "test", 1.0, "index")
    with pytest.raises(ToolError, match="no operation"):
        told(empty)


def graph() -> list[Event]:
    return [
        node(0, "CheckpointLoaderSimple", ckpt_name="sd.safetensors"),
        node(1, "CLIPTextEncode", {"clip": ["0", 1]}, text="a blue mug"),
        node(2, "CLIPTextEncode", {"clip": ["0", 1]}, text="blurry"),
        node(3, "LoadImage", image="scribble.png"),
        node(4, "ControlNetApplyAdvanced", {"positive": ["1", 0], "negative": ["2", 0], "image": ["3", 0]}, x=0.9),
        node(5, "EmptyLatentImage", width=512, height=768, batch_size=1),
        node(6, "KSampler", {"model": ["0", 0], "positive": ["4", 0], "negative": ["4", 1], "latent_image": ["5", 0]},
             seed=7, steps=20, cfg=8.0, sampler_name="euler", scheduler="karras", denoise=1.0),
    ]  # fmt: skip


def test_a_sampler_is_told_its_prompts_through_what_lies_between() -> None:
    (chain,) = chains_of(graph())
    assert (chain.positive, chain.negative) == (((1, "a blue mug"),), ((2, "blurry"),))
    assert chain.pictures == ((3, "scribble.png"),)
    assert chain.settings == {
        "seed": 7, "steps": 20, "cfg": 8.0, "sampler": "euler", "scheduler": "karras", "denoise": 1.0,
        "model": "sd.safetensors", "width": 512, "height": 768,
    }  # fmt: skip
    result = told(stream(*graph(), kind="edit"))
    assert result.data["samplers"][0]["positive"] == [{"cite": "e1", "text": "a blue mug"}]
    assert (
        result.anchors[1].content
        == 'step 2 CLIPTextEncode: text "a blue mug"; takes clip from CheckpointLoaderSimple (step 1)'
    )
    assert "Sampler e6: seed 7, steps 20" in result.note


def test_a_second_sampler_is_a_chain_of_its_own() -> None:
    second = node(
        7, "KSampler", {"model": ["0", 0], "positive": ["2", 0], "latent_image": ["6", 0]}, seed=8, steps=5, denoise=0.4
    )
    first, other = chains_of([*graph(), second])
    assert (first.settings["seed"], other.settings["seed"], other.settings["steps"]) == (7, 8, 5)
    assert "width" not in other.settings
    assert other.positive == ((2, "blurry"),)


def test_operations_of_a_history_say_region_and_force() -> None:
    events = [
        Event(0, "operation", 0, 0, text="exposure", attrs={"num": 0, "enabled": True, "in_force": True,
              "region": "drawn mask", "values": {"exposure": 0.7}}),
        Event(1, "operation", 1, 1, text="blur", attrs={"num": 1, "enabled": False, "in_force": False,
                  "params_bytes": 8}),
        Event(2, "instruction", 2, 2, text="Make it red.", attrs={"lang": "en"}),
    ]  # fmt: skip
    assert [a.content for a in told(stream(*events, kind="edit")).anchors] == [
        "step 1 exposure: exposure 0.7, on a drawn mask",
        "step 2 blur: 8 bytes of packed parameters, switched off",
        'instruction (en): "Make it red."',
    ]


@settings(deadline=None)
@given(
    values=st.dictionaries(st.text(max_size=5), st.text(max_size=40) | st.integers() | st.booleans(), max_size=9),
    links=st.dictionaries(
        st.sampled_from(["positive", "latent_image", "text"]), st.tuples(st.sampled_from("012"), st.integers(0, 2))
    ),
)
def test_any_values_are_one_safe_line(values: dict[str, Any], links: dict[str, Any]) -> None:
    events = [node(0, "A"), node(1, "B", {k: list(v) for k, v in links.items()})]
    events[0] = Event(0, "node", 0.0, 0.0, text="<|im_start|>", attrs={"id": "0", "inputs": values, "links": {}})
    given_stream = stream(*events, kind="edit")
    result = told(given_stream)
    assert result == told(given_stream)
    text = render(result.note, result.anchors)
    assert "<|" not in text
    json.dumps(result.data)


@shared
@pytest.mark.shared
def test_every_real_edit_is_told() -> None:
    count = 0
    for folder in ("comfyui_workflows", "otio_timelines", "edl_cmx3600", "darktable_history"):
        for root in discover([SAMPLES / folder]):
            opened = open_stream(root)
            result = told(opened)
            assert len(result.anchors) == min(40, len(opened.events))
            assert all(a.content and "\n" not in a.content for a in result.anchors)
            count += 1
    assert count == 24


@shared
@pytest.mark.shared
def test_the_real_graph_of_an_edit_is_understood() -> None:
    (sampler,) = told(open_stream(SAMPLES / "comfyui_workflows/flux_kontext_example.png")).data["samplers"]
    assert sampler["positive"][0]["text"].startswith("the anime girl with massive fennec ears is wearing cargo pants")
    assert sampler["pictures"][0]["text"] == "fennec_girl_sing.png"
    assert (sampler["seed"], sampler["steps"], sampler["guidance"], sampler["model"]) == (
        679064953796969, 20, 2.5, "flux1-kontext-dev.safetensors"
    )  # fmt: skip


@shared
@pytest.mark.shared
def test_the_real_freeze_frames_are_told() -> None:
    said = [a.content for a in told(open_stream(SAMPLES / "edl_cmx3600/speed_effects_small.edl")).anchors]
    assert sum("freeze frame" in line for line in said) == 2
    assert said[-1].endswith("198.3% speed")


def test_speeds_under_one_percent_and_equal_lengths_are_told_alike() -> None:
    clips = [
        Event(0, "clip", 0.292, 0.667, text="a", attrs={"track": "V", "speed": 0.004}),
        Event(1, "clip", 7 / 24, 16 / 24, text="b", attrs={"track": "W", "speed": 1.0}),
    ]
    said = [a.content for a in told(stream(*clips, rate=24.0)).anchors]
    assert said[0] == 'shot 1 of 1 on V: "a", 0.375 s (9 frames), 0.4% speed'
    assert said[1] == 'shot 1 of 1 on W: "b", 0.375 s (9 frames)'
