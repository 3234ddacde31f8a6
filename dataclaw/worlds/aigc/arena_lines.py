"""What the arena's experts say: questions, answers and reasons, in English or Chinese."""

from __future__ import annotations

from collections.abc import Sequence

from dataclaw.domains.aigc import wording
from dataclaw.tools.view import seconds
from dataclaw.types import Anchor, Json
from dataclaw.worlds.aigc import arena_deeds as deeds
from dataclaw.worlds.aigc.arena_deeds import Fact
from dataclaw.worlds.aigc.arena_engine import HEIGHT, WIDTH

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
    """Words about one recording.

    Args:
        zh: whether to speak Chinese.
    """

    def __init__(self, zh: bool) -> None:
        self.zh = zh

    def deed(self, fact: Fact, named: bool) -> str:
        """What the player does, with the subject."""
        return f"玩家{deeds.deed_zh(fact, named)}" if self.zh else f"the player {deeds.deed(fact, named)}"

    def evidence(self, captions: Sequence[tuple[Fact, Anchor]], keys: Sequence[Anchor]) -> str:
        """What captions and the log tell of a deed, and which of them is not believed."""
        right = [a for c, a in captions if not c["wrong"]]
        wrong = [a for c, a in captions if c["wrong"]]
        held = [f"+{'+'.join(a.attrs['keys'])}".lstrip("+") for a in keys]
        parts: list[str] = []
        if right:
            text = wording.quote(str(right[0].attrs["text"]), 120)
            parts.append(f"字幕说{text}" if self.zh else f"A caption says {text}")
        if held:
            said = "和".join(held) if self.zh else " and ".join(held)
            parts.append(f"按键记录是{said}" if self.zh else f"the log holds {said}")
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

    def measured(self, fact: Fact, motions: Sequence[Anchor]) -> str:
        """What was measured there: the camera where that is what the player's eyes do, otherwise how much moves."""
        most = max(motions, key=lambda m: float(m.attrs["energy"]))
        energy, camera = float(most.attrs["energy"]), wording.camera_of(most.attrs)
        if camera == VIEWS[str(fact["verb"])][2]:
            return f"测得镜头运动:{camera}。" if self.zh else f"Measured there: {wording.camera(most)}."
        return f"测得画面运动能量 {energy:.2f}。" if self.zh else f"The picture moves there with energy {energy:.2f}."

    def question(self, fact: Fact, named: bool, general: bool) -> str:
        """The request for a segment."""
        if self.zh:
            return (
                "这段录像里哪一部分最精彩,用什么提示词生成?"
                if general
                else f"哪一段显示{self.deed(fact, named)},用什么提示词生成?"
            )
        if general:
            return "Which part of this recording is the liveliest, and which prompt would generate it?"
        return f"Which part shows how {self.deed(fact, named)}, and which prompt would generate it?"

    def prompt(self, fact: Fact, named: bool) -> str:
        """What a generator is told."""
        en, zh, _ = VIEWS[str(fact["verb"])]
        if self.zh:
            return f"第一人称游戏画面:{self.deed(fact, named)},{zh}。"
        return f"First-person view of a game: {self.deed(fact, named)}; {en}."

    def answer(self, span: tuple[float, float], prompt: str, pictures: int) -> str:
        """Where the segment lies and how it is used."""
        recall = " ".join(["<image_recall>"] * pictures)
        if self.zh:
            return f"从{span[0]:.2f}到{span[1]:.2f}秒:<video_gen> 提示词:{prompt} 关键帧:{recall}"
        return f"From {span[0]:.2f} to {span[1]:.2f} s: <video_gen> Prompt: {prompt} Key frames: {recall}"

    def asked_next(self, fact: Fact, named: bool) -> str:
        """The question of a transition."""
        if self.zh:
            return f"{self.deed(fact, named)}。接下来会发生什么?"
        return f"{wording.capital(self.deed(fact, named))}. What happens next?"

    def follows(self, fact: Fact, named: bool, frames: Sequence[Anchor]) -> str:
        """The answer of a transition."""
        if self.zh:
            shown = " ".join(f"{seconds(f.t0)} 秒:<image_recall>" for f in frames)
            return f"<video_gen> 接下来{self.deed(fact, named)}。{shown}"
        shown = " ".join(f"At {seconds(f.t0)} s: <image_recall>" for f in frames)
        return f"<video_gen> Next {self.deed(fact, named)}. {shown}"


def reasons(flaws: Sequence[Anchor], shots: Sequence[Anchor], span: tuple[float, float]) -> list[Json]:
    """What of the recording is left out: damaged pictures, other shots."""
    found: dict[str, list[str]] = {}
    for flaw in flaws:
        found.setdefault(str(flaw.attrs["what"]), []).append(flaw.id)
    for shot in shots:
        if shot.t1 <= span[0] or shot.t0 >= span[1]:
            found.setdefault("other_shot", []).append(shot.id)
    return [{"cite": ids[:64], "reason": reason} for reason, ids in found.items()]
