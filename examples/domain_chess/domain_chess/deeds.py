"""What a move did, from the position before it: seen by the tool, said by the plan, and seen again by the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from dataclaw.planning import join_words
from dataclaw.types import Event

from .board import NAMES, VALUES, name_of, position_of

DEEDS = ("capture", "recapture", "check", "mate", "stalemate", "castling", "promotion", "en passant")
"""What a move may be, beside a plain move."""


@dataclass(frozen=True, slots=True)
class Deed:
    """A move and what it did.

    Attributes:
        label: the move as it is written, "7... Nf6".
        side: "White" or "Black".
        piece: what moved ("knight").
        start: the square that it left.
        end: the square that it went to.
        taken: the piece that it took, or "".
        promotion: what a pawn became, or "".
        kinds: which of `DEEDS` it is, in their order.
        balance: White's material less Black's afterwards [pawns].
    """

    label: str
    side: str
    piece: str
    start: str
    end: str
    taken: str = ""
    promotion: str = ""
    kinds: tuple[str, ...] = field(default=())
    balance: int = 0

    @property
    def other(self) -> str:
        """The other side."""
        return "Black" if self.side == "White" else "White"

    def sentence(self) -> str:
        """What the move did, in one sentence."""
        if "castling" in self.kinds:
            said = f"{self.side} castles {'kingside' if self.end[0] == 'g' else 'queenside'}"
        elif "recapture" in self.kinds:
            said = f"{self.side}'s {self.piece} takes back on {self.end} (a {self.taken})"
        elif self.taken:
            said = f"{self.side}'s {self.piece} takes the {self.taken} on {self.end}"
        else:
            said = f"{self.side}'s {self.piece} goes from {self.start} to {self.end}"
        said += " in passing" if "en passant" in self.kinds else ""
        said += f" and becomes a {self.promotion}" if self.promotion else ""
        if "mate" in self.kinds:
            return f"{said}: {self.other} is mated."
        ends = " and gives check" if "check" in self.kinds else " and is stalemate" if "stalemate" in self.kinds else ""
        return f"{said}{ends}."


def told_balance(balance: int) -> str:
    """Who is ahead in material, by how many pawns, as a clause."""
    if not balance:
        return "Material is even"
    points = abs(balance)
    return f"{'White' if balance > 0 else 'Black'} is {points} {'point' if points == 1 else 'points'} of material ahead"


def deed_of(event: Event) -> Deed:
    """What a move of a stream did.

    Raises:
        IllegalMoveError: the event is no legal move of its position.
    """
    attrs = event.attrs
    return deed_at(event.text, str(attrs["before"]), str(attrs["san"]), str(attrs.get("answers", "")))


@lru_cache(maxsize=8192)
def deed_at(label: str, before: str, san: str, answers: str) -> Deed:
    position = position_of(before)
    move = position.read(san)
    after = position.after(move)
    piece, taken = NAMES[position.board[move.start].lower()], position.board[move.end].lower()
    passing = piece == "pawn" and move.end == position.passed
    kinds = set[str]()
    if taken != "." or passing:
        kinds |= {"capture"} | ({"recapture"} if name_of(move.end) == answers else set())
    kinds |= {"en passant"} if passing else set()
    kinds |= {"castling"} if piece == "king" and abs(move.end - move.start) == 2 else set()
    kinds |= {"promotion"} if move.promotion else set()
    checked, stuck = after.in_check(), not after.can_move()
    kinds |= {"mate"} if checked and stuck else {"check"} if checked else {"stalemate"} if stuck else set()
    return Deed(
        label=label,
        side="White" if position.white else "Black",
        piece=piece,
        start=name_of(move.start),
        end=name_of(move.end),
        taken="pawn" if passing else NAMES.get(taken, ""),
        promotion=NAMES.get(move.promotion, ""),
        kinds=tuple(kind for kind in DEEDS if kind in kinds),
        balance=balance_of(after.board),
    )


def balance_of(board: str) -> int:
    """White's material less Black's on a board [pawns]."""
    return sum((1 if cell.isupper() else -1) * VALUES[NAMES[cell.lower()]] for cell in board if cell != ".")


def exchanges_in(deeds: Mapping[str, Deed]) -> list[list[str]]:
    """Runs of moves in a row that took or promoted, as ids; each is over where a move does neither.

    Args:
        deeds: all moves of a stretch of a game, in order, by id.
    """
    found: list[list[str]] = []
    going = False
    for name, deed in deeds.items():
        changes = bool(deed.taken or deed.promotion)
        if changes and going:
            found[-1].append(name)
        elif changes:
            found.append([name])
        going = changes
    return found


def exchange_sentence(deeds: Sequence[Deed]) -> str:
    """What each side won in an exchange, and who is ahead when it is over."""
    won = {
        side: Counter(deed.taken for deed in deeds if deed.side == side and deed.taken) for side in ("White", "Black")
    }
    told = [f"{side} took {_list(taken)}" for side, taken in won.items() if taken]
    told += [f"{deed.side} got a {deed.promotion}" for deed in deeds if deed.promotion]
    return f"{join_words(told)}. {told_balance(deeds[-1].balance)}."


def summary_sentence(deeds: Sequence[Deed], last: Deed) -> str:
    """Who is ahead after the last of some exchanges, when the lead was greatest, how often it changed; and who mates.

    Args:
        deeds: the last moves of the exchanges, at least one, in order.
        last: the last move of the game.
    """
    end, top = deeds[-1], max(deeds, key=lambda deed: abs(deed.balance))
    said = [f"{told_balance(end.balance)} after {end.label}."]
    if abs(top.balance) > abs(end.balance):
        said.append(f"The greatest lead was that after {top.label}: {told_balance(top.balance)}.")
    leads = [deed.balance > 0 for deed in deeds if deed.balance]
    swings = sum(one != two for one, two in pairwise(leads))
    often = {1: "once", 2: "twice"}.get(swings, f"{swings} times")
    if swings:
        said.append(f"The lead passes to the other side {often}.")
    else:
        said.append("The lead stays with one side." if leads else "Neither side takes the lead.")
    if "mate" in last.kinds:
        said.append(f"{last.side} mates with {last.label}.")
    return " ".join(said)


def _list(taken: Mapping[str, int]) -> str:
    order = sorted(taken, key=lambda piece: -VALUES[piece])
    return join_words([f"a {piece}" if taken[piece] == 1 else f"{taken[piece]} {piece}s" for piece in order])
