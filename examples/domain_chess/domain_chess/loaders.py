"""Files of Portable Game Notation as streams: a game is a stream, a move is an event, what people wrote is no evidence.

With clocks (`[%clk 0:04:58]`) the time is what both players have used; an event begins when its player begins to
think. Without them, times count the moves of both sides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from dataclaw.errors import StreamError
from dataclaw.streams.files import bytes_of, decode_text, head_of
from dataclaw.streams.grid import Sampling
from dataclaw.streams.identity import derived_id
from dataclaw.streams.loader import Loader, count_of
from dataclaw.types import Event, Json, Stream

from .board import START, IllegalMoveError, Position, name_of, position_of
from .pgn import Game, PgnError, read_game, split_games

MAX_BYTES = 32 * 2**20
SHOWN = ("White", "Black", "Event", "Site", "Date", "WhiteElo", "BlackElo", "TimeControl")
"""Tags that say what was played, by whom and where; how it ended is not among them."""
_BEGINS = re.compile(rb'\s*(\[\w+\s+"|1\.\s*[a-hNO])')


def claims(path: Path) -> bool:
    """Whether it is named .pgn and begins with a tag or a first move."""
    return bool(_BEGINS.match(head_of(path, 4096, ".pgn").removeprefix(b"\xef\xbb\xbf")))


def texts_in(path: Path) -> list[str]:
    """The texts of a file's games.

    Raises:
        StreamError: it cannot be read, or holds too many.
    """
    try:
        return split_games(decode_text(bytes_of(path, MAX_BYTES))[0])
    except PgnError as error:
        raise StreamError(f"{error}.", place=path, remedy="Cut it into smaller files.") from None


def open_game(path: Path, index: int, sampling: Sampling) -> Stream:
    """The game of that number in a file.

    Raises:
        StreamError: there is none, it is no game, or a move of it is not legal; the message names the move.
    """
    del sampling  # there are no pictures
    texts = texts_in(path)
    if not 0 <= index < len(texts):
        raise StreamError(f"has no game of number {index}.", place=path, remedy=f"It holds {len(texts)}.")
    try:
        game = read_game(texts[index])
        begun = start_of(game)
        spans, problems = spans_of(game)
        events = tuple(events_of(game, begun, spans))
    except (PgnError, IllegalMoveError) as error:
        place = f"{path}#{index}" if len(texts) > 1 else str(path)
        raise StreamError(f"is no game of chess: {error}.", place=place, remedy="Correct the game.") from None
    meta: dict[str, Json] = {tag: game.tags[tag] for tag in SHOWN if game.tags.get(tag, "?").strip("?. ")}
    meta["title"] = f"{game.tags.get('White', '?')} – {game.tags.get('Black', '?')}"
    said = {str(ply): one.comment for ply, one in enumerate(game.plies, 1) if one.comment}
    return Stream(
        id=derived_id("pgn", texts[index].strip()),
        kind="chess",
        name=path.name if len(texts) == 1 else f"{path.name}#{index}",
        path=str(path),
        format="pgn",
        duration=spans[-1][1] if spans[-1][1] > 0 and _has_clock(game) else float(len(events)),
        clock="seconds" if _has_clock(game) else "index",
        events=events,
        meta=meta,
        annotations={"result": game.result, "comments": said},
        problems=tuple(problems),
    )


def start_of(game: Game) -> Position:
    """The position that a game begins in.

    Raises:
        IllegalMoveError: its tag FEN is no position.
        PgnError: it is a game by other rules.
    """
    if game.tags.get("Variant", "Standard").casefold() not in ("standard", "chess", "from position"):
        raise PgnError(f"it is played by the rules of {game.tags['Variant'][:40]}")
    return position_of(game.tags.get("FEN", START))


def events_of(game: Game, position: Position, spans: Sequence[tuple[float, float]]) -> list[Event]:
    """The moves of a game as events.

    Raises:
        IllegalMoveError: a move is not legal; the message names it.
    """
    found: list[Event] = []
    number, taken = 1, ""
    for ply, (one, (t0, t1)) in enumerate(zip(game.plies, spans, strict=True), 1):
        label = f"{number}. " if position.white else f"{number}... "
        try:
            move = position.read(one.san)
        except IllegalMoveError as error:
            raise IllegalMoveError(f"move {label}{error}") from None
        san = position.write(move)
        attrs: dict[str, Json] = {"san": san, "ply": ply, "before": position.fen(), "answers": taken}
        attrs |= {} if one.clock is None else {"clock": one.clock}
        role = "White" if position.white else "Black"
        found.append(Event(ply - 1, "move", t0, t1, text=f"{label}{san}", role=role, attrs=attrs))
        number, taken = number + (not position.white), name_of(move.end) if "x" in san else ""
        position = position.after(move)
    return found


def spans_of(game: Game) -> tuple[list[tuple[float, float]], list[str]]:
    """From when to when each player thought [s], or the number of the move; and what is wrong with the clocks."""
    known = [one.clock for one in game.plies if one.clock is not None]
    if not _has_clock(game):
        lost = f"{len(game.plies) - len(known)} of {len(game.plies)} moves have no clock; times count moves."
        return [(float(at), float(at)) for at in range(len(game.plies))], [lost] if known else []
    begun, gain = _time_control(game)
    problems: list[str] = []
    used: list[float] = []
    for at, one in enumerate(game.plies):
        left, now = (game.plies[at - 2].clock if at > 1 else begun), one.clock or 0.0
        used.append(max(0.0, (now if left is None else left) + gain - now) if at > 1 or left is not None else 0.0)
        if left is not None and now > left + gain + 1:
            problems.append(f"The clock of ply {at + 1} goes up by {now - left:.0f} s.")
    ends = [round(end, 3) for end in accumulate(used)]
    return list(zip([0.0, *ends], ends, strict=False)), problems[:5]


def _has_clock(game: Game) -> bool:
    return all(ply.clock is not None for ply in game.plies)


def _time_control(game: Game) -> tuple[float | None, float]:
    """Time at the start, None where nothing says so, and gain with each move [s]."""
    parts = re.fullmatch(r"(\d{1,5})(?:\+(\d{1,4}))?", game.tags.get("TimeControl", ""))
    return (float(parts[1]), float(parts[2] or 0)) if parts else (None, 0.0)


PGN = Loader("pgn", "chess", claims, open_game, count_of(texts_in))
