"""What a request asks for, as far as plain words say it; a request with a word that is not known is not understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .deeds import Deed

_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10}
_N = rf"(\d{{1,3}}|{'|'.join(_NUMBERS)})"
_PIECE = r"(pawn|knight|bishop|rook|queen)s?"
_SIDE = r"(white|black)"
KEY = frozenset({"check", "mate", "castling", "promotion"})
"""What "key moments" are: checks, mate, castling, promotions, and captures of a piece (not a pawn)."""
_KINDS = {
    r"recaptur\w+|tak\w+ back": "recapture",
    r"captur\w+|takes?|taken|taking": "capture",
    r"checkmates?|mates?|mating": "mate",
    r"checks?|checking": "check",
    r"castl\w+": "castling",
    r"promot\w+": "promotion",
    r"en passant": "en passant",
}
_FILLERS = frozenset(
    "a about ahead after all and annotate any are as at balance become becomes by change changes chess comment commentary do does each "
    "ends every everything exchange exchanges find for from game get gets give given go goes happen happened happens has "
    "have how i in is it just key lead list make material me moment moments moves move of on only over piece pieces play "
    "played player please run samples show side sides stand stands story summarise tell that the their them there they "
    "this through time times to was way were what when where which who whose with better points important data training "
    "both game's exactly happening one out".split()
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request asks for.

    Attributes:
        kinds: which kinds of moves, any of them; empty for key moments.
        side: whose moves, "" for both.
        lost: kinds of pieces that are taken, of which side; "" for either side. Empty where nothing is said.
        moved: kinds of pieces that move, empty for any.
        span: share of the game that is meant, from and to.
        numbers: numbers of the moves that are meant, from and to.
        clear: whether every word was understood; what is not clear is a guess.
    """

    kinds: frozenset[str] = frozenset()
    side: str = ""
    lost: frozenset[tuple[str, str]] = frozenset()
    moved: frozenset[str] = frozenset()
    span: tuple[float, float] = (0.0, 1.0)
    numbers: tuple[int, int] = (0, 10_000)
    clear: bool = True

    def refusal(self, deed: Deed, at: int, count: int) -> str:
        """Why a move is not meant, "" where it is.

        Args:
            deed: the move.
            at: its place among the moves of the game, from 0.
            count: how many moves of both sides there are.
        """
        if not self.is_then(deed, at, count):
            return "other_time"
        if self.side and deed.side != self.side:
            return "other_side"
        return "" if self._fits(deed) else "not_asked"

    def is_then(self, deed: Deed, at: int, count: int) -> bool:
        """Whether a move lies in the part of the game that is meant; arguments as of `refusal`."""
        number = int(deed.label.partition(".")[0])
        return self.numbers[0] <= number <= self.numbers[1] and self.span[0] * count <= at < self.span[1] * count

    def _fits(self, deed: Deed) -> bool:
        if self.lost:
            return any(deed.taken == piece and owner in ("", deed.other) for piece, owner in self.lost)
        if self.moved and deed.piece not in self.moved:
            return False
        if "move" in self.kinds or (self.moved and not self.kinds):
            return True
        if self.kinds:
            return bool(self.kinds & set(deed.kinds)) or ("check" in self.kinds and "mate" in deed.kinds)
        return bool(KEY & set(deed.kinds)) or deed.taken not in ("", "pawn")


def wish_of(intent: str) -> Wish:
    """What the words of a request ask for."""
    reader = _Reader(" ".join(re.sub(r"[’`]", "'", intent.casefold()).split()))
    lost = frozenset(reader.losses())
    span, numbers = reader.span(), reader.numbers()
    side = reader.side() if not lost else ""
    kinds = frozenset(kind for pattern, kind in _KINDS.items() if reader.take(rf"\b(?:{pattern})\b"))
    moved = frozenset(
        parts[0] or parts[1]
        for parts in reader.take_all(rf"\b{_PIECE}(?:'s)? moves?\b|\bmoves? (?:of|by|with) the {_PIECE}\b")
    )
    kinds |= {"move"} if reader.take(r"\b(?:all|every|each) (?:the )?moves?\b") else set()
    kinds -= {"capture"} if lost else set()
    return Wish(kinds, side, lost, moved, span, numbers, clear=reader.is_done())


class _Reader:
    """Takes what it knows out of a text; what is left was not understood."""

    def __init__(self, text: str) -> None:
        self.text = text

    def take(self, pattern: str) -> re.Match[str] | None:
        found = re.search(pattern, self.text)
        self.text = re.sub(pattern, " ", self.text)
        return found

    def take_all(self, pattern: str) -> list[tuple[str, ...]]:
        found = [match.groups() for match in re.finditer(pattern, self.text)]
        self.text = re.sub(pattern, " ", self.text)
        return found

    def losses(self) -> list[tuple[str, str]]:
        gone = r"(?:is|are|was|were|gets?|being) (?:lost|taken|captured)"
        owned = self.take_all(rf"\b{_SIDE}'s {_PIECE} {gone}\b|\b{_SIDE} loses (?:the|a|its|his|her) {_PIECE}\b")
        found = [(p[1] or p[3], (p[0] or p[2]).capitalize()) for p in owned]
        either = self.take_all(
            rf"\b(?:a|the) {_PIECE} {gone}\b|\b{_PIECE}s? {gone}\b|\bcaptures? of (?:a|the) {_PIECE}\b"
        )
        return found + [(p[0] or p[1] or p[2], "") for p in either]

    def span(self) -> tuple[float, float]:
        shares = {"third": 1 / 3, "half": 1 / 2, "quarter": 1 / 4}
        found = self.take(r"\b(first|last|second) (third|half|quarter)\b")
        if not found or (found[1] == "second" and found[2] != "half"):
            self.text += " second" * bool(found)
            return 0.0, 1.0
        share = shares[found[2]]
        return (0.0, share) if found[1] == "first" else (1.0 - share, 1.0)

    def numbers(self) -> tuple[int, int]:
        low, high = 0, 10_000
        if found := self.take(rf"\b(?:from|between) moves? {_N} (?:to|and) (?:move )?{_N}\b"):
            low, high = _number(found[1]), _number(found[2])
        if found := self.take(rf"\b(?:first|opening) {_N} moves\b|\bup to move {_N}\b"):
            high = _number(found[1] or found[2])
        if found := self.take(rf"\b(?:after|from) move {_N}(?: on)?\b"):
            low = _number(found[1]) + found[0].startswith("after")
        if found := self.take(rf"\bbefore move {_N}\b"):
            high = _number(found[1]) - 1
        return low, high

    def side(self) -> str:
        found = self.take_all(rf"\b{_SIDE}(?:'s)?\b")
        named = {parts[0] for parts in found}
        return named.pop().capitalize() if len(named) == 1 else ""

    def is_done(self) -> bool:
        return all(word in _FILLERS for word in re.findall(r"[^\W_]+(?:'[a-z]+)?", self.text))


def _number(said: str) -> int:
    return _NUMBERS.get(said) or int(said)
