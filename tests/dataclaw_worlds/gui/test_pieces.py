import json
from pathlib import Path

import pytest

from dataclaw.evals.rollouts import rollout_summary
from dataclaw.plugins import load_domain
from dataclaw.streams import open_stream
from dataclaw.tools.cache import Cache
from dataclaw.types import Stream
from dataclaw.worlds import Scene, SceneSpec, find_world
from dataclaw.worlds.experts import answer, expert_of
from dataclaw.worlds.maker import Maker

WORLD = find_world("pieces")
SPECS = (SceneSpec("pieces", 0, 1), SceneSpec("pieces", 1, 3, "held"), SceneSpec("pieces", 2, 5))


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> list[Scene]:
    with Maker(tmp_path_factory.mktemp("pieces")) as maker:
        made = [maker.make(spec) for spec in SPECS]
    assert all(isinstance(scene, Scene) for scene in made), made
    return [scene for scene in made if isinstance(scene, Scene)]


def words(part: Stream) -> str:
    said = [f"{e.window} {e.target} {e.text}" for e in part.events]
    return " ".join(said).casefold()


def test_a_spec_made_twice_gives_the_same_scene(scenes: list[Scene], tmp_path: Path) -> None:
    with Maker(tmp_path) as maker:
        again = maker.make(SPECS[0])
    assert isinstance(again, Scene)
    assert (again.folder / "truth.json").read_bytes() == (scenes[0].folder / "truth.json").read_bytes()
    assert open_stream(again.path).id == open_stream(scenes[0].path).id


def test_nothing_but_the_content_tells_the_order(scenes: list[Scene]) -> None:
    for scene in scenes:
        stream = open_stream(scene.path)
        manifest = json.loads((Path(scene.path) / "fragments.json").read_text(encoding="utf-8"))
        assert stream.kind == "fragments"
        assert not stream.annotations
        assert set(manifest) == {"fragments"}
        assert set(scene.facts["order"]) <= set(stream.parts)
        facts = [Path(scene.path) / name / "metadata.json" for name in manifest["fragments"].values()]
        starts = {json.loads(file.read_text(encoding="utf-8"))["video_start_timestamp"] for file in facts}
        assert len(starts) == 1
    assert any(scene.facts["order"] != sorted(scene.facts["order"]) for scene in scenes)
    assert any(len(scene.facts["order"]) < len(open_stream(scene.path).parts) for scene in scenes)


def test_every_fragment_shows_what_it_is_ordered_by(scenes: list[Scene]) -> None:
    for scene in scenes:
        for label, part in open_stream(scene.path).parts.items():
            said = words(part)
            for cue in scene.facts["stages"][label]["cues"]:
                assert all(word.strip("(),:'").casefold() in said for word in str(cue).split()), (label, cue, said)


def test_experts_are_accepted(scenes: list[Scene], tmp_path: Path) -> None:
    domain, cache = load_domain("gui"), Cache(tmp_path / "tools.sqlite")
    for scene in scenes:
        requests = WORLD.requests(scene, 3)
        assert len(requests) == 3
        for request in requests:
            state, _ = answer(domain, open_stream(scene.path), request, cache, expert_of(WORLD, scene, request))
            run = rollout_summary(state, 0.0)
            assert run.accepted, (scene.spec, request, run.why)
            assert run.calls <= 40


def test_requests_vary(scenes: list[Scene]) -> None:
    requests = [request for scene in scenes for request in WORLD.requests(scene, 30)]
    assert {request.style for request in requests} == {"template", "paraphrase", "typo", "fuzzy"}
    assert {request.language for request in requests} == {"en", "zh"}
    assert not {a.template for a in WORLD.requests(scenes[0], 30)} & {a.template for a in WORLD.requests(scenes[1], 30)}
