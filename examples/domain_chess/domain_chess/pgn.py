"""Portable Game Notation as text: where games begin, their tags, their moves, and what people wrote between them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_GAMES, MAX_PLIES = 20_000, 1_200
RESULTS = frozenset({"1-0", "0-1", "1/2-1/2", "*"})
_TAG = re.compile(r'\[(\w{1,60})\s+"((?:[^"\\]|\\.){0,500})"\s*\]')
_TOKEN = re.compile(r"\{([^}]*)\}|;([^\n]*)|(\()|(\))|\$(\d{1,3})|([^\s(){};$]+)")
_NUMBER = re.compile(r"\d{1,4}\.+|\.+")
_CLOCK = re.compile(r"\[%clk\s+(\d{1,3}):(\d{1,2}):(\d{1,2}(?:\.\d{1,3})?)\]")
_COMMAND = re.compile(r"\[%[^\]]*\]")


class PgnError(ValueError):
    """Text that is no game."""


@dataclass(slots=True)
class Ply:
    """One side's move as it is written.

    Attributes:
        san: the move in algebraic notation, without "!" and "?".
        clock: what the player has left after it [s], None where nothing says so.
        comment: what people wrote about it, their glyphs ("$1", "!?") included.
    """

    san: str
    clock: float | None = None
    comment: str = ""


@dataclass(slots=True)
class Game:
    """A game as it is written; nothing says yet that its moves are legal.

    Attributes:
        tags: its headers ("White", "Date", ...).
        plies: the moves of both sides, in turn.
        result: "1-0", "0-1", "1/2-1/2" or "*".
    """

    tags: dict[str, str] = field(default_factory=dict)
    plies: list[Ply] = field(default_factory=list)
    result: str = "*"


def split_games(text: str) -> list[str]:
    """The texts of the games of a file: each begins with the first tag that follows moves.

    Raises:
        PgnError: there are more than 20,000.
    """
    games: list[list[str]] = [[]]
    inside = moves = False
    for line in text.splitlines():
        tag = not inside and _TAG.match(line.strip())
        if tag and moves:
            games.append([])
            if len(games) > MAX_GAMES:
                raise PgnError(f"holds more than {MAX_GAMES:,} games")
        games[-1].append(line)
        moves = not tag and (moves or inside or bool(line.strip()))
        inside = _is_open(line, inside=inside)
    return ["\n".join(lines) for lines in games if any(line.strip() for line in lines)]


def _is_open(line: str, *, inside: bool) -> bool:
    """Whether a comment in braces goes on in the next line."""
    for mark in re.findall(r"[{};]", line):
        if mark == ";" and not inside:
            return False
        inside = mark == "{" if mark != ";" else inside
    return inside


def read_game(text: str) -> Game:
    """The main line of a game's text; variations are passed over.

    Raises:
        PgnError: it has no moves, too many, or a variation that does not end.
    """
    game = Game()
    lines = text.splitlines()
    while lines and (not lines[0].strip() or _TAG.match(lines[0].strip())):
        game.tags |= dict(_TAG.findall(lines.pop(0)))
    depth = 0
    for braces, rest, opens, closes, glyph, word in _TOKEN.findall("\n".join(lines)):
        depth += bool(opens) - bool(closes)
        if depth < 0:
            raise PgnError("closes a variation that it does not open")
        if not depth and not closes:
            _take(game, braces or rest, glyph, word)
    if depth or not game.plies:
        raise PgnError("has a variation that does not end" if depth else "has no moves")
    return game


def _take(game: Game, comment: str, glyph: str, word: str) -> None:
    if comment or glyph:
        if game.plies:
            _annotate(game.plies[-1], comment or f"${glyph}")
        return
    if word in RESULTS:
        game.result = word
        return
    bare = _NUMBER.sub("", word, count=1) if word[:1].isdigit() and not word.startswith("0-") else word.lstrip(".")
    if bare and not bare.isdigit():
        san = bare.rstrip("!?")
        game.plies.append(Ply(san))
        if len(game.plies) > MAX_PLIES:
            raise PgnError(f"has more than {MAX_PLIES:,} moves")
        if san != bare:
            _annotate(game.plies[-1], bare[len(san) :])


def _annotate(ply: Ply, said: str) -> None:
    if clock := _CLOCK.search(said):
        hours, minutes, seconds = clock.groups()
        ply.clock = 3600.0 * int(hours) + 60.0 * int(minutes) + float(seconds)
    ply.comment = " ".join(f"{ply.comment} {_COMMAND.sub(' ', said)}".split())
