"""What training was measured to reach on known machines; other sizes and cards are scaled from these figures."""

from __future__ import annotations

import math
from dataclasses import dataclass

GB = 10**9


@dataclass(frozen=True, slots=True)
class SpeedPoint:
    """One measurement of training.

    Attributes:
        what: what was run, for people.
        parameters: of the model.
        flop: computation that it reached [FLOP/s], with 6 per token and parameter for all weights, 4 for an adapter,
            2 for reading.
    """

    what: str
    parameters: float
    flop: float


@dataclass(frozen=True, slots=True)
class Card:
    """A machine to train on.

    Attributes:
        name: how it is asked for.
        about: for people.
        memory: that it has [bytes].
        peak: dense bfloat16 peak by its maker [FLOP/s]; 0: unknown.
        measured: by size of the model; empty: scaled from the H100 by the peaks.
    """

    name: str
    about: str
    memory: int
    peak: float
    points: tuple[SpeedPoint, ...] = ()


_H100 = (
    SpeedPoint("SmolLM2-135M, all weights, bf16, 16 x 2,048 tokens: 150,000 tok/s", 134.5e6, 150_000 * 6 * 134.5e6),
    SpeedPoint("Qwen3.5-9B, LoRA, bf16, 2 x 4,096 tokens: 1,900 tok/s", 9.41e9, 1_900 * 4 * 9.41e9),
)
_CPU = (SpeedPoint("SmolLM2-135M read in fp32 by 2 cores with AVX2: 410 tok/s", 134.5e6, 410 * 2 * 134.5e6),)

CARDS = {
    card.name: card
    for card in (
        Card("h100", "NVIDIA H100 80 GB", 80 * GB, 989e12, _H100),
        Card("h200", "NVIDIA H200 141 GB", 141 * GB, 989e12),
        Card("a100", "NVIDIA A100 80 GB", 80 * GB, 312e12),
        Card("a100-40", "NVIDIA A100 40 GB", 40 * GB, 312e12),
        Card("rtx-4090", "NVIDIA RTX 4090 24 GB", 24 * GB, 165e12),
        Card("cpu", "2 cores with AVX2, 24 GB", 24 * GB, 0.0, _CPU),
    )
}


def speed(card: Card, parameters: float) -> tuple[float, str]:
    """Computation that a card reaches on a model [FLOP/s], and where that figure is from."""
    points, ratio, origin = card.points, 1.0, "scaled to this model from what was measured on this machine"
    if not points:
        points, ratio = _H100, card.peak / CARDS["h100"].peak
        origin = "not measured: scaled from the H100 by the makers' peaks"
    for point in points:
        if not origin.startswith("not") and math.isclose(point.parameters, parameters, rel_tol=0.02):
            return point.flop, f"by computation, from what was measured of this model here ({point.what})"
    return ratio * _between(points, parameters), origin


def _between(points: tuple[SpeedPoint, ...], parameters: float) -> float:
    """Linear in the logarithm of the size; beyond the points as the nearest one."""
    small, large = points[0], points[-1]
    if parameters <= small.parameters or small is large:
        return small.flop
    if parameters >= large.parameters:
        return large.flop
    share = math.log(parameters / small.parameters) / math.log(large.parameters / small.parameters)
    return small.flop + share * (large.flop - small.flop)
