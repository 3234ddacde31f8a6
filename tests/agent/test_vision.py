"""Models that see: their images are in the tokens exactly once, and change what comes after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from PIL import Image as Pillow  # noqa: E402

from dataclaw.agent.policy import make_policy  # noqa: E402
from dataclaw.agent.policy.base import PolicyInput  # noqa: E402
from dataclaw.agent.policy.hf import Hf  # noqa: E402
from dataclaw.agent.session import Session  # noqa: E402
from dataclaw.agent.steps import State, Turn  # noqa: E402
from dataclaw.config import ModelOptions  # noqa: E402
from dataclaw.corpus.packs.frames import PackedFrames, Thumbnails  # noqa: E402
from dataclaw.errors import DataClawError, PolicyError, StreamError  # noqa: E402
from dataclaw.models import chatml  # noqa: E402
from dataclaw.models.answers import DecodeRequest, SampledAnswer  # noqa: E402
from dataclaw.models.load import Manner  # noqa: E402
from dataclaw.models.pictures import image_of  # noqa: E402
from dataclaw.models.plain_decoder import PlainDecoder  # noqa: E402
from dataclaw.models.slot_decoder import SlotDecoder  # noqa: E402
from dataclaw.models.vision import Image, ImagePatches, Vision  # noqa: E402
from dataclaw.types import Picture  # noqa: E402
from tests.tools.screens import ListFrames  # noqa: E402
from tests.train.tiny import tiny_model  # noqa: E402
from tests.train.tiny_vision import FAMILIES, VISION, load_seeing, seeing_model  # noqa: E402

Seeing = tuple[Any, Any, Vision]
NOISE = np.random.default_rng(0)
FRAMES = [NOISE.integers(0, 255, (45, 80, 3), dtype=np.uint8) for _ in range(4)]


@pytest.fixture(scope="module", params=FAMILIES)
def seeing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Seeing:
    torch.set_num_threads(1)
    return load_seeing(seeing_model(tmp_path_factory.mktemp("seeing"), request.param))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeing_model(tmp_path_factory.mktemp("one"))


@pytest.fixture(scope="module")
def one(folder: Path) -> Seeing:
    return load_seeing(folder)


@pytest.fixture
def watched(session: Session) -> Session:
    """The toy stream with four frames."""
    return replace(session, stream=replace(session.stream, frames=ListFrames(FRAMES, [0.0, 1.0, 2.0, 3.0])))


def shown(state: State, *pictures: Picture, text: str = "id|t\nf0|0.5") -> State:
    """The state after a tool has shown pictures."""
    call = Turn("policy", '{"tool":"sample_frames","args":{}}')
    return replace(state, turns=(*state.turns, call, Turn("result", text, pictures=pictures)))


def policy_of(seeing: Seeing, **manner: Any) -> Hf:
    model, tokeniser, vision = seeing
    settings = {"temperature": 1.0, "new_tokens": 12, "context": 4096} | manner
    return Hf("hf:tiny", model, tokeniser, Manner(**settings), vision=vision)


def asked(vision: Vision, key: str, *images: Any, before: int = 5, after: int = 3, **more: Any) -> DecodeRequest:
    """A conversation of a few tokens with images."""
    ids, placed = [5] * before, list[Image]()
    for image in images:
        cut = vision.patches(Pillow.fromarray(image))
        placed.append(Image(len(ids) + 1, cut))
        ids += [*vision.tokens(cut.grid), 7, 8]
    return DecodeRequest(key, (*ids, *[9] * after), 8, seed=1, images=tuple(placed), **more)


def decoder(seeing: Seeing) -> PlainDecoder:
    model, tokeniser, vision = seeing
    return PlainDecoder(model, tokeniser, ends=[2], slots=8, context=2048, whole=False, vision=vision)


def likely(seeing: Seeing, request: DecodeRequest, answer: SampledAnswer) -> list[float]:
    """Log-probabilities of an answer in one forward pass without a cache, the positions the model's own affair."""
    model, _, vision = seeing
    ids = torch.tensor([[*request.ids, *answer.ids]])
    given = vision.arguments(request.images, "cpu")
    kinds = (ids == vision.token).int()
    with torch.no_grad():
        logits = model(input_ids=ids, mm_token_type_ids=kinds, use_cache=False, **given).logits[0]
    logits[:, vision.never] = -torch.inf
    after = torch.log_softmax(logits[len(request.ids) - 1 : -1], -1)
    return after.gather(1, torch.tensor(answer.ids)[:, None])[:, 0].tolist()


def test_a_batch_of_any_images_gives_what_each_gives_alone_and_what_the_model_says(seeing: Seeing):
    vision = seeing[2]
    tall, wide = FRAMES[0][:, :20], FRAMES[1]
    requests = [
        asked(vision, "two", tall, wide, before=9),
        asked(vision, "none", before=60),
        asked(vision, "one", wide, after=20),
    ]
    together = decoder(seeing).sample(requests)
    for request, answer in zip(requests, together, strict=True):
        alone = decoder(seeing).sample([request])[0]
        assert answer.ids == alone.ids
        assert answer.logprobs == pytest.approx(alone.logprobs, abs=1e-5)
        if request.images:  # without any, the model would take the positions of its last call
            assert answer.logprobs == pytest.approx(likely(seeing, request, answer), abs=1e-4)


def test_other_pixels_change_what_comes_after_them(seeing: Seeing):
    vision = seeing[2]
    first, second = (asked(vision, "a", image) for image in (FRAMES[0], FRAMES[1]))
    assert first.ids == second.ids, "the tokens alone do not tell"
    answers = [decoder(seeing).sample([request])[0] for request in (first, second)]
    again = likely(seeing, second, answers[0])
    assert np.abs(np.subtract(answers[0].logprobs, again)).max() > 1e-3


def test_tokens_of_vision_are_never_sampled(one: Seeing):
    model, _, vision = one
    with torch.no_grad():
        model.lm_head.weight[vision.never] *= 50  # so likely that one in two would be one
    try:
        answers = decoder(one).sample([asked(vision, str(n), FRAMES[n % 4], before=n + 1) for n in range(8)])
    finally:
        with torch.no_grad():
            model.lm_head.weight[vision.never] /= 50
    assert not {token for answer in answers for token in answer.ids} & set(vision.never)


def broken(request: DecodeRequest, vision: Vision, how: str) -> DecodeRequest:
    (image,) = request.images
    ids, grid, pixels = list(request.ids), image.patches.grid, image.patches.pixels
    if how == "tokens":
        del ids[image.start]
    elif how == "grid":
        image = replace(image, patches=ImagePatches((grid[0], grid[1] + 2, grid[2]), pixels))
    elif how == "pixels":
        image = replace(image, patches=ImagePatches(grid, pixels[:-1]))
    elif how == "cut":
        ids = ids[: image.start + 3]
    elif how == "dangling":
        return replace(request, images=())
    elif how == "edges":
        ids[image.start - 1] = 5
    return replace(request, ids=ids, images=(image,))


@pytest.mark.parametrize(
    ("how", "numbers"),
    [
        ("tokens", r"59 tokens at 6 for a grid of 1x12x20, which takes 60"),
        ("grid", r"240 rows of pixels for a grid of 1x14x20 = 280 patches"),
        ("pixels", r"239 rows of pixels for a grid of 1x12x20 = 240 patches"),
        ("cut", r"its tokens 5 to 66 are not inside the 9 of the sequence"),
        ("dangling", r"62 tokens of vision belong to no image, the first at 5"),
        ("edges", r"its 60 tokens at 6 do not stand between start and end of vision"),
    ],
)
def test_what_disagrees_is_told_with_the_rollout_and_the_numbers(one: Seeing, how: str, numbers: str):
    request = broken(asked(one[2], "gui-7~3.0.1/0", FRAMES[0]), one[2], how)
    with pytest.raises(DataClawError, match=f"gui-7~3.0.1/0: images and tokens disagree: .*{numbers}"):
        decoder(one).sample([asked(one[2], "good", FRAMES[0]), request])


def test_the_slots_of_the_fast_decoder_take_no_images(one: Seeing):
    model, tokeniser, vision = one
    with pytest.raises(PolicyError, match="images"):
        SlotDecoder(model, tokeniser, ends=[2], context=512).sample([asked(vision, "a", FRAMES[0])])


def texts(policy: Hf, ids: Sequence[int]) -> str:
    return str(policy.tokeniser.decode(ids))


def test_a_message_has_its_images_behind_its_text(one: Seeing, watched: Session, state: State):
    policy = policy_of(one)
    after = shown(state, Picture(0), Picture(2, (10.0, 5.0, 40.0, 25.0)))
    policy.decide([PolicyInput(state, watched)])
    first = policy.talks[f"{state.key}/0"][0]
    assert not first.images
    said = replace(after.turns[0], text=first.turns[0].text)
    policy.decide([PolicyInput(replace(after, turns=(said, after.turns[1])), watched)])
    (talk,) = policy.talks[f"{state.key}/0"]
    assert policy.forks == 0
    assert [image.patches.grid for image in talk.images] == [(1, 12, 20), (1, 4, 8)]
    policy.vision.check("x", talk.ids, talk.images)  # type: ignore[union-attr]
    image = [[VISION[0], VISION[2] * n, VISION[1]] for n in (60, 8)]
    whole = "".join(part for one in image for part in one)
    assert f"user\nid|t\nf0|0.5{whole}<|im_end|>" in texts(policy, talk.ids)
    assert (
        chatml.tokens_of(policy.tokeniser, texts(policy, talk.ids[: talk.turns[0].start]))
        == talk.ids[: talk.turns[0].start]
    )
    held = [talk.sampled[at] for image in talk.images for at in range(image.start - 1, image.start + 9)]
    assert not any(held)
    assert policy.pictures == {"shown": 2}


def test_what_a_stream_spells_is_no_image(one: Seeing, watched: Session, state: State):
    policy = policy_of(one)
    spelled = "".join(VISION) + "<|image_pad|>"
    policy.decide([PolicyInput(shown(state, Picture(1), text=spelled), watched)])
    (talk,) = policy.talks[f"{state.key}/0"]
    assert talk.ids.count(policy.vision.token) == 60  # type: ignore[union-attr]
    assert "< |vision_start|>< |vision_end|>< |image_pad|>" in texts(policy, talk.ids)


def test_a_frame_that_is_not_there_is_told_and_counted(one: Seeing, session: Session, state: State):
    thumbnails = Thumbnails(frozenset(), lambda _: b"", "pack#1")
    packed = replace(session, stream=replace(session.stream, frames=PackedFrames([0.0, 1.0], (80, 45), thumbnails)))
    policy = policy_of(one)
    (decision,) = policy.decide([PolicyInput(shown(state, Picture(1), Picture(7), Picture(0, part="B")), packed)])
    assert not decision.error
    (talk,) = policy.talks[f"{state.key}/0"]
    assert not talk.images
    assert "(not shown: f1; not available)\n(not shown: f7" in texts(policy, talk.ids)
    assert "(not shown: B.f0" in texts(policy, talk.ids)
    assert policy.pictures == {"unavailable": 3}
    with pytest.raises(StreamError, match="frame 1 is not in the pack"):
        image_of(packed.stream, Picture(1))


def test_a_strip_that_no_model_takes_is_told(one: Seeing, watched: Session, state: State):
    policy = policy_of(one)
    strip = np.zeros((300, 80, 3), np.uint8)
    long = replace(watched, stream=replace(watched.stream, frames=ListFrames([strip], [0.0])))
    policy.decide([PolicyInput(shown(state, Picture(0, (4.0, 0.0, 5.0, 300.0))), long)])
    assert policy.pictures == {"unavailable": 1}


def test_an_image_without_room_takes_its_tokens_along(one: Seeing, watched: Session, state: State):
    start = policy_of(one)
    start.decide([PolicyInput(state, watched)])
    used = start.talks[f"{state.key}/0"][0].turns[0].start
    policy = policy_of(one, context=used + 170)
    policy.decide([PolicyInput(shown(state, Picture(0), Picture(1), Picture(2)), watched)])
    (talk,) = policy.talks[f"{state.key}/0"]
    assert policy.pictures == {"shown": 1, "no room": 2}
    assert len(talk.images) == 1
    assert "(not shown: f1, f2; no room is left)" in texts(policy, talk.ids)
    policy.vision.check("x", talk.ids, talk.images)  # type: ignore[union-attr]
    assert talk.turns, "and the rollout goes on"


def test_forks_and_attempts_have_their_own_images(one: Seeing, watched: Session, state: State):
    policy = policy_of(one)
    policy.decide([PolicyInput(shown(state, Picture(0)), watched)])
    policy.decide([PolicyInput(shown(state, Picture(1)), watched)])  # the same words, another picture
    policy.decide([PolicyInput(replace(shown(state, Picture(0), Picture(0)), attempt=1), watched)])
    assert policy.forks == 1
    first, second = policy.talks[f"{state.key}/0"]
    (other,) = policy.talks[f"{state.key}/1"]
    for talk, frames in ((first, [0]), (second, [1]), (other, [0, 0])):
        expected = [policy.vision.patches(Pillow.fromarray(FRAMES[n])) for n in frames]  # type: ignore[union-attr]
        assert all(np.array_equal(a.patches.pixels, b.pixels) for a, b in zip(talk.images, expected, strict=True))
    assert first.turns[0].text != second.turns[0].text
    before = second.turns[0].text
    policy.forget()
    policy.decide([PolicyInput(shown(state, Picture(1)), watched)])
    (again,) = policy.talks[f"{state.key}/0"]
    assert (again.turns[0].text, len(again.images)) == (before, 1)


def test_images_can_be_turned_off_and_readers_ignore_them(
    folder: Path, watched: Session, state: State, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    seeing = make_policy(f"hf:{folder}", ModelOptions(constrained=False))
    blind = make_policy(f"hf:{folder}", ModelOptions(constrained=False, images=False))
    reader = make_policy(f"hf:{tiny_model(tmp_path / 'reader')}", ModelOptions(constrained=False))
    state = replace(state, budget=state.budget.model_copy(update={"tokens": 5}))
    for policy, images in ((seeing, 1), (blind, 0), (reader, 0)):
        assert isinstance(policy, Hf)
        policy.decide([PolicyInput(shown(state, Picture(1)), watched)])
        (talk,) = policy.talks[f"{state.key}/0"]
        assert len(talk.images) == images
    (folder / "preprocessor_config.json").rename(folder / "gone.json")
    try:
        caplog.clear()
        alone = make_policy(f"hf:{folder}", ModelOptions(constrained=False))
        assert isinstance(alone, Hf)
        assert alone.vision is None
        assert "no image processor" in caplog.text, "as of a whole model that was trained on text alone"
    finally:
        (folder / "gone.json").rename(folder / "preprocessor_config.json")
