"""An invented programme as elements on tracks: who speaks in which shot, what cutaways show, what notes say.

All times are counted in frames of the cut. `cuts_files` writes the programme to a file.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.words import words

RATES = (25, 24, 30, 50)
FORMATS = ("otio", "edl", "fcp7")
SUFFIXES = (".mov", ".mxf", ".mp4", ".MOV")
COLOURS = ("RED", "GREEN", "BLUE", "YELLOW", "CYAN", "MAGENTA")
"""Colours of markers."""
_WORDS = words("aigc/cuts.toml")
THEMES = _WORDS.phrases("themes")


@dataclass(frozen=True, slots=True)
class Strand:
    """A kind of clip.

    Attributes:
        tags: how editors mark it in a clip's name; a programme uses one of them throughout.
        one: what people call one such clip.
        many: what they call several.
        zh: the name in Chinese.
    """

    tags: tuple[str, ...]
    one: str
    many: str
    zh: str


STRANDS = {name: Strand(**strand) for name, strand in _WORDS["strands"].items()}
"""Kinds of clips, by their names in a truth."""


@dataclass(frozen=True, slots=True)
class TimelineElement:
    """A clip, gap, transition or marker on a track.

    Attributes:
        kind: "clip", "gap", "transition" or "marker".
        track: name of its track.
        start: where it begins [frames].
        end: where it ends [frames].
        name: its name in the file.
        strand: a key of `STRANDS`; for a marker its subject, for a transition its type.
        who: the person in it, "" for nobody.
        place: where it was shot, "" if nothing says so.
        what: what it shows.
        camera: letter of the camera, "" if the name does not say it.
        scene: number of the scene, 0 for none.
        take: number of the take, 0 for none.
        speed: seconds of material per second of the cut, negative for backwards.
        enabled: whether it is switched on.
        media: file of its material.
        source: where its material begins [frames].
        wrong: by how many frames its source is longer than its record, in lists whose times disagree.
    """

    kind: str
    track: str
    start: int
    end: int
    name: str
    strand: str = ""
    who: str = ""
    place: str = ""
    what: str = ""
    camera: str = ""
    scene: int = 0
    take: int = 0
    speed: float = 1.0
    enabled: bool = True
    media: str = ""
    source: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class Programme:
    """An invented cut.

    Attributes:
        title: its name.
        rate: frames a second.
        form: "otio", "edl" or "fcp7".
        theme: what it is about.
        roles: the person in each role.
        elements: the elements of all tracks.
        start: its first time code [s].
        naming: pattern of its clips' names.
        tags: the mark of each strand in clips' names.
    """

    title: str
    rate: int
    form: str
    theme: str
    roles: dict[str, str]
    elements: list[TimelineElement]
    start: int
    naming: str
    tags: dict[str, str]


@dataclass(slots=True)
class ProgrammeEditor:
    """An editor at work: random numbers, conventions, the elements so far, and the end of the main track."""

    rng: random.Random
    rate: int
    form: str
    naming: str
    tags: dict[str, str]
    suffix: str
    roles: dict[str, str]
    places: Sequence[str]
    things: Sequence[str]
    elements: list[TimelineElement] = field(default_factory=list[TimelineElement])
    files: dict[tuple[str, ...], str] = field(default_factory=dict[tuple[str, ...], str])
    at: int = 0
    scene: int = 1

    def clip_name(self, strand: str, who: str, what: str, camera: str, take: int) -> str:
        """A clip's name by the pattern of this cut; empty parts leave no mark."""
        reel = f"{ord(camera or 'X') - 64:02d}{self.scene:02d}"
        filled = self.naming.format(
            tag=self.tags[strand], who=who, what=what, cam=camera, take=take or "", scene=f"{self.scene:02d}", reel=reel
        )
        return tidy_name(filled)

    def clip(self, track: str, strand: str, seconds: float, **more: object) -> TimelineElement:
        """Add a clip at the end of the main track, or at `start` on another track."""
        start = int(more.pop("start", self.at))  # pyright: ignore[reportArgumentType]
        length = max(3, round(seconds * self.rate))
        given = str(more.pop("name", ""))
        made = TimelineElement("clip", track, start, start + length, given, strand, **more)  # pyright: ignore[reportArgumentType]
        name = made.name or self.clip_name(strand, made.who, made.what or made.place, made.camera, made.take)
        key = (strand, made.who, made.place, made.camera, "" if made.who else made.what)
        media = self.files.setdefault(key, tidy_name(name).replace(" ", "_").replace("/", "-") + self.suffix)
        source = self.rng.randrange(0, 600 * self.rate)
        made = replace(made, name=name, media=media, source=source)
        self.elements.append(made)
        if track == "V1":
            self.at = made.end
        return made


def tidy_name(name: str) -> str:
    """Remove the marks around empty parts of a name."""
    name = re.sub(r"\(\s*\)|\[\s*\]", "", name)
    name = re.sub(r"\b(cam|camera|take|T|-cam|#)(?=[\s_.,)\-/]*$)", "", name)
    name = re.sub(r"[_./-](?=[_./-])|\s+(?=\s)", "", name)
    return re.sub(r"^[\s_./:,#-]+|[\s_./:,#-]+$", "", name)


def invent_programme(spec: SceneSpec) -> Programme:
    """Invent the programme of a spec."""
    rng = spec.rng("story")
    theme, roles, places, things = rng.choice(spec.pool(THEMES, "theme")).split("|")
    first, last = (
        spec.pool(_WORDS.phrases("first_names"), "first name"),
        spec.pool(_WORDS.phrases("last_names"), "last name"),
    )
    people = [f"{a} {b}" for a, b in zip(rng.sample(first, 3), rng.sample(last, 3), strict=True)]
    layout = rng.choice(
        spec.pool([f"{form}|{naming}" for form in FORMATS for naming in _WORDS.phrases("namings")], "layout")
    )
    form, _, naming = layout.partition("|")
    rate = rng.choice(RATES)
    tags = {name: rng.choice(strand.tags) for name, strand in STRANDS.items()}
    cast = dict(zip(roles.split(","), people, strict=True))
    editor = ProgrammeEditor(
        rng, rate, form, naming, tags, rng.choice(SUFFIXES), cast, places.split(","), things.split(",")
    )
    title = rng.choice(_WORDS.phrases("titles")).format(theme=theme)
    _opening(editor, title)
    for _ in range(1 + (spec.difficulty + 1) // 2):
        _chapter(editor, spec.difficulty)
    _ending(editor, title)
    _noise(editor, spec)
    return Programme(title, rate, form, theme, cast, editor.elements, rng.choice((0, 3600, 36000)), naming, tags)


def _opening(editor: ProgrammeEditor, title: str) -> None:
    rng = editor.rng
    for strand in rng.sample(("drone", "wide", "time lapse"), rng.choice((1, 1, 2))):
        editor.clip("V1", strand, rng.uniform(2, 6), place=rng.choice(editor.places), camera=rng.choice("ABC"), take=1)
    editor.clip("V1", "title", rng.uniform(2, 4), what=title)


def _chapter(editor: ProgrammeEditor, difficulty: int) -> None:
    """An interview, with pictures of the place in between."""
    rng = editor.rng
    role = rng.choice(list(editor.roles))
    who, place = editor.roles[role], rng.choice(editor.places)
    begin = editor.at
    camera = rng.choice("AB")
    for turn in range(rng.randint(2, 3)):
        camera = rng.choice([c for c in "ABC" if c != camera])
        shot = editor.clip(
            "V1",
            "interview",
            rng.uniform(1.5, 8),
            who=who,
            camera=camera,
            take=rng.randint(1, 5),
            scene=editor.scene,
            place=place if "what" in editor.naming else "",
        )
        if turn == 0 and editor.form != "edl":
            text = f"{who}, {role}" if rng.random() < 0.7 else f"{who} - {role}"
            editor.clip(
                "V2",
                "lower third",
                min(3.0, (shot.end - shot.start) / editor.rate),
                start=shot.start,
                who=who,
                name=f"{editor.tags['lower third']} {text}",
            )
        if rng.random() < 0.3:
            editor.clip(
                "V1",
                "reaction",
                rng.uniform(0.8, 2),
                who=rng.choice([p for p in editor.roles.values() if p != who]),
                camera=rng.choice("ABC"),
                take=1,
                scene=editor.scene,
            )
        for _ in range(rng.randint(1, 2 if difficulty < 3 else 3)):
            _cutaway(editor, place)
    _chapter_sound(editor, begin, difficulty)
    editor.scene += 1
    if rng.random() < 0.25:
        editor.elements.append(TimelineElement("gap", "V1", editor.at, editor.at + editor.rate // 2, ""))
        editor.at += editor.rate // 2


def _cutaway(editor: ProgrammeEditor, place: str) -> None:
    """A picture of the place, or of something in it."""
    rng = editor.rng
    strand = rng.choices(("b-roll", "archive", "wide", "time lapse", "drone"), (6, 1, 1, 1, 1))[0]
    shows = {"what": rng.choice(editor.things)} if strand in ("b-roll", "archive") else {"place": place}
    speed = rng.choices((1.0, 0.5, 0.4, 2.0, -1.0), (14, 2, 1, 1, 1))[0] if strand == "b-roll" else 1.0
    editor.clip(
        "V1",
        strand,
        rng.uniform(0.7, 5),
        camera=rng.choice("ABCC"),
        take=rng.randint(1, 4),
        scene=editor.scene,
        speed=speed,
        **shows,
    )


def _chapter_sound(editor: ProgrammeEditor, begin: int, difficulty: int) -> None:
    """Music and a line of voice-over for the chapter that begins at a frame."""
    rng = editor.rng
    if difficulty > 1:
        editor.clip(
            "A2",
            "music",
            (editor.at - begin) / editor.rate * rng.uniform(0.4, 0.9),
            start=begin,
            what=rng.choice(_WORDS.phrases("music")),
        )
    if difficulty > 2 and rng.random() < 0.7:
        editor.clip(
            "A3",
            "voice-over",
            rng.uniform(2, 5),
            start=begin + rng.randrange(1, editor.rate * 2),
            what=f"part {editor.scene}",
            take=rng.randint(1, 4),
        )


def _ending(editor: ProgrammeEditor, title: str) -> None:
    rng = editor.rng
    editor.clip("V1", "drone", rng.uniform(2, 5), place=rng.choice(editor.places), camera="C", take=2)
    editor.clip("V1", "credits", rng.uniform(3, 6), what=title)


def _noise(editor: ProgrammeEditor, spec: SceneSpec) -> None:
    """Add sync sound, transitions, notes, takes that are switched off, and times that disagree."""
    rng, difficulty = editor.rng, spec.difficulty
    main = [e for e in editor.elements if e.track == "V1" and e.kind == "clip"]
    for before, after in pairwise(main):
        long = min(before.end - before.start, after.end - after.start) > editor.rate
        if long and before.end == after.start and before.speed == after.speed == 1.0 and rng.random() < 0.2:
            editor.elements.append(_between(editor, before, after))
    notes = _WORDS.table("notes")
    for clip in rng.sample(main, min(len(main), difficulty + rng.randint(0, 2))):
        about = rng.choice(list(notes))
        at = clip.start + rng.randrange(1, max(2, clip.end - clip.start - 1))
        text = rng.choice(spec.pool(notes[about], "note"))
        editor.elements.append(TimelineElement("marker", "V1", at, at, text, about, media=rng.choice(COLOURS)))
    talks = [e for e in main if e.strand == "interview"]
    if difficulty > 1:
        for shot in talks:
            name = editor.clip_name("sound", shot.who, shot.what or shot.place, shot.camera, shot.take)
            editor.elements.append(replace(shot, track="A1", strand="sound", name=name))
    if editor.form != "edl" and difficulty > 2:
        for shot in rng.sample(talks, min(len(talks), difficulty - 2)):
            camera = rng.choice([c for c in "ABC" if c != shot.camera])
            other = replace(shot, track="V3", camera=camera, enabled=False, name="", take=shot.take + 1)
            editor.elements.append(
                replace(
                    other, name=editor.clip_name("interview", shot.who, shot.what or shot.place, camera, other.take)
                )
            )
    if editor.form == "edl" and difficulty > 2:
        for clip in rng.sample([c for c in main if c.strand == "b-roll" and c.speed == 1.0], 1):
            at = editor.elements.index(clip)
            editor.elements[at] = replace(clip, wrong=rng.choice((-6, 5, 9, 12)))


def _between(editor: ProgrammeEditor, before: TimelineElement, after: TimelineElement) -> TimelineElement:
    """A dissolve or wipe. It begins before the cut, except in an edit decision list, where it begins at the cut."""
    half = max(2, editor.rate // 3)
    kind = editor.rng.choices(("dissolve", "wipe"), (3, 1))[0] if editor.form != "fcp7" else "dissolve"
    lead = 0 if editor.form == "edl" else half
    return TimelineElement(
        "transition", "V1", before.end - lead, before.end + half, "", kind, who=before.name, what=after.name
    )
