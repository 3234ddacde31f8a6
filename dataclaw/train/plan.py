"""What a run will take, estimated before anything starts: parameters, memory, tokens, steps and time.

Memory is counted, not measured. Weights that are trained, their gradients and AdamW's two moments are float32. What the
forward pass keeps for the backward pass was measured on Llama layers, with PyTorch's hooks on saved tensors, as
`a * hidden + b * inner` bytes a token and layer; layers of another build differ. Speed is scaled from `cards.py`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dataclaw.errors import ConfigError
from dataclaw.train.cards import CARDS, Card, speed
from dataclaw.train.config import TrainConfig
from dataclaw.train.devices import BYTES, GIB, device_of, free_memory, library
from dataclaw.train.shape import ModelShape

KEPT = {
    ("float32", "full"): (44, 16),
    ("float32", "lora"): (36, 16),
    ("bfloat16", "full"): (36, 8),
    ("bfloat16", "lora"): (28, 8),
}
"""Bytes that a layer keeps for each token, by number format and tuning: for each of its width, of its inner width."""
LEARNT = 0.25
"""Share of a trace's tokens that are learnt, where no corpus says."""
OVERHEAD = 2 * 10**9
"""What the driver, the allocator and the float32 pieces of the loss take [bytes]."""
ROOM = 0.95
"""Share of a card's memory that can be used: the rest lies between blocks."""
PROCESSES = (1, 2, 4, 8, 16)


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is known of the data.

    Attributes:
        lengths: tokens of each trace; empty where there is no corpus.
        learnt: share of the tokens that are learnt.
        counted: whether the model's own tokeniser counted them.
        long: traces that are longer than is allowed, which are not among the lengths.
    """

    lengths: tuple[int, ...] = ()
    learnt: float = LEARNT
    counted: bool = True
    long: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEstimate:
    """What a run of any stage takes.

    Attributes:
        parameters: of the model.
        trained: those that are trained.
        memory: bytes on each device, by what takes them.
        card: the machine.
        origin: where the figure of its speed is from.
        fits: whether it fits into the card's memory.
        remedies: changes of settings with which it would fit, the least costly first; empty where it fits.
    """

    parameters: int
    trained: int
    memory: dict[str, int]
    card: Card
    origin: str
    fits: bool
    remedies: list[str]

    @property
    def total(self) -> int:
        """Bytes on each device."""
        return sum(self.memory.values())

    def size_json(self) -> dict[str, Any]:
        """What it is of and what memory it takes, as plain JSON."""
        memory = {**self.memory, "total": self.total, "card": self.card.memory}
        return {"parameters": self.parameters, "trained": self.trained, "memory": memory}


@dataclass(frozen=True, slots=True, kw_only=True)
class SftPlan(RunEstimate):
    """What the supervised stage takes.

    Attributes:
        tokens: that are read, over all epochs; None without a corpus.
        steps: optimizer steps; None without a corpus.
        flop: computation of a token [FLOP].
        processes: how many cards share the work.
        speed: tokens a second over all processes.
    """

    tokens: int | None
    steps: int | None
    flop: float
    processes: int
    speed: float

    @property
    def seconds(self) -> float | None:
        """How long it takes [s]; None without a corpus."""
        return None if self.tokens is None else self.tokens / self.speed

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            **self.size_json(),
            "tokens": self.tokens,
            "steps": self.steps,
            "tokens_per_second": round(self.speed, 1),
            "speed_from": self.origin,
            "seconds": self.seconds,
            "card": self.card.name,
            "processes": self.processes,
            "fits": self.fits,
            "would_fit": self.remedies,
        }


def plan(config: TrainConfig, shape: ModelShape, corpus: Corpus, card: Card, processes: int = 1) -> SftPlan:
    """Estimate the supervised stage of a recipe.

    Args:
        config: the recipe.
        shape: of its model.
        corpus: its data.
        card: where it is to run.
        processes: how many such cards share the work and the weights.
    """
    memory = memory_of(config, shape, corpus.learnt, processes)
    enough = fits(memory, card)
    flop = flop_per_token(config) * shape.parameters
    reached, origin = speed(card, shape.parameters)
    tokens, steps = _work(config, corpus)
    return SftPlan(
        parameters=shape.parameters,
        trained=trained_parameters(config, shape),
        memory=memory,
        tokens=tokens,
        steps=steps,
        flop=flop,
        card=card,
        processes=processes,
        speed=processes * reached / flop,
        origin=origin,
        fits=enough,
        remedies=[] if enough else remedies(config, shape, corpus.learnt, card, processes),
    )


def memory_of(config: TrainConfig, shape: ModelShape, learnt: float = LEARNT, processes: int = 1) -> dict[str, int]:
    """Bytes on each device, by what takes them; weights, gradients and moments are spread over the processes."""
    model, row = config.model, config.data.row
    size, trained = BYTES[model.dtype], trained_parameters(config, shape)
    weights = shape.parameters * (4 if model.tuning == "full" else size)
    if model.tuning == "full" and model.dtype != "float32" and processes == 1:
        weights += shape.parameters * size  # the copies that autocast computes with
    if model.tuning == "lora":
        weights += trained * 4
    wide, inner = KEPT[model.dtype, model.tuning]
    layer = row * (wide * shape.hidden + inner * shape.inner)
    stream = row * shape.hidden * (4 if model.tuning == "full" else size)
    activations = layer + shape.layers * stream if model.checkpointing else shape.layers * layer
    return {
        "weights": weights // processes,
        "gradients": trained * 4 // processes,
        "optimizer": trained * 8 // processes,
        "activations": activations,
        "logits": round(row * learnt) * shape.vocabulary * size,
        "overhead": OVERHEAD,
    }


def fits(memory: Mapping[str, int], card: Card) -> bool:
    """Whether that fits into a card, with room for what an allocator cannot use."""
    return sum(memory.values()) <= ROOM * card.memory


def remedies(config: TrainConfig, shape: ModelShape, learnt: float, card: Card, processes: int) -> list[str]:
    """Changes of settings that make it fit: two for as many cards, one for more; what is learnt changes least."""
    more = [n for n in PROCESSES if n > processes]
    alone = itertools.islice(_fitting(config, shape, learnt, card, processes, [processes]), 2)
    return [*alone, *itertools.islice(_fitting(config, shape, learnt, card, processes, more), 1)]


def _fitting(
    config: TrainConfig, shape: ModelShape, learnt: float, card: Card, processes: int, counts: Sequence[int]
) -> Iterator[str]:
    """Each combination of settings that fits, with as few processes as it takes."""
    longest = config.data.max_tokens
    rows = dict.fromkeys([config.data.row, *(n for n in (2 * longest, longest) if n <= config.data.row)])
    for tuning, dtype, row, checkpointing in itertools.product(
        dict.fromkeys((config.model.tuning, "lora")),
        dict.fromkeys((config.model.dtype, "bfloat16")),
        [*rows, longest // 2, longest // 4],
        dict.fromkeys((config.model.checkpointing, True)),
    ):
        data = config.data.model_copy(update={"row_tokens": row, "max_tokens": min(row, longest)})
        model = config.model.model_copy(update={"tuning": tuning, "dtype": dtype, "checkpointing": checkpointing})
        changed = config.model_copy(update={"data": data, "model": model})
        many = next((n for n in counts if fits(memory_of(changed, shape, learnt, n), card)), None)
        if many is not None:
            yield _changes(config, changed, processes, many)


def _changes(config: TrainConfig, changed: TrainConfig, processes: int, many: int) -> str:
    keys = (
        ("model", "tuning"),
        ("model", "dtype"),
        ("model", "checkpointing"),
        ("data", "max_tokens"),
        ("data", "row"),
    )
    said = [one.replace(" row ", " row_tokens ") for one in changes(config, changed, keys)]
    return ", ".join([*said, *([f"{many} processes"] if many != processes else [])])


def changes(config: TrainConfig, changed: TrainConfig, keys: Sequence[tuple[str, str]]) -> list[str]:
    """Settings that differ, as TOML has them, of those named by table and key."""
    pairs = [(table, key, *(getattr(getattr(one, table), key) for one in (config, changed))) for table, key in keys]
    return [f"[{table}] {key} = {_toml(new)}" for table, key, old, new in pairs if old != new]


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)


def trained_parameters(config: TrainConfig, shape: ModelShape) -> int:
    """How many parameters a recipe trains."""
    return shape.adapter if config.model.tuning == "lora" else shape.parameters


def flop_per_token(config: TrainConfig) -> int:
    """FLOP a token and parameter: 2 forward, 2 backward through activations, 2 for the weights' own gradients."""
    return (6 if config.model.tuning == "full" else 4) + (2 if config.model.checkpointing else 0)


def _work(config: TrainConfig, corpus: Corpus) -> tuple[int | None, int | None]:
    if not corpus.lengths:
        return None, None
    kept: Sequence[int] = [length for length in corpus.lengths if length <= config.data.max_tokens]
    tokens = sum(kept) * config.sft.epochs
    steps = math.ceil(tokens / min(config.sft.batch_tokens, max(tokens, 1)))
    if config.sft.steps and config.sft.steps < steps:
        return round(config.sft.steps * config.sft.batch_tokens), config.sft.steps
    return round(tokens), steps


def here(device: str) -> Card:
    """This machine: its free memory, and the speed of the card that it has or is scaled from."""
    where = device_of(device)
    if not where.startswith("cuda"):
        return replace(CARDS["cpu"], name="here", about=f"this machine's {where}", memory=free_memory(where))
    name = str(library("torch").cuda.get_device_name(where))
    words = set(name.upper().replace("-", " ").split())
    known = next((card for key, card in CARDS.items() if {key.upper(), key.upper().split("-")[-1]} & words), None)
    like = known or CARDS["a100"]
    return replace(like, name="here", about=name, memory=free_memory(where))


def check_fits(config: TrainConfig, shape: ModelShape, learnt: float, card: Card, processes: int) -> None:
    """Find out before anything starts whether a run fits, and what would.

    Raises:
        ConfigError: it needs more memory than the card has.
    """
    memory = memory_of(config, shape, learnt, processes)
    if not fits(memory, card):
        fitting = remedies(config, shape, learnt, card, processes)
        raise no_room(memory, card, fitting, "Take a smaller model.", "dataclaw train plan")


def no_room(memory: Mapping[str, int], card: Card, fitting: Sequence[str], otherwise: str, command: str) -> ConfigError:
    """What to raise for a run that needs more memory than the card has.

    Args:
        memory: what it takes, by what takes it [bytes].
        card: the machine.
        fitting: changes of settings with which it would fit.
        otherwise: what to do where there are none.
        command: shows the whole estimate.
    """
    remedy = f"It would fit with: {'; or with: '.join(fitting)}." if fitting else otherwise
    most = max(memory, key=lambda name: memory[name])
    return ConfigError(
        f"the run takes about {sum(memory.values()) / GIB:.1f} GiB ({memory[most] / GIB:.1f} for {most}), and"
        f" {card.memory / GIB:.1f} GiB are there on {card.about}.",
        place="memory",
        remedy=f"{remedy} See: {command}.",
    )
