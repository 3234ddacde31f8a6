"""The experts of the arena: the plans of the domain, told which deed a request means and what the player does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataclaw.choosing import ChoicePoint, Chooser, Chosen
from dataclaw.domains.aigc import segment
from dataclaw.domains.aigc import transition as transitions
from dataclaw.domains.aigc.film import Film
from dataclaw.domains.aigc.spans import ToldOfFilm
from dataclaw.domains.aigc.wording import camera_of, quote
from dataclaw.planning import Asking, capitalise
from dataclaw.types import Anchor
from dataclaw.worlds.base import ExpertBrief, Request, Scene
from dataclaw_worlds.aigc import arena_deeds as deeds
from dataclaw_worlds.aigc.arena_meanings import RecordingTruth
from dataclaw_worlds.aigc.phrasing import Sentences
from dataclaw_worlds.words import words

PHRASES = words("aigc/arena_phrases.toml")
NEAR = 0.15
"""How far out of a deed an event or a motion may reach that belongs to it [s]."""


def video_segment(brief: ExpertBrief) -> Asking[None]:
    """The reference of `video_generation_segment`."""
    yield from segment.video_generation_segment(brief.brief, KnownRecording(brief))


def transition(brief: ExpertBrief) -> Asking[None]:
    """The reference of `world_model_transition`."""
    yield from transitions.world_model_transition(brief.brief, KnownRecording(brief))


def chooser(scene: Scene, request: Request) -> Chooser:
    """Who decides at the choice points of a recording."""
    return MeantDeeds(RecordingTruth(scene.facts), request)


@dataclass(frozen=True, slots=True)
class MeantDeeds:
    """Keeps what lies in the deeds that a request means, or in the one that follows them.

    Attributes:
        record: the truth.
        request: the request.
    """

    record: RecordingTruth
    request: Request

    def choose(self, point: ChoicePoint) -> Chosen:
        """The captions, keys and motions of the deeds; wrong captions are none."""
        first = int(self.request.meaning["deed"])
        last = int(self.request.meaning.get("last", first))
        meant = [last + 1] if point.name == "aigc.future" else range(first, last + 1)
        facts = [self.record.deeds[number] for number in meant]
        t0, t1 = float(facts[0]["clear"][0]) - NEAR, float(facts[-1]["clear"][1]) + NEAR
        other = {
            f"e{c['event']}" for c in self.record.lines if not c["keys"] and (c["wrong"] or c["deed"] not in meant)
        }
        kept = [o.id for o in point.options if t0 <= o.t0 and o.t1 <= t1 and o.id not in other]
        return Chosen(kept, "truth")


class KnownRecording(ToldOfFilm):
    """What the player does, as far as captions and the log of keys prove it.

    Args:
        brief: the request, and the truth.
    """

    sure = True

    def __init__(self, brief: ExpertBrief) -> None:
        self.zh = brief.request.language == "zh"
        self._record = RecordingTruth(brief.scene.facts)
        self._sentence = Sentences(PHRASES["sentences"], self.zh)
        self.style = self._sentence("style")
        meaning = brief.request.meaning
        if meaning["key"] != "general":
            first = int(meaning["deed"])
            which = str(meaning.get("which", ["", ""])[self.zh])
            deed = self._clause(range(first, int(meaning.get("last", first)) + 1))
            self.asked = deed.replace("玩家", f"玩家{which}", 1) if self.zh else f"{deed} {which}".strip()

    def shows(self, film: Film, t0: float, t1: float) -> tuple[str, Sequence[Anchor]]:
        """What the player does in a span [s], one deed after the other."""
        numbers = [number for number in self._numbers(t0, t1) if any(self._proof(film.events, number))]
        proof = [anchor for number in numbers for anchors in self._proof(film.events, number) for anchor in anchors[:1]]
        return (self._clause(numbers), proof) if numbers else ("", [])

    def evidence(self, events: Mapping[str, Anchor], t0: float, t1: float) -> list[tuple[str, Sequence[Anchor]]]:
        """What captions and the log say about each deed, and which caption is wrong."""
        found: list[tuple[str, Sequence[Anchor]]] = []
        for number in self._numbers(t0, t1):
            right, held = self._proof(events, number)
            wrong = [events[f"e{c['event']}"] for c in self._record.captions(number) if c["wrong"]]
            keys = list(dict.fromkeys("+".join(key.strip("+") for key in a.attrs["keys"]) for a in held))
            parts = [self._sentence("caption", text=quote(str(a.attrs["text"]), 120)) for a in right]
            parts += [self._sentence("keys", keys=("和" if self.zh else " and ").join(keys))] if keys else []
            parts += [self._sentence("wrong", text=quote(str(a.attrs["text"]), 120)) for a in wrong]
            text = (";" if self.zh else "; ").join(parts)
            if parts:
                found.append((f"{text}。" if self.zh else f"{capitalise(text)}.", [*right, *held, *wrong]))
        return found

    def course(self, motions: Sequence[Anchor], language: str) -> str:
        """What the camera was measured to do, as far as it is what the player does."""
        does = {PHRASES["camera"][self._record.deeds[n]["verb"]] for n in self._numbers(motions[0].t0, motions[-1].t1)}
        return super().course([motion for motion in motions if camera_of(motion.attrs) in does], language)

    def _clause(self, numbers: Sequence[int]) -> str:
        """What the player does in some deeds, with the subject; things have their names where captions name them."""
        facts = [self._record.deeds[number] for number in numbers]
        named = all(map(self._record.is_named, numbers))
        if self.zh:
            return f"玩家{',然后'.join(deeds.describe_zh(fact, named) for fact in facts)}"
        return f"the player {' and then '.join(deeds.describe(fact, named) for fact in facts)}"

    def _numbers(self, t0: float, t1: float) -> list[int]:
        """Numbers of the deeds that fill a span [s], or that lie in it for the most part."""
        found: list[int] = []
        for number, deed in enumerate(self._record.deeds):
            shared = min(t1, float(deed["t1"])) - max(t0, float(deed["t0"]))
            if shared > 0.5 * min(t1 - t0, float(deed["t1"]) - float(deed["t0"])):
                found.append(number)
        return found

    def _proof(self, events: Mapping[str, Anchor], number: int) -> tuple[list[Anchor], list[Anchor]]:
        """Right captions of a deed, and the keys that were held longest in it."""
        captions = [events[f"e{c['event']}"] for c in self._record.captions(number) if not c["wrong"]]
        keys = [events[f"e{k['event']}"] for k in self._record.keys(number)[:2]]
        return captions[:1], sorted(keys, key=lambda a: a.t0)
