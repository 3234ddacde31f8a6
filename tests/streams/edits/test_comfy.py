"""ComfyUI graphs: in the text of a picture, in a file, executed and edited, whole and broken."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataclaw.errors import StreamError
from dataclaw.streams import open_stream
from dataclaw.streams.edits.graph import graph_of, parse_graph
from dataclaw.streams.edits.png_text import MAX_TEXT, text_chunks
from tests.streams.edits.making import GRAPH, chunk, png, tell

EDITOR: dict[str, Any] = {
    "last_node_id": 9,
    "last_link_id": 3,
    "nodes": [
        {"id": 9, "type": "KSampler", "mode": 0, "widgets_values": [7, "randomize", 20, 8.0, "euler", "karras", 1.0],
         "inputs": [{"name": "positive", "type": "CONDITIONING", "link": 1}]},
        {"id": 2, "type": "CLIPTextEncode", "title": "Wish", "mode": 4, "widgets_values": ["a blue mug"], "inputs": []},
        {"id": 3, "type": "Note", "widgets_values": ["try 30 steps"]},
        {"id": 4, "type": "Mystery", "widgets_values": [1, "two"], "inputs": [{"name": "x", "link": None}]},
        {"id": 5, "type": "Named", "widgets_values": [11, "fixed", 3],
         "inputs": [{"name": "seed", "widget": {"name": "seed"}, "link": None},
                    {"name": "count", "widget": {"name": "count"}, "link": None}]},
    ],
    "links": [[1, 2, 0, 9, 1, "CONDITIONING"]],
}  # fmt: skip


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
def test_the_graph_in_a_picture(tmp_path: Path, kind: bytes) -> None:
    stream = open_stream(png(tmp_path / "a.png", tell(GRAPH, kind=kind)))
    assert (stream.kind, stream.format, stream.clock, stream.duration) == ("edit", "comfyui_png", "index", 7.0)
    assert [(e.text, e.attrs["id"]) for e in stream.events] == [
        ("CheckpointLoaderSimple", "4"),
        ("EmptyLatentImage", "5"),
        ("CLIPTextEncode", "6"),
        ("CLIPTextEncode", "7"),
        ("KSampler", "3"),
        ("VAEDecode", "8"),
        ("SaveImage", "9"),
    ]
    assert stream.events[2].attrs["title"] == "Wish"
    assert stream.events[4].attrs["inputs"] == {"seed": 7, "steps": 20, "cfg": 8.0}
    assert stream.events[4].attrs["links"]["positive"] == ["6", 0]
    assert stream.meta["roles"] == {"after": 0}
    assert stream.problems == ()


def test_the_executed_graph_is_read_and_the_editor_lends_titles(tmp_path: Path) -> None:
    editor = EDITOR | {"nodes": [{"id": 4, "type": "CheckpointLoaderSimple", "title": "My model"}, EDITOR["nodes"][2]]}
    stream = open_stream(png(tmp_path / "a.png", tell(editor, b"workflow"), tell(GRAPH)))
    assert stream.events[0].attrs["title"] == "My model"
    assert stream.meta["graph"]["form"] == "api"
    assert stream.meta["notes"] == ["try 30 steps"]


def test_an_editor_graph_has_its_values_by_name(tmp_path: Path) -> None:
    path = tmp_path / "g.json"
    path.write_text(json.dumps(EDITOR))
    stream = open_stream(path)
    by_kind = {e.text: e.attrs for e in stream.events}
    assert [e.text for e in stream.events] == ["CLIPTextEncode", "Mystery", "Named", "KSampler"]
    assert by_kind["KSampler"]["inputs"] == {
        "seed": 7, "steps": 20, "cfg": 8.0, "sampler_name": "euler", "scheduler": "karras", "denoise": 1.0
    }  # fmt: skip
    assert by_kind["CLIPTextEncode"]["mode"] == "bypassed"
    assert by_kind["Mystery"]["inputs"] == {"value_0": 1, "value_1": "two"}
    assert by_kind["Named"]["inputs"] == {"seed": 11, "count": 3}


def test_bends_and_lone_values_of_the_editor_are_gone_as_in_the_executed_form(tmp_path: Path) -> None:
    nodes = [
        {"id": 1, "type": "CLIPTextEncode", "widgets_values": ["a"], "inputs": []},
        {"id": 2, "type": "Reroute", "inputs": [{"name": "", "link": 1}]},
        {"id": 3, "type": "Reroute", "inputs": [{"name": "", "link": 2}]},
        {"id": 4, "type": "PrimitiveNode", "widgets_values": [512, "fixed"]},
        {"id": 5, "type": "EmptyLatentImage", "widgets_values": [64, 64, 1], "inputs": [
            {"name": "width", "link": 4, "widget": {"name": "width"}}, {"name": "x", "link": 3}]},
    ]  # fmt: skip
    links = [[1, 1, 0, 2, 0, "C"], [2, 2, 0, 3, 0, "C"], [3, 3, 0, 5, 1, "C"], [4, 4, 0, 5, 0, "INT"]]
    graph = graph_of({"nodes": nodes, "links": links}, "g")
    assert [node.kind for node in graph.nodes] == ["CLIPTextEncode", "EmptyLatentImage"]
    assert graph.nodes[1].inputs == {"width": 512, "height": 64, "batch_size": 1}
    assert graph.nodes[1].links == {"x": ("1", 0)}


def test_the_picture_that_is_edited_comes_first(tmp_path: Path) -> None:
    edit = GRAPH | {
        "5": {"class_type": "VAEEncode", "inputs": {"pixels": ["2", 0], "vae": ["4", 2]}},
        "2": {"class_type": "LoadImage", "inputs": {"image": "in.png"}},
    }
    png(tmp_path / "in.png", colour="#ff0000")
    stream = open_stream(png(tmp_path / "out.png", tell(edit)))
    assert stream.meta["roles"] == {"before": 0, "after": 1}
    assert stream.frames is not None
    assert stream.frames.read([0])[0][0, 0].tolist() == [255, 0, 0]


def test_a_picture_that_only_guides_is_a_hint(tmp_path: Path) -> None:
    guided = GRAPH | {"2": {"class_type": "LoadImage", "inputs": {"image": "in.png"}}}
    png(tmp_path / "in.png")
    assert open_stream(png(tmp_path / "out.png", tell(guided))).meta["roles"] == {"hint": 0, "after": 1}


def test_a_picture_that_the_graph_cannot_have_made_is_an_illustration(tmp_path: Path) -> None:
    stream = open_stream(png(tmp_path / "a.png", tell(GRAPH), size=(300, 200)))
    assert stream.meta["roles"] == {"illustration": 0}
    assert any("its graph makes 64x64 px" in p for p in stream.problems)


@pytest.mark.parametrize("name", ["../secret.png", "/etc/passwd", "missing.png"])
def test_a_picture_outside_or_missing_is_not_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    png(tmp_path / "secret.png")
    graph = GRAPH | {"2": {"class_type": "LoadImage", "inputs": {"image": name}}}
    stream = open_stream(png(tmp_path / "in/a.png", tell(graph)))
    assert stream.meta["roles"] == {"after": 0}
    assert any("Node 2 loads a picture" in p for p in stream.problems)


def test_nan_is_read_as_nothing(tmp_path: Path) -> None:
    text = json.dumps(GRAPH).replace('"seed": 7', '"seed": NaN').encode()
    stream = open_stream(png(tmp_path / "a.png", tell(text)))
    assert stream.events[4].attrs["inputs"]["seed"] is None
    assert stream.problems == ("1 value(s) are no number that a node takes (NaN); read as nothing.",)


def test_a_circle_is_refused_with_its_nodes(tmp_path: Path) -> None:
    circle = GRAPH | {"4": {"class_type": "CheckpointLoaderSimple", "inputs": {"after": ["8", 0]}}}
    with pytest.raises(StreamError, match="circle through nodes 3, 4, 6, 7, 8, 9"):
        open_stream(png(tmp_path / "a.png", tell(circle)))


def test_a_link_to_nowhere_is_left_out_and_said(tmp_path: Path) -> None:
    lost = GRAPH | {"8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["99", 0]}}}
    stream = open_stream(png(tmp_path / "a.png", tell(lost)))
    assert stream.problems == ("Node 8 takes 'vae' from node 99, which is not there; left out.",)
    assert "vae" not in stream.events[5].attrs["links"]


def test_a_list_of_two_numbers_is_a_value_and_no_link() -> None:
    graph = graph_of({"1": {"class_type": "A", "inputs": {"size": [512, 512], "of": ["1x", 3]}}}, "g")
    assert graph.nodes[0].inputs == {"size": [512, 512]}


def huge(kind: bytes) -> bytes:
    if kind == b"tEXt":
        return chunk(kind, b"prompt\0" + b"x" * 100 * 2**20)
    machine = zlib.compressobj(9)
    packed = b"".join(machine.compress(b"x" * 2**20) for _ in range(100)) + machine.flush()
    return chunk(kind, b"prompt\0" + {b"zTXt": b"\0", b"iTXt": b"\1\0\0\0"}[kind] + packed)


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
def test_a_text_of_100_mb_is_refused_without_being_unpacked(tmp_path: Path, kind: bytes) -> None:
    path = png(tmp_path / "a.png", huge(kind))
    with pytest.raises(StreamError, match=f"texts of up to {MAX_TEXT:,} bytes"):
        open_stream(path)


def test_a_huge_text_beside_the_graph_only_hides_the_picture(tmp_path: Path) -> None:
    stream = open_stream(png(tmp_path / "a.png", chunk(b"tEXt", b"other\0" + b"x" * 70 * 2**20), tell(GRAPH)))
    assert len(stream.events) == 7
    assert stream.frames is None
    assert any("The picture cannot be shown" in p for p in stream.problems)


def test_damage_is_told_apart(tmp_path: Path) -> None:
    whole = tell(GRAPH)
    flipped = whole[:40] + bytes([whole[40] ^ 1]) + whole[41:]
    for name, data, said in [
        ("sum", flipped, "check sum"),
        ("pack", chunk(b"zTXt", b"prompt\0\0nonsense"), "cannot be unpacked"),
        ("json", tell(b"{"), "is not JSON"),
        ("none", tell({"a": 1}), "is no ComfyUI graph"),
        ("deep", tell(b"[" * 100_000), "nested too deeply"),
        ("many", tell({str(k): {"class_type": "A", "inputs": {}} for k in range(5001)}), "5,001 nodes"),
    ]:
        with pytest.raises(StreamError, match=said):
            open_stream(png(tmp_path / f"{name}.png", data))
    cut = tmp_path / "cut.png"
    cut.write_bytes(png(tmp_path / "b.png", whole).read_bytes()[:200])
    with pytest.raises(StreamError, match="breaks off"):
        open_stream(cut)


@settings(deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_have_text_chunks_or_none(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)
    assert all(c.size >= 0 for c in text_chunks(path))


_JSON = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
)
_NODES = st.dictionaries(
    st.sampled_from("1234"),
    st.fixed_dictionaries(
        {"class_type": st.text(max_size=4)},
        optional={"inputs": st.dictionaries(st.text(max_size=3), st.tuples(st.sampled_from("12345"), st.integers(0, 2)))
                  | _JSON, "_meta": _JSON},
    ),
)  # fmt: skip


@settings(deadline=None)
@given(value=_NODES | _JSON | st.fixed_dictionaries({"nodes": _JSON, "links": _JSON}))
def test_any_json_is_a_graph_in_order_or_an_error(value: Any) -> None:
    try:
        parsed, _ = parse_graph(json.dumps(value), "g")
        graph = graph_of(parsed, "g")
    except StreamError:
        return
    seen: set[str] = set()
    for node in graph.nodes:
        assert {target for target, _ in node.links.values()} <= seen
        seen.add(node.id)


@pytest.mark.shared
def test_the_real_pictures_say_what_made_them(shared: Path) -> None:
    folder = shared / "aigc/comfyui_workflows"
    kontext = open_stream(folder / "flux_kontext_example.png")
    assert kontext.meta["pictures"] == ["fennec_girl_sing.png", "flux_kontext_example.png"]
    assert kontext.meta["roles"] == {"before": 0, "after": 1}
    # pictures of the editor: what they show is no result, but what went in lies beside two of them
    roles = {"controlnet_example": "hint", "img2img_workflow": "illustration", "inpaint_example": "before"}
    for name, role in roles.items():
        assert open_stream(folder / f"{name}.png").meta["roles"] == {role: 0}


@pytest.mark.shared
@pytest.mark.parametrize("name", ["controlnet_example", "fennec_girl_sing", "flux_kontext_example", "img2img_workflow",
                                  "inpaint_example"])  # fmt: skip
def test_both_forms_of_a_real_graph_agree(shared: Path, tmp_path: Path, name: str) -> None:
    """The names that are given to an editor's values are those under which they were executed."""
    from PIL import Image

    with Image.open(shared / f"aigc/comfyui_workflows/{name}.png") as picture:
        executed = graph_of(json.loads(picture.info["prompt"]), name)
        edited = {n.id: n for n in graph_of(json.loads(picture.info["workflow"]), name).nodes}
    for node in executed.nodes:
        assert dict(edited[node.id].inputs) == dict(node.inputs)
        links = {k: v for k, v in edited[node.id].links.items() if edited[v[0]].mode != "bypassed"}
        assert links.items() <= node.links.items()
        assert edited[node.id].links.keys() == node.links.keys()


@pytest.mark.shared
def test_the_real_editor_graphs_open(shared: Path) -> None:
    stream = open_stream(shared / "aigc/comfyui_workflows/workflow_image_to_video.json")
    conditioning = next(e for e in stream.events if e.text == "SVD_img2vid_Conditioning")
    assert conditioning.attrs["inputs"]["motion_bucket_id"] == 127
    assert [e.text for e in stream.events][-1] == "SaveAnimatedWEBP"
