from __future__ import annotations

import pytest

from dataclaw.agent.router import route
from dataclaw.domain import Domain
from dataclaw.errors import UsageError
from dataclaw.kit.new_domain import new_domain
from dataclaw.plugins import load_domain
from dataclaw.run.run import Interaction

GUI = {"gui": load_domain("gui")}
ALL = {name: load_domain(name) for name in ("aigc", "daily", "education", "embodied", "gui")}


@pytest.mark.parametrize("task", list(GUI["gui"].tasks))
def test_every_template_finds_its_own_task(task: str):
    manifest = GUI["gui"].tasks[task]
    kind = manifest.reads[0]
    wrong = []
    for template in manifest.manifest.intents:
        choice = route(template, kind, GUI).choice
        if choice.task != task:
            wrong.append((template, choice.task))
    assert not wrong


@pytest.mark.parametrize(
    ("intent", "task"),
    [
        ("Please list each click and keystroke in order, with where on the screen it happened", "action_sequence"),
        ("Write a tutorial a new colleague can follow", "how_to"),
        ("turn this into test steps for a QA agent with expected results", "test_steps"),
        ("split this session into the separate tasks the user was doing", "multi_event_decomposition"),
        ("A tutorial for a person, only the shop window", "how_to"),
        ("only what happens in the shop window", "action_sequence"),
        ("just the clicks and what was typed, with coordinates, no detours", "action_sequence"),
        ("explain to my grandmother how to do this, with pictures", "how_to"),
        ("QA regression script: do this, expect that", "test_steps"),
        ("which tasks ran in parallel here, and where does each begin and end", "multi_event_decomposition"),
        ("observation, thought and pyautogui code for every step, to fine-tune a computer-use agent", "navigation_sft"),
    ],
)
def test_paraphrases_find_their_task(intent: str, task: str):
    assert route(intent, "gui", GUI).choice.task == task


def test_fragments_find_the_reconstruction():
    intent = (
        "These are my mobile interaction fragments. Use them to construct a long-horizon task trajectory from them."
    )
    routed = route(intent, "fragments", GUI)
    assert routed.choice.task == "long_horizon_reconstruction"
    assert 0 < routed.intent.confidence <= 1


def test_a_named_task_is_taken_and_the_others_recorded():
    routed = route("anything", "gui", GUI, task="how_to")
    assert (routed.choice.task, routed.sure, routed.intent.confidence) == ("how_to", True, 1.0)


def test_an_unsure_choice_names_the_others_and_takes_the_users():
    routed = route("data please", "gui", GUI)
    assert not routed.sure
    assert "; or gui." in routed.describe()
    other = routed.others[1]
    settled = routed.settle(other)
    assert (settled.choice, settled.sure, settled.intent.confidence) == (other, True, 1.0)
    assert settled.intent.alternatives[0] == (routed.choice.domain, routed.choice.task)


@pytest.mark.parametrize("said", ["translate into French", "xyzzy", "please", "翻译成法语", "!!!", "\u200b"])
def test_an_intent_that_no_task_knows_a_word_of_is_refused_with_the_nearest_tasks(said: str):
    routed = route(said, "gui", GUI)
    assert (routed.sure, routed.intent.confidence) == (False, 0.0)
    with pytest.raises(UsageError, match="the intent does not say what to make of a GUI trace") as error:
        routed.require_match()
    assert "--task" in error.value.remedy
    assert "gui." in error.value.remedy


def test_naming_a_task_or_a_domain_with_one_best_task_takes_any_intent_but_says_so():
    assert route("translate into French", "gui", GUI, task="how_to").require_match().sure
    named = route("translate into French", "gui", GUI, domain="gui").require_match()
    assert (named.sure, named.intent.confidence) == (False, 0.0)
    with pytest.raises(UsageError, match="nothing but common words"):
        route("!!!", "gui", GUI, domain="gui").require_match()


@pytest.mark.parametrize(
    ("said", "kind", "tasks"),
    [
        ("describe the camera motion for text-to-video training", "video", {"aigc.video_generation_segment"}),
        ("everything that happens, in order", "trajectory", {"embodied.action_trajectory"}),
        ("train a policy", "trajectory", {"embodied.action_trajectory"}),
        ("train a robot policy", "trajectory", {"embodied.action_trajectory"}),
    ],
)
def test_among_all_domains_what_is_meant_is_found(said: str, kind: str, tasks: set[str]):
    choice = route(said, kind, ALL).require_match().choice
    assert f"{choice.domain}.{choice.task}" in tasks


@pytest.mark.parametrize("said", ["training data", "notes for students", "a summary with the slides"])
def test_without_pictures_another_task_is_preferred_where_it_can_serve(said: str):
    needy = {"interleaved_lesson", "stuck_point_tutoring"}
    assert route(said, "lesson", ALL).choice.task in needy | {"lecture_summary"}
    assert route(said, "lesson", ALL, pictures=False).choice.task not in needy
    clear = "turn this lesson into study notes with pictures"
    assert route(clear, "lesson", ALL, pictures=False).choice.task == "interleaved_lesson"


def test_a_user_is_asked_where_nothing_matches():
    asked = Interaction(chooser=lambda routed: routed.others[0])
    settled = asked.settle(route("xyzzy", "gui", GUI), "gui")
    assert settled.require_match().sure
    with pytest.raises(UsageError):
        Interaction().settle(route("xyzzy", "gui", GUI), "gui")


def test_what_cannot_be_routed_says_what_there_is():
    with pytest.raises(UsageError, match="action_sequence"):
        route("x", "gui", GUI, task="no_such")
    with pytest.raises(UsageError, match="It takes"):
        route("x", "trajectory", GUI)


@pytest.mark.parametrize(
    "said", ["Make me a worthwhile annotation.", "whatever fits best, please", "给我做适合微调的样本"]
)
@pytest.mark.parametrize(
    ("kind", "domain"), [("fragments", "gui"), ("edit", "aigc"), ("timeline", "aigc"), ("narration", "daily")]
)
def test_who_wants_data_of_any_kind_gets_what_such_streams_are_for(said: str, kind: str, domain: str):
    routed = route(said, kind, ALL).require_match()
    assert (routed.choice.domain, routed.sure) == (domain, False)


@pytest.fixture(scope="module")
def copier(tmp_path_factory: pytest.TempPathFactory) -> Domain:
    """A newcomer that declares what `gui` declares, word for word, and little else."""
    folder = tmp_path_factory.mktemp("copier")
    new_domain("aaa", folder)
    manifest = folder / "aaa" / "domain.toml"
    text = manifest.read_text()
    start, end = text.index("intents = ["), text.index("rules = [")
    copied = 'intents = [\n  "turn this trace into clean ordered actions",\n  "weave a ballad of the clicks",\n]\n'
    manifest.write_text(text[:start] + copied + text[end:])
    return load_domain(str(folder / "aaa"))


def test_an_intent_that_fits_a_newcomer_equally_stays_where_it_was_and_is_not_sure(copier: Domain) -> None:
    known = {"gui": load_domain("gui")}
    alone = route("turn this trace into clean ordered actions", "gui", known)
    both = route("turn this trace into clean ordered actions", "gui", {"aaa": copier, **known})
    assert (alone.choice.domain, alone.sure) == ("gui", True)
    assert (both.choice.domain, both.choice.task) == ("gui", alone.choice.task)
    assert not both.sure
    assert both.others[0].domain == "aaa", "the other one is named"
    with pytest.raises(UsageError, match=r"what to make of it is not sure.*aaa"):
        both.require_confidence(0.15)


def test_an_intent_that_fits_a_newcomer_better_is_its_own(copier: Domain) -> None:
    routed = route("weave a ballad of the clicks", "gui", {"aaa": copier, "gui": load_domain("gui")})
    assert (routed.choice.domain, routed.sure) == ("aaa", True)
