"""Questions about sounds: only of what the table tells, and each of a sound that has one answer."""

from typing import Any

from dataclaw.kit.fixture_form import DescribedStream
from tests.domains.daily.streams import draft_of, narrated, played, texts


def heard(*told: tuple[float, float, str]) -> DescribedStream:
    described: dict[str, Any] = narrated(*((t0, t1, text, {"sound": True}) for t0, t1, text in told)).model_dump()
    for event in described["events"]:
        event["kind"] = "message"
    return DescribedStream.model_validate(described)


KITCHEN = heard(
    (0.5, 6.0, "frying"), (2.0, 2.5, "dishes"), (6.2, 7.0, "dog"), (9.0, 9.5, "dog"), (12.0, 15.0, "running water"),
    (15.2, 16.0, "alarm bell ringing"),
)  # fmt: skip


def asked(draft: dict[str, Any]) -> dict[str, str]:
    lines = [line.partition(". ")[2] for line in draft["question"]["text"].split("\n")]
    return dict(zip(lines, (text.partition(". ")[2] for text in texts(draft["answer"])), strict=True))


def test_scenes_of_sounds() -> None:
    found = asked(draft_of("contextual_qa", "questions about the sounds", KITCHEN))
    assert found["Which sound is heard while “frying” lasts?"] == "“dishes”."
    assert found["How many times is “dog” heard?"] == "2 times: “dog” is heard at 0:07 and 0:09."
    assert found["Which sound is heard right after “running water” has ended?"] == "“alarm bell ringing”."
    assert not any("the person" in line for line in found), "running water is no action"


def test_times_and_orders_of_sounds() -> None:
    draft = draft_of("temporal_qa", "8 questions about when sounds are heard and in which order", KITCHEN)
    found = asked(draft)
    assert found["When is “frying” heard, and for how long?"] == "From 0.5 s to 6.0 s, for 5.5 s."
    assert "When is “dog” heard, and for how long?" not in found, "it is heard twice"
    assert {item["kind"] for item in draft["items"]} <= {"localise", "first", "order"}


def test_a_topic_narrows_sounds_too() -> None:
    draft = draft_of("contextual_qa", "how many times, only the dog", KITCHEN)
    assert draft["question"]["text"] == "How many times is “dog” heard?"


def test_sounds_are_no_steps_and_one_sound_needs_no_listening() -> None:
    assert "tells no steps" in played("procedural_tutorial", "a tutorial", KITCHEN).why
    one = heard((0.0, 10.0, "vacuum cleaner"))
    assert not played("temporal_qa", "when is each sound heard", one).is_accepted
