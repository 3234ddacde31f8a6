"""The rules of chess: where pieces may go, what is attacked, what notation means. Small, and checked by counting moves.

Squares are numbers from 0 (a1) to 63 (h8), along the ranks. White's pieces are upper case letters. The counters of
moves, and draws by repetition, are not kept: nothing here depends on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

START = "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq -"
NAMES = {"p": "pawn", "n": "knight", "b": "bishop", "r": "rook", "q": "queen", "k": "king"}
VALUES = {"pawn": 1, "knight": 3, "bishop": 3, "rook": 5, "queen": 9, "king": 0}
STRAIGHT, DIAGONAL = ((0, 1), (1, 0), (0, -1), (-1, 0)), ((1, 1), (1, -1), (-1, -1), (-1, 1))
LEAPS = ((1, 2), (2, 1), (2, -1), (1, -2), (-1, -2), (-2, -1), (-2, 1), (-1, 2))
LINES = {"r": STRAIGHT, "b": DIAGONAL, "q": STRAIGHT + DIAGONAL}
ROOKS = {"K": (4, 7), "Q": (4, 0), "k": (60, 63), "q": (60, 56)}
"""Where king and rook stand for each right to castle."""
_SAN = re.compile(r"([KQRBN]?)([a-h]?)([1-8]?)x?([a-h][1-8])(?:=?([QRBN]))?[+#]?")
_FEN = re.compile(r"([1-8pnbrqkPNBRQK/]{15,80}) ([wb]) (-|K?Q?k?q?) (-|[a-h][36])(?: \d+ \d+)?")


class IllegalMoveError(ValueError):
    """A move that the rules of chess do not allow, or notation that is none."""


class Move(NamedTuple):
    """From one square to another; `promotion` is the new piece in lower case, or ""."""

    start: int
    end: int
    promotion: str = ""


def square(name: str) -> int:
    """The number of a square's name."""
    return "abcdefgh".index(name[0]) + 8 * (int(name[1]) - 1)


def name_of(number: int) -> str:
    """The name of a square's number."""
    return f"{'abcdefgh'[number % 8]}{number // 8 + 1}"


def _walk(start: int, step: tuple[int, int]) -> tuple[int, ...]:
    """The squares from a square on in one direction, up to the edge."""
    x, y, found = start % 8 + step[0], start // 8 + step[1], list[int]()
    while 0 <= x < 8 and 0 <= y < 8:
        found.append(8 * y + x)
        x, y = x + step[0], y + step[1]
    return tuple(found)


RAYS = {step: [_walk(at, step) for at in range(64)] for step in STRAIGHT + DIAGONAL + LEAPS}
NEAR = {
    "n": [[ray[0] for step in LEAPS if (ray := RAYS[step][at])] for at in range(64)],
    "k": [[ray[0] for step in STRAIGHT + DIAGONAL if (ray := RAYS[step][at])] for at in range(64)],
}


@dataclass(frozen=True, slots=True)
class Position:
    """What stands where, and who may do what.

    Attributes:
        board: 64 letters, "." where nothing stands.
        white: whether White is to move.
        rights: the rights to castle that are left, letters of "KQkq".
        passed: the square that a pawn has just passed over, or -1.
    """

    board: str
    white: bool = True
    rights: str = "KQkq"
    passed: int = -1

    def moves(self) -> Iterator[Move]:
        """Every legal move."""
        return (move for move in self._candidates() if self._is_legal(move))

    def after(self, move: Move) -> Position:
        """The position after a move that `moves` gives."""
        cells = list(self.board)
        piece, taken = cells[move.start], cells[move.end]
        cells[move.start], cells[move.end] = ".", piece
        passed = -1
        if piece in "Pp":
            if move.end == self.passed and taken == ".":
                cells[move.end + (-8 if self.white else 8)] = "."
            if abs(move.end - move.start) == 16:
                passed = (move.start + move.end) // 2
            if move.promotion:
                cells[move.end] = move.promotion.upper() if self.white else move.promotion
        elif piece in "Kk" and abs(move.end - move.start) == 2:
            rook, beside = (move.end + 1, move.end - 1) if move.end > move.start else (move.end - 2, move.end + 1)
            cells[beside], cells[rook] = cells[rook], "."
        lost = {right for right, places in ROOKS.items() if move.start in places or move.end in places}
        return Position("".join(cells), not self.white, "".join(r for r in self.rights if r not in lost), passed)

    def in_check(self) -> bool:
        """Whether the king of the side to move is attacked."""
        return self._attacked(self.board.index("K" if self.white else "k"), by_white=not self.white)

    def attacks(self, at: int) -> bool:
        """Whether the side to move attacks a square."""
        return self._attacked(at, by_white=self.white)

    def can_move(self) -> bool:
        """Whether there is a legal move; without one it is mate, or stalemate."""
        return next(self.moves(), None) is not None

    def read(self, san: str) -> Move:
        """The move that a piece of standard algebraic notation means.

        Raises:
            IllegalMoveError: it is no notation, no legal move, or one of several.
        """
        plain = san.rstrip("+#!?").replace("0", "O")
        home = 4 if self.white else 60
        if plain in ("O-O", "O-O-O"):
            wanted = [Move(home, home + (2 if plain == "O-O" else -2))] if self.board[home] in "Kk" else []
            found = [move for move in wanted if move in self._castlings() and self._is_legal(move)]
        else:
            parts = _SAN.fullmatch(plain)
            if not parts:
                raise IllegalMoveError(f"{san[:12]!r} is no move")
            kind, file, rank, end, promotion = parts.groups()
            fits = re.compile(f"{file or '[a-h]'}{rank or '[1-8]'}")
            found = [
                move
                for move in self._candidates(kind.lower() or "p")
                if move.end == square(end) and move.promotion == (promotion or "").lower()
                and fits.fullmatch(name_of(move.start)) and abs(move.end - move.start) != 2 * (kind == "K")
                and self._is_legal(move)
            ]  # fmt: skip
        if len(found) != 1:
            why = "may mean several moves" if found else "is not legal here"
            raise IllegalMoveError(f"{san[:12]!r} {why}")
        return found[0]

    def write(self, move: Move) -> str:
        """A legal move in standard algebraic notation."""
        piece, after = self.board[move.start].lower(), self.after(move)
        takes = "x" if self.board[move.end] != "." or (piece == "p" and move.end == self.passed) else ""
        if piece == "k" and abs(move.end - move.start) == 2:
            said = "O-O" if move.end > move.start else "O-O-O"
        elif piece == "p":
            said = (name_of(move.start)[0] if takes else "") + takes + name_of(move.end)
            said += f"={move.promotion.upper()}" if move.promotion else ""
        else:
            rivals = [m for m in self._candidates(piece) if m.end == move.end and m != move and self._is_legal(m)]
            said = piece.upper() + self._which(move, rivals) + takes + name_of(move.end)
        return said + ("" if not after.in_check() else "+" if after.can_move() else "#")

    def fen(self) -> str:
        """The position in Forsyth-Edwards notation, without counters."""
        ranks = [re.sub(r"\.+", lambda gap: str(len(gap[0])), self.board[at : at + 8]) for at in range(56, -8, -8)]
        passed = name_of(self.passed) if self.passed >= 0 else "-"
        return f"{'/'.join(ranks)} {'w' if self.white else 'b'} {self.rights or '-'} {passed}"

    def _which(self, move: Move, rivals: list[Move]) -> str:
        if not rivals:
            return ""
        file, rank = name_of(move.start)
        if all(name_of(rival.start)[0] != file for rival in rivals):
            return file
        return rank if all(name_of(rival.start)[1] != rank for rival in rivals) else file + rank

    def _is_legal(self, move: Move) -> bool:
        after = self.after(move)
        return not replace(after, white=self.white).in_check()

    def _attacked(self, at: int, *, by_white: bool) -> bool:
        board, side = self.board, str.upper if by_white else str.lower
        if any(board[near] == side("n") for near in NEAR["n"][at]) or any(
            board[near] == side("k") for near in NEAR["k"][at]
        ):
            return True
        for step, rays in RAYS.items():
            if step in LEAPS or not (ray := rays[at]):
                continue
            if board[ray[0]] == side("p") and step[0] and step[1] == (-1 if by_white else 1):
                return True
            first = next((board[on] for on in ray if board[on] != "."), ".")
            if first in (side("q"), side("r" if step in STRAIGHT else "b")):
                return True
        return False

    def _candidates(self, only: str = "") -> Iterator[Move]:
        """Moves as pieces go, whether or not they leave the king attacked; `only` those of one kind of piece."""
        for start, letter in enumerate(self.board):
            kind = letter.lower()
            if letter == "." or letter.isupper() != self.white or (only and kind != only):
                continue
            if kind == "p":
                yield from self._pawn(start)
            elif kind in NEAR:
                yield from (Move(start, end) for end in NEAR[kind][start] if self._is_free(end))
            else:
                yield from (Move(start, end) for step in LINES[kind] for end in self._line(start, step))
            if kind == "k":
                yield from self._castlings()

    def _is_free(self, at: int) -> bool:
        return self.board[at] == "." or self.board[at].isupper() != self.white

    def _line(self, start: int, step: tuple[int, int]) -> Iterator[int]:
        for end in RAYS[step][start]:
            if self._is_free(end):
                yield end
            if self.board[end] != ".":
                return

    def _pawn(self, start: int) -> Iterator[Move]:
        up, home, last = (1, 1, 7) if self.white else (-1, 6, 0)
        ends = list[int]()
        for end in RAYS[0, up][start][: 1 + (start // 8 == home)]:
            if self.board[end] != ".":
                break
            ends.append(end)
        for side in (-1, 1):
            ray = RAYS[side, up][start]
            if ray and (ray[0] == self.passed or (self.board[ray[0]] != "." and self._is_free(ray[0]))):
                ends.append(ray[0])
        for end in ends:
            yield from (Move(start, end, new) for new in ("qrbn" if end // 8 == last else ("",)))

    def _castlings(self) -> Iterator[Move]:
        for right in self.rights:
            king, rook = ROOKS[right]
            if right.isupper() != self.white or self.board[rook].lower() != "r":
                continue
            between = range(min(king, rook) + 1, max(king, rook))
            way = range(king, king + 3) if rook > king else range(king - 2, king + 1)
            if all(self.board[at] == "." for at in between) and not any(
                self._attacked(at, by_white=not self.white) for at in way
            ):
                yield Move(king, king + (2 if rook > king else -2))


def position_of(fen: str) -> Position:
    """The position of Forsyth-Edwards notation.

    Raises:
        IllegalMoveError: it is none, or not each side has one king.
    """
    parts = _FEN.fullmatch(fen.strip())
    rows = [re.sub(r"[1-8]", lambda gap: "." * int(gap[0]), row) for row in parts[1].split("/")] if parts else []
    board = "".join(reversed(rows))
    if not parts or [len(row) for row in rows] != [8] * 8 or (board.count("K"), board.count("k")) != (1, 1):
        raise IllegalMoveError(f"{fen[:90]!r} is no position")
    rights = "".join(r for r in parts[3] if r != "-" and board[ROOKS[r][0]] == ("K" if r.isupper() else "k"))
    found = Position(board, parts[2] == "w", rights, -1 if parts[4] == "-" else square(parts[4]))
    if replace(found, white=not found.white).in_check():
        raise IllegalMoveError(f"{fen[:90]!r} leaves a king to be taken")
    return found


def count_moves(position: Position, depth: int) -> int:
    """How many games of `depth` moves there are from a position ("perft"), the usual test of such code."""
    if depth == 0:
        return 1
    return sum(count_moves(position.after(move), depth - 1) for move in position.moves())
