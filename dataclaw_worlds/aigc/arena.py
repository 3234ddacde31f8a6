"""The world `arena`: scripted players in a 3D game, recorded take after take, with captions and a log of keys.

Writes folder/<scene>.mp4 and captions.json; `truth.json` lists every deed of the player.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.clips import write_clip
from dataclaw.types import Json
from dataclaw.worlds.base import Scene, SceneSpec, World
from dataclaw_worlds.aigc.arena_captions import narrate, write_captions
from dataclaw_worlds.aigc.arena_engine import RATE
from dataclaw_worlds.aigc.arena_experts import chooser, transition, video_segment
from dataclaw_worlds.aigc.arena_film import Reel, join_takes
from dataclaw_worlds.aigc.arena_requests import make_requests
from dataclaw_worlds.aigc.arena_script import Take, play_takes


def make(spec: SceneSpec, folder: Path) -> Scene:
    """Play and record the takes of a spec.

    Raises:
        MissingExtraError: ViZDoom or ffmpeg is not installed.
        StreamError: every take ended too early.
    """
    takes = play_takes(spec)
    if not takes:
        raise StreamError("Every take ended within two seconds.", remedy="Leave this seed out.")
    reel = join_takes(spec, takes)
    name = f"{spec.name}.mp4"
    write_clip(reel.pictures, RATE, folder / name)
    deeds = [_fact(number, at, take, reel) for at, (number, take) in enumerate(_with_takes(reel, takes))]
    lines, scheme = narrate(spec, deeds, reel)
    write_captions(lines, name, folder)
    facts: dict[str, Json] = {
        "deeds": deeds,
        "damage": [
            {"what": d.what, "t0": round(d.first / RATE, 3), "t1": round(d.last / RATE, 3)} for d in reel.damage
        ],
        "told": [
            {
                "event": at,
                "deed": s.deed,
                "wrong": s.wrong,
                "named": s.named,
                "keys": list(s.keys),
                "t0": s.t0,
                "t1": s.t1,
            }
            for at, s in enumerate(lines)
        ],
        "keys": scheme,
        "duration": round(len(reel.pictures) / RATE, 3),
    }
    sources = {
        "map": [take.level for take in takes],
        "object": [take.thing.name for take in takes if take.thing],
        "keys": [scheme] if scheme else [],
    }
    return Scene(spec, folder, name, sources, facts)


def _with_takes(reel: Reel, takes: Sequence[Take]) -> list[tuple[int, Take]]:
    return [(number, takes[number]) for number, _ in reel.deeds]


def _fact(number: int, at: int, take: Take, reel: Reel) -> dict[str, Json]:
    deed = reel.deeds[at][1]
    return {
        "deed": at,
        "take": number,
        "verb": deed.verb,
        "t0": round(deed.first / RATE, 3),
        "t1": round(deed.last / RATE, 3),
        "thing": take.thing.en if take.thing else "",
        "zh": take.thing.zh if take.thing else "",
        "alive": bool(take.thing and take.thing.alive),
        "before": deed.before,
        "after": deed.after,
        "side": deed.side,
        "outcome": deed.outcome,
        "temper": take.temper,
        "clear": _clear(deed.first, deed.last, reel),
    }


def _clear(first: int, last: int, reel: Reel) -> list[float]:
    """The longest undamaged part of a deed, `[t0, t1]` [s]; shaken pictures count as undamaged."""
    spans, start = [(0, 0)], first
    for damage in sorted(reel.damage, key=lambda d: d.first):
        if damage.what == "shaken" or damage.last < first or damage.first > last:
            continue
        spans.append((start, damage.first - 1))
        start = damage.last + 1
    spans.append((start, last))
    a, b = max(spans, key=lambda span: span[1] - span[0])
    return [round(a / RATE, 3), round(max(a, b) / RATE, 3)]


WORLD = World(
    name="arena",
    domain="aigc",
    summary="Scripted players in a 3D game (ViZDoom), recorded take after take, with captions and a log of keys.",
    make=make,
    requests=make_requests,
    experts={"video_generation_segment": video_segment, "world_model_transition": transition},
    chooser=chooser,
    seconds=60.0,
    turn=3,
)
