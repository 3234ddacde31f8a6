"""The learned chooser: what it takes, what it refuses, and that its choice is the best that its odds allow."""

import hashlib
import shutil
import zlib
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataclaw.choosing import BY_RULES
from dataclaw.choosing.card import CARD, ChooserCard, read_card
from dataclaw.choosing.encode import BUCKETS, WINDOW
from dataclaw.choosing.learned import (
    ARRAYS,
    LARGEST,
    WEIGHTS,
    Shipped,
    choice_of,
    expected_best,
    find_chooser,
    load_learned,
)
from dataclaw.errors import ConfigError
from tests.choosing.points import point

SHOTS = ["interview with the potter", "drone over the harbour", "interview with the baker", "gap"]


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=7))
def test_no_other_choice_has_a_greater_expected_f1(sure: list[float]):
    def worth(chosen: tuple[int, ...]) -> float:
        return 2 * sum(sure[at] for at in chosen) / (len(chosen) + sum(sure))

    best = tuple(np.flatnonzero(expected_best(np.array(sure))))
    others = [set_ for size in range(1, len(sure) + 1) for set_ in combinations(range(len(sure)), size)]
    assert worth(best) >= max(map(worth, others)) - 1e-9


def test_equal_points_get_equal_choices_and_one_option_is_kept():
    one = load_learned().choose(point("the interviews", SHOTS))
    assert one == load_learned().choose(point("the interviews", SHOTS))
    assert load_learned().choose(point("the interviews", SHOTS[:1])).kept == ["e0"]  # though the rules keep none
    assert set(one.sure) == {"e0", "e1", "e2", "e3"}
    assert all(0 <= p <= 1 for p in one.sure.values())


@pytest.mark.parametrize("intent", ["", "🜁🜂", "ทุกอย่าง", "x" * 4000])
def test_any_intent_gets_a_choice(intent: str):
    assert load_learned().choose(point(intent, SHOTS)).kept


def test_options_that_tie_are_taken_in_order():
    assert expected_best(np.full(4, 0.2)).tolist() == [True] * 4
    assert expected_best(np.array([0.9, 0.1, 0.1])).tolist() == [True, False, False]


def test_thousands_of_options_are_read_window_by_window():
    many = point("the interviews", SHOTS * 600)
    found = load_learned().odds(many)
    assert len(found) == len(many.options) > 2 * WINDOW
    assert np.isfinite(found).all()


def test_declared_intents_and_other_tasks_are_left_to_the_rules():
    asked = point("the interviews", SHOTS, task="no_such_task", kept=["e2"])
    assert Shipped().choose(asked) == BY_RULES.choose(asked)
    assert load_learned().choose(asked).sure
    task = point("the interviews", SHOTS)
    assert Shipped().choose(task) == load_learned().choose(task)
    assert Shipped().choose(replace(task, declared=True)) == BY_RULES.choose(task)
    assert Shipped().choose(replace(task, intent="Make training data")) == BY_RULES.choose(task)


def test_the_rules_choice_stands_where_another_promises_little_more(monkeypatch: pytest.MonkeyPatch):
    learned, every = load_learned(), ["e0", "e1", "e2", "e3"]
    sure = {"odds": _odds(0.9, 0.8, 0.7, 0.6)}
    monkeypatch.setattr(type(learned), "odds", lambda _, __: sure["odds"])
    kept = learned.choose(point("all of it", SHOTS, kept=every))
    assert (kept.by, list(kept.kept)) == ("rules", every)
    sure["odds"] = _odds(0.9, 0.1, 0.9, 0.1)
    kept = learned.choose(point("the interviews", SHOTS, kept=every))
    assert (kept.by, list(kept.kept)) == ("learned", ["e0", "e2"])


def _odds(*sure: float) -> np.ndarray:
    """Log odds with these probabilities, the later options the earlier."""
    return np.stack([np.log(np.array(sure) / (1 - np.array(sure))), np.arange(len(sure))], axis=-1)


def test_one_option_and_an_order_are_answered_as_asked():
    asked = replace(point("the interviews", SHOTS, kept=["e0"]), how="one")
    assert list(choice_of(asked, _odds(0.1, 0.9, 0.1, 0.1)).kept) == ["e1"]
    assert choice_of(asked, _odds(0.3, 0.31, 0.1, 0.1), 0.2) == replace(
        BY_RULES.choose(asked), sure=choice_of(asked, _odds(0.3, 0.31, 0.1, 0.1)).sure
    )
    asked = replace(point("in order", SHOTS, kept=["e0", "e1"]), how="order")
    assert list(choice_of(asked, _odds(0.9, 0.1, 0.9, 0.1)).kept) == ["e2", "e0"]
    assert list(choice_of(asked, _odds(0.5, 0.5, 0.5, 0.4), 0.2).kept) == ["e0", "e1"]  # the rules' own


def test_each_domain_may_have_its_own(tmp_path: Path):
    shutil.copytree(WEIGHTS, tmp_path / "own")
    chooser = find_chooser(f"gui={tmp_path / 'own'},daily={tmp_path / 'own'}")
    asked = point("the interviews", SHOTS, kept=["e2"])
    assert chooser.choose(asked) == BY_RULES.choose(asked)  # of aigc
    assert chooser.choose(replace(asked, name="gui.steps")).sure


def gain(low: float, high: float) -> dict[str, float]:
    return {"requests": 9, "rules": 0.5, "learned": 0.6, "low": low, "high": high}


def test_only_sure_gains_decide():
    tasks = {"a.better": gain(0.01, 0.2), "a.unsure": gain(-0.01, 0.3), "a.even": gain(0.0, 0.0)}
    assert ChooserCard.model_validate({"tasks": tasks}).decided == {"a.better"}
    for high, decided in ((-0.1, set[str]()), (0.1, {"a.better"})):
        real = {"a source": {"task": "a.better", "points": 3, "rules": 1.0, "learned": 0.9, "low": -0.2, "high": high}}
        assert ChooserCard.model_validate({"tasks": tasks, "real": real}).decided == decided


def test_what_ships_is_small_and_is_its_cards():
    assert (WEIGHTS / ARRAYS).stat().st_size < LARGEST
    assert load_learned().tasks == read_card(WEIGHTS).decided
    assert load_learned().tasks


def test_weights_that_are_not_their_cards_are_refused(tmp_path: Path):
    with pytest.raises(ConfigError, match="no card"):
        load_learned(tmp_path)
    shutil.copy(WEIGHTS / CARD, tmp_path)
    with pytest.raises(ConfigError, match="cannot be read"):
        find_chooser(str(tmp_path))
    (tmp_path / ARRAYS).write_bytes((WEIGHTS / ARRAYS).read_bytes()[:-1])
    with pytest.raises(ConfigError, match="not those of their card"):
        load_learned(tmp_path)
    (tmp_path / CARD).write_text('sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"\n')
    (tmp_path / ARRAYS).write_bytes(b"")
    with pytest.raises(ConfigError, match="damaged"):
        load_learned(tmp_path)


@pytest.mark.parametrize(
    ("arrays", "why"),
    [
        ({"words.weight": np.zeros((9, 4), np.float16)}, "another network"),
        ({"words.weight": np.zeros((BUCKETS, 1), np.float16), "odds.weight": np.zeros((1, 1))}, "another network"),
        ({"words.weight": np.zeros(2**24, np.float32)}, "unpack to more"),
    ],
)
def test_foreign_weights_are_refused(arrays: dict[str, np.ndarray], why: str, tmp_path: Path):
    np.savez_compressed(tmp_path / ARRAYS, allow_pickle=False, **arrays)
    sha256 = hashlib.sha256((tmp_path / ARRAYS).read_bytes()).hexdigest()
    (tmp_path / CARD).write_text(f'sha256 = "{sha256}"\n')
    with pytest.raises(ConfigError, match=why):
        load_learned(tmp_path)


def test_weights_of_a_length_that_no_machine_counts_are_damaged(tmp_path: Path):
    np.savez(tmp_path / ARRAYS, allow_pickle=False, words=np.zeros(64, np.float32))
    raw = (
        (tmp_path / ARRAYS).read_bytes().replace(b"'shape': (64,), }" + b" " * 20, b"'shape': (" + b"9" * 22 + b",), }")
    )
    crc = zlib.crc32(raw[raw.index(b"\x93NUMPY") : raw.index(b"PK\x01\x02")])
    old = zlib.crc32((tmp_path / ARRAYS).read_bytes()[raw.index(b"\x93NUMPY") : raw.index(b"PK\x01\x02")])
    (tmp_path / ARRAYS).write_bytes(raw.replace(old.to_bytes(4, "little"), crc.to_bytes(4, "little")))
    (tmp_path / CARD).write_text(f'sha256 = "{hashlib.sha256((tmp_path / ARRAYS).read_bytes()).hexdigest()}"\n')
    with pytest.raises(ConfigError, match="damaged"):
        load_learned(tmp_path)


def test_rules_choose_where_what_is_carried_is_damaged(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    shutil.copytree(WEIGHTS, tmp_path / "own")
    (tmp_path / "own" / ARRAYS).write_bytes(b"")
    asked = point("the interviews", SHOTS, kept=["e2"])
    chooser = find_chooser("learned", {"aigc": tmp_path / "own"})
    assert chooser.choose(asked) == chooser.choose(asked) == BY_RULES.choose(asked)
    assert caplog.text.count("rules choose what is kept: ") == 1


def test_a_domains_own_decides_at_its_points(tmp_path: Path):
    shutil.copytree(WEIGHTS, tmp_path / "own")
    card = read_card(WEIGHTS)
    asked = replace(point("the interviews", SHOTS, kept=["e2"]), task="edit_plan")
    assert Shipped().choose(asked).sure  # the one that ships
    card.model_copy(update={"tasks": {}}).write(tmp_path / "own")
    chooser = find_chooser("learned", {"aigc": tmp_path / "own"})
    assert chooser.choose(asked) == BY_RULES.choose(asked)
    assert find_chooser("learned", {"gui": tmp_path / "own"}).choose(asked).sure
    assert find_chooser("rules") is BY_RULES


@pytest.mark.parametrize(
    ("card", "why"),
    [
        ("tasks = 1", "tasks: Input should be a valid dictionary"),
        ('[tasks."a.b"]\nlow = "high"', r"tasks\.a\.b\.low: Input should be a valid number"),
        ('[tasks."a.b"]\nrequests = 1\nrules = 0.1\nlearned = 0.2\nlow = nan\nhigh = inf', "finite number"),
        ("a = " + "[" * 9000, "no card of a learned chooser"),
        (f"# {'-' * 2**18}", "has more than 262144 bytes"),
    ],
)
def test_a_hostile_card_is_refused(card: str, why: str, tmp_path: Path):
    (tmp_path / CARD).write_text(card)
    with pytest.raises(ConfigError, match=why):
        read_card(tmp_path)
