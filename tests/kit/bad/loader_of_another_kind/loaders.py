"""Says that it gives one kind of streams, and gives another."""

from pathlib import Path

from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import content_id
from dataclaw.streams.loader import Loader
from dataclaw.types import Event, Stream


def claims(path: Path) -> bool:
    return path.suffix == ".log"


def open_log(path: Path, index: int, sampling: Sampling) -> Stream:
    lines = path.read_text(errors="replace").replace("\x00", "").splitlines()
    rows = [line.partition(" ") for line in lines]
    times = [float(time) if time[:1].isdigit() and len(time) < 4 else 9.0 for time, _, _ in rows]
    events = tuple(Event(k, "sale", t, t, text=rows[k][2]) for k, t in enumerate(times))
    return Stream(content_id([path]), "shop_lag", path.name, str(path), "shop_log", 10.0, events=events)


LOADER = Loader("shop_log", "shop_log", claims, open_log)
