"""Writes `domain_chess/fixtures.jsonl`: games of `games/` with right answers and wrong ones. Run it to redo it.

The moves come from the games. What is said of them was written by hand, so that the fixtures check the code.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from domain_chess.loaders import PGN

from dataclaw.streams.grid import Sampling

HERE = Path(__file__).parent
OUT = HERE / "domain_chess" / "fixtures.jsonl"
Row = tuple[int, str, Sequence[str], str, int]
"""Ply from 1, the move, its kinds, its sentence, and White's material less Black's after it."""

LEGAL: list[Row] = [
    (10, "5... Bxd1", ["capture"], "Black's bishop takes the queen on d1.", -8),
    (11, "6. Bxf7+", ["capture", "check"],
     "White's bishop takes the pawn on f7 and gives check.", -7),
    (13, "7. Nd5#", ["mate"],
     "White's knight goes from c3 to d5: Black is mated.", -7),
]  # fmt: skip
RETI: list[Row] = [
    (12, "6... Qa5+", ["check"], "Black's queen goes from d8 to a5 and gives check.", 1),
    (17, "9. Qd8+", ["check"], "White's queen goes from d3 to d8 and gives check.", -3),
    (19, "10. Bg5+", ["check"], "White's bishop goes from d2 to g5 and gives check.", -12),
    (21, "11. Bd8#", ["mate"], "White's bishop goes from g5 to d8: Black is mated.", -12),
]  # fmt: skip
OPERA: list[Row] = [
    (8, "4... Bxf3", ["capture"], "Black's bishop takes the knight on f3.", -2),
    (10, "5... dxe5", ["capture"], "Black's pawn takes the pawn on e5.", 0),
    (20, "10... cxb5", ["capture", "recapture"],
     "Black's pawn takes back on b5 (a knight).", -2),
    (26, "13... Rxd7", ["capture", "recapture"],
     "Black's rook takes back on d7 (a rook).", -3),
    (30, "15... Nxd7", ["capture", "recapture"],
     "Black's knight takes back on d7 (a bishop).", -1),
    (32, "16... Nxb8", ["capture"], "Black's knight takes the queen on b8.", -10),
]  # fmt: skip
Stage = tuple[Sequence[int], str, str, int]
"""Plies of the exchange, the move that ends it, what was taken, and the balance after it."""
LEGAL_STAGES: list[Stage] = [
    ((9, 10, 11), "6. Bxf7+", "White took 2 pawns and Black took a queen. Black is 7 points of material ahead.", -7),
]
LEGAL_STORY = (
    "Black is 7 points of material ahead after 6. Bxf7+. The lead stays with one side. White mates with 7. Nd5#."
)
RETI_STAGES: list[Stage] = [
    ((6, 7), "4. Nxe4", "White took a pawn and Black took a pawn. Material is even.", 0),
    ((11,), "6. dxe5", "White took a pawn. White is 1 point of material ahead.", 1),
    ((14,), "7... Qxe5", "Black took a pawn. Material is even.", 0),
    ((16,), "8... Nxe4", "Black took a knight. Black is 3 points of material ahead.", -3),
    ((18,), "9... Kxd8", "Black took a queen. Black is 12 points of material ahead.", -12),
]
RETI_STORY = (
    "Black is 12 points of material ahead after 9... Kxd8. The lead passes to the other side once."
    " White mates with 11. Bd8#."
)


def moments(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "moments": [
            {"cite": [f"e{ply - 1}"], "ply": ply, "time": ply - 1, "move": move, "does": list(does), "what": what,
             "balance": balance}
            for ply, move, does, what, balance in rows
        ]
    }  # fmt: skip


def stages(rows: Sequence[Stage], story: str, mate: int) -> dict[str, Any]:
    told = [
        {"cite": [f"e{ply - 1}" for ply in plies], "move": move, "what": what, "balance": balance}
        for plies, move, what, balance in rows
    ]
    return {"stages": told, "answer": {"cite": [*(one["cite"][-1] for one in told), f"e{mate - 1}"], "text": story}}


def changed(draft: dict[str, Any], place: str, value: object) -> dict[str, Any]:
    """The draft with another value at a place ("moments/0/what")."""
    other = deepcopy(draft)
    *outer, last = [int(part) if part.isdigit() else part for part in place.split("/")]
    inner: Any = other
    for part in outer:
        inner = inner[part]
    inner[last] = value
    return other


def stream(game: str) -> dict[str, Any]:
    """A game of `games/` as a stream in words."""
    found = PGN.open(HERE / "games" / f"{game}.pgn", 0, Sampling())
    events = [
        {"kind": e.kind, "t0": e.t0, "t1": e.t1, "text": e.text, "role": e.role, "attrs": dict(e.attrs)}
        for e in found.events
    ]
    said = {"kind": found.kind, "name": game, "duration": found.duration, "clock": found.clock, "format": "pgn"}
    return {**said, "events": events, "meta": dict(found.meta)}


def fixture(task: str, game: str, intent: str, gold: dict[str, Any], wrong: dict[str, Any]) -> dict[str, Any]:
    rows = [{"why": why, "draft": draft} for why, draft in wrong.items()]
    look = [{"tool": "replay_game"}]
    return {"task": task, "intent": intent, "stream": stream(game), "look": look, "gold": gold, "wrong": rows}


def fixtures() -> list[dict[str, Any]]:
    legal, reti, opera = moments(LEGAL), moments(RETI), moments(OPERA)
    short, whole = stages(LEGAL_STAGES, LEGAL_STORY, 13), stages(RETI_STAGES, RETI_STORY, 21)
    quiet = {"cite": ["e3"], "ply": 4, "time": 3, "move": "2... d6", "does": [],
             "what": "Black's pawn goes from d7 to d6.", "balance": 0}  # fmt: skip
    late, mated = "comment on the captures and checks in the last third of the game", RETI[3][3]
    knight = RETI_STAGES[2][2].replace("a pawn", "a knight")
    return [
        fixture("key_moments", "legal_mate", late, legal, {
            "the mate is missing": {"moments": legal["moments"][:2]},
            "another piece is taken": changed(legal, "moments/0/what", LEGAL[0][3].replace("queen", "rook")),
            "the wrong side is ahead": changed(legal, "moments/1/balance", 7),
        }),
        fixture("key_moments", "reti_tartakower_1910", "every check of the game", reti, {
            "a plain move is told, too": {"moments": [quiet, *reti["moments"]]},
            "mate is called a check": changed(reti, "moments/3/does", ["check"]),
            "the other side is mated": changed(reti, "moments/3/what", mated.replace("Black is m", "White is m")),
        }),
        fixture("key_moments", "opera_1858", "all captures by Black", opera, {
            "a capture is missing": {"moments": opera["moments"][1:]},
            "the time is another move's": changed(opera, "moments/2/time", 20),
            "the number of the ply is wrong": changed(opera, "moments/2/ply", 19),
        }),
        fixture("who_stands_better", "legal_mate", "who stands better after each exchange", short, {
            "the other side is ahead": changed(short, "stages/0/balance", 7),
        }),
        fixture("who_stands_better", "reti_tartakower_1910", "how does the material balance change", whole, {
            "an exchange is missing": stages(RETI_STAGES[1:], RETI_STORY, 21),
            "the story tells of another lead": changed(whole, "answer/text", RETI_STORY.replace("12 po", "2 po")),
            "a pawn is called a knight": changed(whole, "stages/2/what", knight),
        }),
    ]  # fmt: skip


if __name__ == "__main__":
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in fixtures()]
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
