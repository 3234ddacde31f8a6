"""Training the chooser: it learns, goes on where it stopped, and what is used is what was trained."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from dataclaw.choosing import ChoicePoint
from dataclaw.choosing.encode import encode
from dataclaw.choosing.learned import load_learned
from dataclaw.corpus import CorpusConfig, build
from dataclaw.corpus.export import export
from dataclaw.errors import ConfigError, DataClawError, UsageError
from dataclaw.train.choice_data import ChoiceExample, examples_of, read_examples, write_examples
from dataclaw.train.choice_net import ChoiceNet, pad
from dataclaw.train.choices import f1, train_chooser
from dataclaw.types import Anchor

THINGS = ("onion", "carrot", "lentil", "garlic", "pepper", "celery", "tomato", "leek")


def example(number: int) -> ChoiceExample:
    """Two of the things are named, and wanted, or named as unwanted."""
    a, b = THINGS[number % 8], THINGS[(number * 3 + 1) % 8]
    without = number % 2 == 1
    options = [Anchor(f"e{at}", "event", f"chop the {thing}", float(at), at + 1.0) for at, thing in enumerate(THINGS)]
    named = {f"e{THINGS.index(a)}", f"e{THINGS.index(b)}"}
    wanted = {option.id for option in options} - named if without else named
    intent = f"{'leave out' if without else 'only'} {a} and {b}"
    everything = [option.id for option in options]
    return ChoiceExample(
        ChoicePoint("daily.narrations", "how", intent, options, everything), frozenset(wanted), f"u{number}"
    )


EXAMPLES = [example(number) for number in range(160)]


def test_it_learns_what_only_and_leave_out_mean(tmp_path: Path):
    epochs = list(train_chooser(EXAMPLES, tmp_path, epochs=8, threads=1))
    assert epochs[-1].loss < 0.5 * epochs[0].loss
    assert epochs[-1].learned > 0.9 > epochs[-1].rules
    learned = load_learned(tmp_path)
    right = [f1(_chosen(learned.choose(e.point).kept, e), _chosen(e.wanted, e)) for e in map(example, range(160, 180))]
    assert sum(right) / len(right) > 0.9


def _chosen(names: object, e: ChoiceExample) -> np.ndarray:
    return np.array([option.id in set(names) for option in e.point.options])  # pyright: ignore[reportArgumentType]


def test_a_stopped_run_goes_on_as_if_it_had_not_been(tmp_path: Path):
    whole = list(train_chooser(EXAMPLES[:40], tmp_path / "whole", epochs=3))
    steps = train_chooser(EXAMPLES[:40], tmp_path / "cut", epochs=3)
    first = next(steps)
    steps.close()
    rest = list(train_chooser(EXAMPLES[:40], tmp_path / "cut", epochs=3))
    assert [first, *rest] == whole
    one, other = (load_learned(tmp_path / name).probabilities(EXAMPLES[0].point) for name in ("whole", "cut"))
    assert one.tolist() == other.tolist()


def test_what_is_used_is_what_was_trained(tmp_path: Path):
    list(train_chooser(EXAMPLES[:40], tmp_path, epochs=2))
    net = ChoiceNet()
    net.load_state_dict(torch.load(tmp_path / "checkpoint.pt", weights_only=True)["net"])
    net.eval()
    for one in EXAMPLES[:10]:
        e = encode(one.point)
        arrays = [torch.from_numpy(a) for a in (e.intent, e.options, e.matches, e.figures)]
        with torch.no_grad():
            trained = torch.sigmoid(net(*pad([(arrays[0], arrays[1], arrays[2], arrays[3])]))[0]).numpy()
        assert np.abs(trained - load_learned(tmp_path).probabilities(one.point)).max() < 5e-3  # float16


def test_too_few_streams_and_losses_that_are_no_numbers_stop(tmp_path: Path):
    with pytest.raises(UsageError, match="fewer than two streams"):
        list(train_chooser([replace(e, unit="same") for e in EXAMPLES[:3]], tmp_path))
    steps = train_chooser(EXAMPLES[:40], tmp_path / "nan", epochs=2)
    next(steps)
    saved = torch.load(tmp_path / "nan/checkpoint.pt", weights_only=True)
    saved["net"]["odds.bias"][:] = float("nan")
    torch.save(saved, tmp_path / "nan/checkpoint.pt")
    with pytest.raises(DataClawError, match="is no number"):
        list(train_chooser(EXAMPLES[:40], tmp_path / "nan", epochs=2))


def test_examples_are_written_and_read(tmp_path: Path):
    (tmp_path / "choices.jsonl").write_text("\n".join(json.dumps(e.to_json()) for e in EXAMPLES[:3]))
    assert read_examples(tmp_path / "choices.jsonl") == EXAMPLES[:3]
    with pytest.raises(ConfigError, match="no corpus"):
        list(examples_of(tmp_path))


def test_a_corpus_gives_the_choices_of_its_experts(tmp_path: Path):
    config = CorpusConfig(worlds=["cuts"], streams=3, asks=4)
    list(build(config, tmp_path / "corpus"))
    export(config, tmp_path / "corpus")
    found = list(examples_of(tmp_path / "corpus"))
    assert found
    for one in found:
        names = {option.id for option in one.point.options}
        assert one.point.name == "aigc.operations"
        assert one.wanted <= names
        assert one.wanted
    assert any(one.wanted < set(one.point.kept) for one in found)  # experts know what of it was meant
    assert list(write_examples([tmp_path / "corpus"], tmp_path / "choices.jsonl"))[-1] == len(found)
    again = read_examples(tmp_path / "choices.jsonl")
    assert [(one.unit, one.wanted) for one in again] == [(one.unit, one.wanted) for one in found]
