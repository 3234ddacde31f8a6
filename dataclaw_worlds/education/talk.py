"""Lectures on generated subjects: speech with digressions, slips and corrections, slides, subtitles with their faults.

The lecturer announces every topic and says true facts about it; the truth marks everything else that is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dataclaw.types import Json
from dataclaw.worlds.base import Scene, SceneSpec, World
from dataclaw_worlds.education.course import Quiz, quiz_of, write_course
from dataclaw_worlds.education.deck import Deck, Showing
from dataclaw_worlds.education.media import write_video
from dataclaw_worlds.education.script import LectureScript, LectureSentence, write_script
from dataclaw_worlds.education.slides import FONTS, SlideLook, draw, looks
from dataclaw_worlds.education.talk_known import EXPERTS, KnownTalk
from dataclaw_worlds.education.talk_requests import find_requests
from dataclaw_worlds.education.voice import (
    CueStyle,
    Format,
    SpokenSentence,
    cues_of,
    set_times,
    write_cues,
    write_words,
)

FPS = 2.0
"""Frames per second of the videos [1/s]."""
FORMS = ("video", "video", "video", "video", "course", "words", "subtitles")
"""The forms of lectures; most are videos."""


def make(spec: SceneSpec, folder: Path) -> Scene:
    """Make a lecture."""
    script = write_script(spec)
    rng = spec.rng("talk")
    said = set_times([(line.text, line.pause) for line in script.lines], rng.uniform(2.2, 3.0))
    end = round(said[-1].t1 + 1.5, 2)
    form = rng.choice(FORMS)
    hard = spec.difficulty
    cutting = CueStyle(
        width=rng.choice((64, 84, 100)),
        running=hard > 1 and rng.random() < 0.5,
        late=rng.choice((0.0, 0.0, 0.4, 0.9)) if hard > 1 else 0.0,
        jitter=0.25 * (hard - 1),
        overlap=0.08 * (hard - 1),
    )
    cues = cues_of(said, cutting, spec.rng("cues"))
    facts: dict[str, Json] = {"form": form, **_truth(script, said)}
    sources: dict[str, list[str]] = {
        "topic": [topic.name for topic in script.topics],
        "digression": script.digressions,
    }
    if form == "video":
        face, colours = rng.choice(spec.pool(looks(), "layout")).split()
        look = SlideLook(face, colours, rng.choice(FONTS))
        sources["layout"] = [look.name]
        deck = Deck(spec, script)
        showings = deck.showings(script.lines, said)
        facts["slides"] = _slides(showings, end)
        numbers = {page: k for k, page in enumerate(dict.fromkeys(s.page for s in showings), start=1)}
        shots = [(s.t0, draw(s.page, look, numbers[s.page])) for s in showings]
        write_video(folder / f"{spec.name}.mp4", shots, end, FPS)
        kind: Format = rng.choice(("srt", "vtt", "dfxp"))
        write_cues(folder / f"{spec.name}.{kind}", cues, kind)
        return Scene(spec, folder, f"{spec.name}.mp4", sources, facts)
    return Scene(spec, folder, _other(spec, folder, form, (script, said), facts, cutting), sources, facts)


def _other(
    spec: SceneSpec,
    folder: Path,
    form: str,
    lecture: tuple[LectureScript, list[SpokenSentence]],
    facts: dict[str, Json],
    cutting: CueStyle,
) -> str:
    """Write a lecture without pictures; the name of its file or folder."""
    script, said = lecture
    facts["slides"] = []
    if form == "words":
        write_words(folder / spec.name, said)
        return spec.name
    cues = cues_of(said, cutting, spec.rng("cues"))
    if form == "course":
        quizzes: list[Quiz] = quiz_of(script, spec)
        facts["exercises"] = [quiz.fact() for quiz in quizzes]
        write_course(folder / spec.name, script.course, cues, quizzes)
        return spec.name
    write_cues(folder / f"{spec.name}.srt", cues, "srt")
    return f"{spec.name}.srt"


def _truth(script: LectureScript, said: list[SpokenSentence]) -> dict[str, Json]:
    return {
        "course": script.course,
        "said": [_line(line, one) for line, one in zip(script.lines, said, strict=True)],
        "topics": [_topic(script, number) for number in range(len(script.topics))],
    }


def _line(line: LectureSentence, said: SpokenSentence) -> Mapping[str, Json]:
    return {
        "t0": said.t0, "t1": said.t1, "text": line.text, "role": line.role, "topic": line.topic, "fact": line.fact,
        "label": line.label,
    }  # fmt: skip


def _topic(script: LectureScript, number: int) -> Mapping[str, Json]:
    topic = script.topics[number]
    facts: list[Json] = []
    for k, fact in enumerate(topic.facts):
        facts.append({
            "kind": fact.kind, "question": fact.question, "sentence": fact.sentence, "answer": fact.answer,
            "told": k in script.order[number], "key": k in script.key[number], "exam": k in script.exam[number],
            "unclear": k in script.unclear[number],
        })  # fmt: skip
    return {"name": topic.name, "title": topic.title, "term": topic.term, "facts": facts}


def _slides(showings: list[Showing], end: float) -> list[Json]:
    ends = [*(s.t0 for s in showings[1:]), end]
    return [
        {"t0": s.t0, "t1": t1, "use": s.use, "topic": s.topic, "half": s.half, "title": s.page.title,
         "lines": list(s.page.lines)}
        for s, t1 in zip(showings, ends, strict=True)
    ]  # fmt: skip


WORLD = World(
    name="talk",
    domain="education",
    summary="Slide lectures with digressions, slips of the tongue, corrections, announcements and subtitle faults.",
    make=make,
    requests=find_requests,
    experts=EXPERTS,
    chooser=KnownTalk,
    seconds=60.0,
    turn=9,
)
