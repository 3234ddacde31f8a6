"""What a request asks for, as far as plain words say it; a request with a word that is not known is not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .board import VALUES
from .deeds import Deed

_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10}
_N = rf"(\d{{1,3}}|{'|'.join(_NUMBERS)})"
_PIECE = r"(pawn|knight|bishop|rook|queen|king)s?"
_SIDE = r"(white|black)"
_KEY = frozenset({"check", "mate", "castling", "promotion"})
KINDS = (
    "key", "move", "capture", "recapture", "check", "mate", "castling", "promotion", "en passant",
    *(f"{piece} moves" for piece in VALUES), *(f"{piece} taken" for piece in VALUES if piece != "king"),
)  # fmt: skip
"""What may be asked for. "key": check, mate, castling, promotion, or a piece (no pawn) that is taken."""
PARTS = {
    "whole game": (0.0, 1.0), "first third": (0.0, 1 / 3), "last third": (2 / 3, 1.0), "first half": (0.0, 0.5),
    "second half": (0.5, 1.0), "last half": (0.5, 1.0), "first quarter": (0.0, 0.25), "last quarter": (0.75, 1.0),
}  # fmt: skip
"""Parts of a game, as shares of its moves."""
SIDES = ("White", "Black", "both")
UNSAID = "unsaid"
"""What a request does not say in words that are known."""
_SAID = {
    r"recaptur\w+|tak\w+ back": "recapture",
    r"captur\w+|takes?|taken|taking": "capture",
    r"checkmates?|mates?|mating": "mate",
    r"checks?|checking": "check",
    r"castl\w+": "castling",
    r"promot\w+": "promotion",
    r"en passant": "en passant",
    r"(?:all|every|each) (?:the )?moves?": "move",
    r"(?:key|important) (?:moments?|moves?)": "key",
}
_FILLERS = frozenset(
    re.findall(
        r"\S+",
        """
a about after ahead all am and annotate any are as at balance better both by change changes chess comment commentary
could data describe do does each else ends every everything exactly exchange exchanges explain find for from game
game's get gets give given go goes happen happened happening happens has have how i important in interested is it
just key lead list look make material me moment moments move moves my need nothing of on one only out over play
played player please points run samples show side sides stand stands story summarise tell that the their them there
they this through time times to train training walk want was way we were what when where which who whose with you
""",
    )
)
"""Words that ask for nothing by themselves."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request asks for.

    Attributes:
        kinds: which of `KINDS`, any of them; empty where it names none.
        side: whose moves, one of `SIDES`; "" where it names none.
        part: which of `PARTS`; "" where it names none.
        numbers: numbers of the moves that are meant, from and to.
        strange: words that are not known; where there are any, what is not named may be in them.
    """

    kinds: frozenset[str] = frozenset()
    side: str = ""
    part: str = ""
    numbers: tuple[int, int] = (0, 10_000)
    strange: tuple[str, ...] = ()

    @property
    def clear(self) -> bool:
        """Whether every word was understood; then what is not named is not restricted."""
        return not self.strange

    def means(self, deed: Deed, at: int, count: int) -> bool:
        """Whether a move is meant.

        Args:
            deed: the move.
            at: its place among the moves of the game, from 0.
            count: how many moves of both sides there are.
        """
        if not self.is_then(deed, at, count) or self.side not in ("", "both", deed.side):
            return False
        return any(is_of(kind, deed) for kind in self.kinds or {"key"})

    def is_then(self, deed: Deed, at: int, count: int) -> bool:
        """Whether a move lies in the part of the game that is meant; arguments as of `means`."""
        low, high = PARTS[self.part or "whole game"]
        number = int(deed.label.partition(".")[0])
        return self.numbers[0] <= number <= self.numbers[1] and low * count <= at < high * count


def is_of(kind: str, deed: Deed) -> bool:
    """Whether a move is of one of `KINDS`."""
    piece, _, what = kind.partition(" ")
    if what == "moves":
        return deed.piece == piece
    if what == "taken":
        return deed.taken == piece
    if kind == "key":
        return bool(_KEY & set(deed.kinds)) or deed.taken not in ("", "pawn")
    return kind == "move" or kind in deed.kinds or (kind == "check" and "mate" in deed.kinds)


def wish_of(intent: str) -> Wish:
    """What the words of a request ask for."""
    reader = _Reader(" ".join(re.sub(r"[’`]", "'", intent.casefold()).split()))
    kinds, side = set[str](), ""
    for piece, owner in reader.losses():
        kinds.add(f"{piece} taken")
        side = {"white": "Black", "black": "White"}.get(owner, side)
    part, numbers = reader.part(), reader.numbers()
    side = side or reader.side()
    moved = reader.take_all(rf"\b{_PIECE}(?:'s)? moves?\b|\bmoves? (?:of|by|with) (?:the|a) {_PIECE}\b")
    kinds |= {f"{piece} moves" for piece in _named(moved)}
    kinds |= {kind for pattern, kind in _SAID.items() if reader.take(rf"\b(?:{pattern})\b")}
    return Wish(frozenset(kinds), side, part, numbers, reader.rest())


class _Reader:
    """Takes what it knows out of a text; what is left was not understood."""

    def __init__(self, text: str) -> None:
        self.text = text

    def take(self, pattern: str) -> re.Match[str] | None:
        found = re.search(pattern, self.text)
        self.text = re.sub(pattern, " ", self.text)
        return found

    def take_all(self, pattern: str) -> list[tuple[str, ...]]:
        found = [match.groups("") for match in re.finditer(pattern, self.text)]
        self.text = re.sub(pattern, " ", self.text)
        return found

    def losses(self) -> list[tuple[str, str]]:
        """Kinds of pieces that are taken, and whose they are ("" where nothing says so)."""
        gone = r"(?:is|are|was|were|gets?|being) (?:lost|taken|captured)"
        owned = self.take_all(rf"\b{_SIDE}'s {_PIECE} {gone}\b|\b{_SIDE} loses (?:the|a|its|his|her) {_PIECE}\b")
        found = [(parts[1] or parts[3], parts[0] or parts[2]) for parts in owned]
        ways = (rf"(?:a |the )?{_PIECE} {gone}", rf"(?:is|was|are) (?:a|the) {_PIECE} (?:lost|taken|captured)")
        ways += (rf"captures? of (?:a|the) {_PIECE}",)
        return found + [(piece, "") for piece in _named(self.take_all(rf"\b(?:{'|'.join(ways)})\b"))]

    def part(self) -> str:
        names = "|".join(name for name in PARTS if name != "whole game")
        found = self.take(rf"\b(?:{names})\b")
        return found[0] if found else ""

    def numbers(self) -> tuple[int, int]:
        low, high = 0, 10_000
        if found := self.take(rf"\b(?:from|between) moves? {_N} (?:to|and) (?:move )?{_N}\b"):
            low, high = _number(found[1]), _number(found[2])
        if found := self.take(rf"\bfirst {_N} moves\b|\bup to move {_N}\b"):
            high = _number(found[1] or found[2])
        if found := self.take(rf"\b(?:after|from) move {_N}(?: on)?\b"):
            low = _number(found[1]) + found[0].startswith("after")
        if found := self.take(rf"\bbefore move {_N}\b"):
            high = _number(found[1]) - 1
        return low, high

    def side(self) -> str:
        named = set(_named(self.take_all(rf"\b{_SIDE}(?:'s)?\b")))
        return named.pop().capitalize() if len(named) == 1 else "both" if named else ""

    def rest(self) -> tuple[str, ...]:
        words = re.findall(r"[^\W_]+(?:'[a-z]+)?", self.text)
        return tuple(word for word in words if word not in _FILLERS)


def _named(found: Iterable[tuple[str, ...]]) -> list[str]:
    """The one word of each match that is there."""
    return [next(word for word in groups if word) for groups in found]


def _number(said: str) -> int:
    return _NUMBERS.get(said) or int(said)
