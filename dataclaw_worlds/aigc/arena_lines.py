"""What the arena's experts say: questions, answers and reasons, in English or Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dataclaw.domains.aigc import wording
from dataclaw.tools.view import seconds
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.aigc import arena_deeds as deeds
from dataclaw_worlds.aigc import arena_phrases as phrases
from dataclaw_worlds.aigc.arena_deeds import Fact
from dataclaw_worlds.aigc.arena_engine import HEIGHT, WIDTH
from dataclaw_worlds.aigc.frames import phrase

SIZE = (WIDTH, HEIGHT)
VIEWS = {
    "walk": ("the view moves forward", "视角前移", "forward"),
    "take": ("the view moves forward", "视角前移", "forward"),
    "back": ("the view moves back", "视角后移", "backward"),
    "turn_left": ("the view pans left", "视角左转", "pan left"),
    "turn_right": ("the view pans right", "视角右转", "pan right"),
    "strafe_left": ("the view slides left", "视角左移", "pan left"),
    "strafe_right": ("the view slides right", "视角右移", "pan right"),
    "scan": ("the view pans left and back", "视角左转再转回", "pan left"),
    "wait": ("the view stands still", "视角不动", "static"),
    "shoot": ("the view hardly moves", "视角几乎不动", "static"),
}
"""What the view does while the player does something, in English and Chinese, and the name of such a camera."""


class Lines:
    """Words about one recording, other ones for every ask of it.

    Args:
        order: what is asked.
    """

    def __init__(self, order: ExpertBrief) -> None:
        self.zh = order.request.language == "zh"
        self._order = order

    def deed(self, facts: Sequence[Fact], named: bool) -> str:
        """What the player does, one thing after the other, with the subject."""
        if self.zh:
            return f"玩家{',然后'.join(deeds.deed_zh(fact, named) for fact in facts)}"
        return f"the player {' and then '.join(deeds.deed(fact, named) for fact in facts)}"

    def _meant(self, facts: Sequence[Fact], named: bool) -> str:
        """A deed, and which of those like it."""
        which = str(self._order.request.meaning.get("which", ["", ""])[1 if self.zh else 0])
        told = self.deed(facts, named)
        if self.zh:
            return told.replace("玩家", f"玩家{which}", 1)
        return f"{told} {which}" if which else told

    def view(self, facts: Sequence[Fact]) -> str:
        """What the view does meanwhile."""
        told = list(dict.fromkeys(VIEWS[str(fact["verb"])][1 if self.zh else 0] for fact in facts))
        return ",再".join(told) if self.zh else ", then ".join(told)

    def _say(self, key: str, phrases: Mapping[str, Sequence[str]], **values: str) -> str:
        text = phrase(self._order, key, phrases)
        made = text.format(**values)
        return made if self.zh else wording.capital(made)

    def evidence(self, captions: Sequence[tuple[Fact, Anchor]], keys: Sequence[Anchor]) -> str:
        """What captions and the log tell of a deed, and which of them is not believed."""
        right = [a for c, a in captions if not c["wrong"]]
        wrong = [a for c, a in captions if c["wrong"]]
        held = list(dict.fromkeys("+".join(key.strip("+") for key in a.attrs["keys"]) for a in keys))
        parts: list[str] = []
        if right:
            text = wording.quote(str(right[0].attrs["text"]), 120)
            parts.append(f"字幕说{text}" if self.zh else f"A caption says {text}")
        if held:
            said = "和".join(held) if self.zh else " and ".join(held)
            parts.append(f"按键记录是{said}" if self.zh else f"the log of keys has {said} held down")
        if wrong:
            text = wording.quote(str(wrong[0].attrs["text"]), 120)
            parts.append(f"字幕{text}不对" if self.zh else f"the caption {text} cannot be right")
        if self.zh:
            return f"{';'.join(parts) or '没有字幕'}。"
        return f"{wording.capital('; '.join(parts) or 'no caption tells of it')}."

    def place(self, shot: Anchor, damaged: bool) -> str:
        """Why the span may be cut."""
        if self.zh:
            return f"{shot.t0:.2f}到{shot.t1:.2f}秒是同一个镜头,选的部分画面完好。"
        rest = "; its damaged pictures are left out" if damaged else ", and its pictures are clean"
        return f"One shot from {shot.t0:.2f} to {shot.t1:.2f} s holds it{rest}."

    def measured(self, facts: Sequence[Fact], motions: Sequence[Anchor]) -> str:
        """What was measured there: the camera where that is what the player's eyes do, otherwise how much moves."""
        most = max(motions, key=lambda m: float(m.attrs["energy"]))
        energy, camera = float(most.attrs["energy"]), wording.camera_of(most.attrs)
        if camera in {VIEWS[str(fact["verb"])][2] for fact in facts}:
            return f"测得镜头运动:{camera}。" if self.zh else f"Measured there: {wording.camera(most)}."
        return f"测得画面运动能量 {energy:.2f}。" if self.zh else f"The picture moves there with energy {energy:.2f}."

    def question(self, facts: Sequence[Fact], named: bool, general: bool) -> str:
        """The request for a segment."""
        if general:
            return self._say("question", phrases.LIVELIEST)
        return self._say("question", phrases.QUESTION, d=self._meant(facts, named))

    def prompt(self, facts: Sequence[Fact], named: bool) -> str:
        """What a generator is told."""
        return self._say("prompt", phrases.PROMPT, d=self.deed(facts, named), v=self.view(facts))

    def answer(self, span: tuple[float, float], prompt: str, pictures: int) -> str:
        """Where the segment lies and how it is used."""
        recall = " ".join(["<image_recall>"] * pictures)
        return self._say("answer", phrases.ANSWER, a=f"{span[0]:.2f}", b=f"{span[1]:.2f}", p=prompt, r=recall)

    def asked_next(self, facts: Sequence[Fact], named: bool) -> str:
        """The question of a transition."""
        told = self._meant(facts, named)
        return self._say("next question", phrases.NEXT_QUESTION, d=told, D=wording.capital(told))

    def follows(self, fact: Fact, named: bool, frames: Sequence[Anchor]) -> str:
        """The answer of a transition."""
        at = phrase(self._order, "at", phrases.AT)
        shown = " ".join(at.format(t=seconds(frame.t0)) for frame in frames)
        told, view = self.deed([fact], named), self.view([fact])
        return self._say("next answer", phrases.NEXT_ANSWER, d=told, D=wording.capital(told), v=view, r=shown)


def reasons(flaws: Sequence[Anchor], shots: Sequence[Anchor], span: tuple[float, float]) -> list[Json]:
    """What of the recording is left out: damaged pictures, other shots."""
    found: dict[str, list[str]] = {}
    for flaw in flaws:
        found.setdefault(str(flaw.attrs["what"]), []).append(flaw.id)
    for shot in shots:
        if shot.t1 <= span[0] or shot.t0 >= span[1]:
            found.setdefault("other_shot", []).append(shot.id)
    return [{"cite": ids[:64], "reason": reason} for reason, ids in found.items()]
