"""What the arena's experts say: questions, answers and reasons, in English or Chinese."""

from __future__ import annotations

from collections.abc import Sequence

from dataclaw.domains.aigc import wording
from dataclaw.planning import capitalise
from dataclaw.tools.view import seconds
from dataclaw.types import Anchor, Json
from dataclaw.worlds.base import ExpertBrief
from dataclaw_worlds.aigc import arena_deeds as deeds
from dataclaw_worlds.aigc.arena_deeds import Fact
from dataclaw_worlds.aigc.arena_engine import HEIGHT, WIDTH
from dataclaw_worlds.aigc.phrasing import Sentences, choose_phrase
from dataclaw_worlds.words import words

SIZE = (WIDTH, HEIGHT)
PHRASES = words("aigc/arena_phrases.toml")
_VIEWS = PHRASES.table("views")


class RecordingLines:
    """Sentences about one recording; each request of it is answered in other words.

    Args:
        brief: the request, and the truth.
    """

    def __init__(self, brief: ExpertBrief) -> None:
        self.zh = brief.request.language == "zh"
        self._brief = brief
        self._sentence = Sentences(PHRASES["sentences"], self.zh)

    def deed(self, facts: Sequence[Fact], named: bool) -> str:
        """What the player does, one deed after the other, with the subject."""
        if self.zh:
            return f"玩家{',然后'.join(deeds.describe_zh(fact, named) for fact in facts)}"
        return f"the player {' and then '.join(deeds.describe(fact, named) for fact in facts)}"

    def _which_deed(self, facts: Sequence[Fact], named: bool) -> str:
        """The deed, and which of several like it the request means."""
        which = str(self._brief.request.meaning.get("which", ["", ""])[1 if self.zh else 0])
        deed = self.deed(facts, named)
        if self.zh:
            return deed.replace("玩家", f"玩家{which}", 1)
        return f"{deed} {which}" if which else deed

    def view(self, facts: Sequence[Fact]) -> str:
        """What the view does meanwhile."""
        views = list(dict.fromkeys(_VIEWS[str(fact["verb"])][1 if self.zh else 0] for fact in facts))
        return (",再" if self.zh else ", then ").join(views)

    def _say(self, key: str, table: str, **values: str) -> str:
        text = choose_phrase(self._brief, key, PHRASES.table(table)).format(**values)
        return text if self.zh else capitalise(text)

    def evidence(self, captions: Sequence[tuple[Fact, Anchor]], keys: Sequence[Anchor]) -> str:
        """What captions and the log say about a deed, and which caption is wrong."""
        right = [a for c, a in captions if not c["wrong"]]
        wrong = [a for c, a in captions if c["wrong"]]
        held = list(dict.fromkeys("+".join(key.strip("+") for key in a.attrs["keys"]) for a in keys))
        parts: list[str] = []
        if right:
            parts.append(self._sentence("caption", text=wording.quote(str(right[0].attrs["text"]), 120)))
        if held:
            parts.append(self._sentence("keys", keys=("和" if self.zh else " and ").join(held)))
        if wrong:
            parts.append(self._sentence("wrong", text=wording.quote(str(wrong[0].attrs["text"]), 120)))
        text = (";" if self.zh else "; ").join(parts) or self._sentence("nothing")
        return f"{text}。" if self.zh else f"{capitalise(text)}."

    def place(self, shot: Anchor, damaged: bool) -> str:
        """Why the span may be cut."""
        return self._sentence("damaged_shot" if damaged else "clean_shot", t0=shot.t0, t1=shot.t1)

    def measurement(self, facts: Sequence[Fact], motions: Sequence[Anchor]) -> str:
        """What was measured: the camera's motion if it is the player's, otherwise the energy of the motion."""
        most = max(motions, key=lambda m: float(m.attrs["energy"]))
        camera = wording.camera_of(most.attrs)
        if camera in {_VIEWS[str(fact["verb"])][2] for fact in facts}:
            return self._sentence("camera", name=camera, sentence=wording.camera(most))
        return self._sentence("energy", energy=float(most.attrs["energy"]))

    def question(self, facts: Sequence[Fact], named: bool, general: bool) -> str:
        """The question that a segment answers."""
        if general:
            return self._say("question", "liveliest")
        return self._say("question", "question", d=self._which_deed(facts, named))

    def prompt(self, facts: Sequence[Fact], named: bool) -> str:
        """The prompt for a generator."""
        return self._say("prompt", "prompt", d=self.deed(facts, named), v=self.view(facts))

    def answer(self, span: tuple[float, float], prompt: str, pictures: int) -> str:
        """Where the segment lies and how it is used."""
        recall = " ".join(["<image_recall>"] * pictures)
        return self._say("answer", "answer", a=f"{span[0]:.2f}", b=f"{span[1]:.2f}", p=prompt, r=recall)

    def next_question(self, facts: Sequence[Fact], named: bool) -> str:
        """The question that a transition answers."""
        deed = self._which_deed(facts, named)
        return self._say("next question", "next_question", d=deed, D=capitalise(deed))

    def next_answer(self, fact: Fact, named: bool, frames: Sequence[Anchor]) -> str:
        """The answer of a transition."""
        at = choose_phrase(self._brief, "at", PHRASES.table("at"))
        shown = " ".join(at.format(t=seconds(frame.t0)) for frame in frames)
        deed, view = self.deed([fact], named), self.view([fact])
        return self._say("next answer", "next_answer", d=deed, D=capitalise(deed), v=view, r=shown)


def left_out_reasons(flaws: Sequence[Anchor], shots: Sequence[Anchor], span: tuple[float, float]) -> list[Json]:
    """Parts of the recording that a segment leaves out, by reason: damaged pictures, other shots."""
    found: dict[str, list[str]] = {}
    for flaw in flaws:
        found.setdefault(str(flaw.attrs["what"]), []).append(flaw.id)
    for shot in shots:
        if shot.t1 <= span[0] or shot.t0 >= span[1]:
            found.setdefault("other_shot", []).append(shot.id)
    return [{"cite": ids[:64], "reason": reason} for reason, ids in found.items()]
