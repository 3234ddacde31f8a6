"""Two players who know the rules and count wood: enough for games in which pieces are won, lost and mated."""

from __future__ import annotations

import random

from .board import NAMES, START, VALUES, Move, Position, position_of

SLOWEST = 0.25
"""Most of the time that is left that a player spends on one move."""


def play_game(rng: random.Random, strengths: tuple[float, float], longest: int) -> list[tuple[Position, Move]]:
    """A game, as positions and the moves made in them; it ends by mate, stalemate or after `longest` moves of a side.

    Args:
        rng: where chance comes from.
        strengths: of White and Black, 0 (any move) to 1 (the best that it sees).
        longest: most moves of each side.
    """
    position, game = position_of(START), list[tuple[Position, Move]]()
    while len(game) < 2 * longest:
        moves = list(position.moves())
        if not moves:
            break
        move = choose_move(rng, position, moves, strengths[not position.white])
        game.append((position, move))
        position = position.after(move)
    return game


def choose_move(rng: random.Random, position: Position, moves: list[Move], strength: float) -> Move:
    """The move of a player who looks one move ahead, or any move where the player does not look."""
    if rng.random() >= strength:
        return rng.choice(moves)
    return max(moves, key=lambda move: worth_of(position, move) + rng.random())


def worth_of(position: Position, move: Move) -> float:
    """What a move promises [pawns]: what it takes, less what may be taken back; mate is worth most."""
    after = position.after(move)
    taken, piece = position.board[move.end], move.promotion or position.board[move.start].lower()
    worth = _value(taken) + 0.4 * (taken != ".") + (_value(move.promotion) - 1 if move.promotion else 0)
    if after.attacks(move.end):
        worth -= _value(piece)
    if after.in_check():
        worth += 100.0 if not after.can_move() else 0.6
    if piece == "k":
        worth += 1.5 if abs(move.end - move.start) == 2 else -0.7
    ahead = (move.end // 8 - move.start // 8) * (1 if position.white else -1)
    worth += (0.12 if piece == "p" else 0.08) * ahead
    return worth + 0.1 * (move.end % 8 in (2, 3, 4, 5)) + 0.15 * (piece in "nb" and move.start // 8 in (0, 7))


def _value(letter: str) -> int:
    return VALUES[NAMES[letter.lower()]] if letter.strip(".") else 0


def think(rng: random.Random, left: float, difficult: bool) -> float:
    """How long a player thinks about a move [s], out of the time that is left."""
    usual = rng.lognormvariate(1.4, 0.8) * (2.5 if difficult else 1.0)
    return round(min(usual, SLOWEST * left), 1)
