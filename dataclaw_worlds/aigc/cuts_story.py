"""An invented programme as elements on tracks: who speaks in which shot, what cutaways show, what notes say.

Everything is counted in frames of the cut; a writer makes files of it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from dataclaw.worlds.base import SceneSpec
from dataclaw_worlds.aigc import cuts_words as words

RATES = (25, 24, 30, 50)


@dataclass(frozen=True, slots=True)
class Element:
    """Something on a track.

    Attributes:
        kind: "clip", "gap", "transition" or "marker".
        track: name of its track.
        start: where it begins [frames].
        end: where it ends [frames].
        name: its name in the file.
        strand: what it is, a key of `cuts_words.STRANDS`; of a marker what it is about; of a transition its type.
        who: person in it, "" for nobody.
        place: where it was shot, "" when nothing says.
        what: what it shows.
        camera: letter of the camera, "" where the name does not say.
        scene: number of the scene, 0 for none.
        take: number of the take, 0 for none.
        speed: material per cut time, negative backwards.
        enabled: whether it is switched on.
        media: file of its material.
        source: where its material begins [frames].
        wrong: frames that its source is longer than its record, for lists whose times disagree.
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
    """A cut as it was invented.

    Attributes:
        title: its name.
        rate: frames a second.
        form: "otio", "edl" or "fcp7".
        theme: what it is about.
        roles: person by role.
        elements: what lies on its tracks, by track and time.
        start: time code at which it begins [s].
        naming: how its clips are named.
        tags: the mark of each strand in names.
    """

    title: str
    rate: int
    form: str
    theme: str
    roles: dict[str, str]
    elements: list[Element]
    start: int
    naming: str
    tags: dict[str, str]


@dataclass(slots=True)
class Desk:
    """An editor at work: the draw, the conventions, and how far each track is filled."""

    rng: random.Random
    rate: int
    form: str
    naming: str
    tags: dict[str, str]
    suffix: str
    roles: dict[str, str]
    places: Sequence[str]
    things: Sequence[str]
    elements: list[Element] = field(default_factory=list[Element])
    files: dict[tuple[str, ...], str] = field(default_factory=dict[tuple[str, ...], str])
    at: int = 0
    scene: int = 1

    def named(self, strand: str, who: str, what: str, camera: str, take: int) -> str:
        """A clip's name by the convention of this cut; empty parts leave no mark."""
        reel = f"{ord(camera or 'X') - 64:02d}{self.scene:02d}"
        filled = self.naming.format(
            tag=self.tags[strand], who=who, what=what, cam=camera, take=take or "", scene=f"{self.scene:02d}", reel=reel
        )
        return tidy(filled)

    def clip(self, track: str, strand: str, seconds: float, **more: object) -> Element:
        """A clip at the end of the main track, or at a place of its own (`start`) on another."""
        start = int(more.pop("start", self.at))  # pyright: ignore[reportArgumentType]
        length = max(3, round(seconds * self.rate))
        given = str(more.pop("name", ""))
        made = Element("clip", track, start, start + length, given, strand, **more)  # pyright: ignore[reportArgumentType]
        name = made.name or self.named(strand, made.who, made.what or made.place, made.camera, made.take)
        key = (strand, made.who, made.place, made.camera, "" if made.who else made.what)
        media = self.files.setdefault(key, tidy(name).replace(" ", "_").replace("/", "-") + self.suffix)
        source = self.rng.randrange(0, 600 * self.rate)
        made = replace(made, name=name, media=media, source=source)
        self.elements.append(made)
        if track == "V1":
            self.at = made.end
        return made


def tidy(name: str) -> str:
    """A name without the marks that stood around empty parts."""
    name = re.sub(r"\(\s*\)|\[\s*\]", "", name)
    name = re.sub(r"\b(cam|camera|take|T|-cam|#)(?=[\s_.,)\-/]*$)", "", name)
    name = re.sub(r"[_./-](?=[_./-])|\s+(?=\s)", "", name)
    return re.sub(r"^[\s_./:,#-]+|[\s_./:,#-]+$", "", name)


def invented(spec: SceneSpec) -> Programme:
    """The programme of a lot."""
    rng = spec.rng("story")
    theme, roles, places, things = rng.choice(spec.pool(words.THEMES, "theme")).split("|")
    first, last = spec.pool(words.FIRST, "first name"), spec.pool(words.LAST, "last name")
    people = [f"{a} {b}" for a, b in zip(rng.sample(first, 3), rng.sample(last, 3), strict=True)]
    layout = rng.choice(spec.pool([f"{form}|{naming}" for form in words.FORMATS for naming in words.NAMINGS], "layout"))
    form, _, naming = layout.partition("|")
    rate = rng.choice(RATES)
    tags = {name: rng.choice(strand.tags) for name, strand in words.STRANDS.items()}
    cast = dict(zip(roles.split(","), people, strict=True))
    desk = Desk(
        rng, rate, form, naming, tags, rng.choice(words.SUFFIXES[:4]), cast, places.split(","), things.split(",")
    )
    title = rng.choice(words.TITLES).format(theme=theme)
    _opening(desk, title)
    for _ in range(1 + (spec.difficulty + 1) // 2):
        _chapter(desk, spec.difficulty)
    _ending(desk, title)
    _noise(desk, spec)
    return Programme(title, rate, form, theme, cast, desk.elements, rng.choice((0, 3600, 36000)), naming, tags)


def _opening(desk: Desk, title: str) -> None:
    rng = desk.rng
    for strand in rng.sample(("drone", "wide", "time lapse"), rng.choice((1, 1, 2))):
        desk.clip("V1", strand, rng.uniform(2, 6), place=rng.choice(desk.places), camera=rng.choice("ABC"), take=1)
    desk.clip("V1", "title", rng.uniform(2, 4), what=title)


def _chapter(desk: Desk, difficulty: int) -> None:
    """Somebody tells, and pictures of the place lie in between."""
    rng = desk.rng
    role = rng.choice(list(desk.roles))
    who, place = desk.roles[role], rng.choice(desk.places)
    begin = desk.at
    camera = rng.choice("AB")
    for turn in range(rng.randint(2, 3)):
        camera = rng.choice([c for c in "ABC" if c != camera])
        said = desk.clip(
            "V1",
            "interview",
            rng.uniform(1.5, 8),
            who=who,
            camera=camera,
            take=rng.randint(1, 5),
            scene=desk.scene,
            place=place if "what" in desk.naming else "",
        )
        if turn == 0 and desk.form != "edl":
            text = f"{who}, {role}" if rng.random() < 0.7 else f"{who} - {role}"
            desk.clip(
                "V2",
                "lower third",
                min(3.0, (said.end - said.start) / desk.rate),
                start=said.start,
                who=who,
                name=f"{desk.tags['lower third']} {text}",
            )
        if rng.random() < 0.3:
            desk.clip(
                "V1",
                "reaction",
                rng.uniform(0.8, 2),
                who=rng.choice([p for p in desk.roles.values() if p != who]),
                camera=rng.choice("ABC"),
                take=1,
                scene=desk.scene,
            )
        for _ in range(rng.randint(1, 2 if difficulty < 3 else 3)):
            strand = rng.choices(("b-roll", "archive", "wide", "time lapse", "drone"), (6, 1, 1, 1, 1))[0]
            shows = {"what": rng.choice(desk.things)} if strand in ("b-roll", "archive") else {"place": place}
            speed = rng.choices((1.0, 0.5, 0.4, 2.0, -1.0), (14, 2, 1, 1, 1))[0] if strand == "b-roll" else 1.0
            desk.clip(
                "V1",
                strand,
                rng.uniform(0.7, 5),
                camera=rng.choice("ABCC"),
                take=rng.randint(1, 4),
                scene=desk.scene,
                speed=speed,
                **shows,
            )
    if difficulty > 1:
        desk.clip(
            "A2",
            "music",
            (desk.at - begin) / desk.rate * rng.uniform(0.4, 0.9),
            start=begin,
            what=rng.choice(("slow piano", "bright strings", "drums", "tense pads", "folk guitar", "accordion")),
        )
    if difficulty > 2 and rng.random() < 0.7:
        desk.clip(
            "A3",
            "voice-over",
            rng.uniform(2, 5),
            start=begin + rng.randrange(1, desk.rate * 2),
            what=f"part {desk.scene}",
            take=rng.randint(1, 4),
        )
    desk.scene += 1
    if rng.random() < 0.25:
        desk.elements.append(Element("gap", "V1", desk.at, desk.at + desk.rate // 2, ""))
        desk.at += desk.rate // 2


def _ending(desk: Desk, title: str) -> None:
    rng = desk.rng
    desk.clip("V1", "drone", rng.uniform(2, 5), place=rng.choice(desk.places), camera="C", take=2)
    desk.clip("V1", "credits", rng.uniform(3, 6), what=title)


def _noise(desk: Desk, spec: SceneSpec) -> None:
    """Sync sound, transitions, notes, takes that are switched off, times that disagree."""
    rng, difficulty = desk.rng, spec.difficulty
    main = [e for e in desk.elements if e.track == "V1" and e.kind == "clip"]
    for before, after in pairwise(main):
        long = min(before.end - before.start, after.end - after.start) > desk.rate
        if long and before.end == after.start and before.speed == after.speed == 1.0 and rng.random() < 0.2:
            desk.elements.append(_between(desk, before, after))
    for clip in rng.sample(main, min(len(main), difficulty + rng.randint(0, 2))):
        about = rng.choice(list(words.NOTES))
        at = clip.start + rng.randrange(1, max(2, clip.end - clip.start - 1))
        text = rng.choice(spec.pool(words.NOTES[about], "note"))
        desk.elements.append(Element("marker", "V1", at, at, text, about, media=rng.choice(words.COLOURS)))
    talks = [e for e in main if e.strand == "interview"]
    if difficulty > 1:
        for said in talks:
            name = desk.named("sound", said.who, said.what or said.place, said.camera, said.take)
            desk.elements.append(replace(said, track="A1", strand="sound", name=name))
    if desk.form != "edl" and difficulty > 2:
        for said in rng.sample(talks, min(len(talks), difficulty - 2)):
            camera = rng.choice([c for c in "ABC" if c != said.camera])
            other = replace(said, track="V3", camera=camera, enabled=False, name="", take=said.take + 1)
            desk.elements.append(
                replace(other, name=desk.named("interview", said.who, said.what or said.place, camera, other.take))
            )
    if desk.form == "edl" and difficulty > 2:
        for clip in rng.sample([c for c in main if c.strand == "b-roll" and c.speed == 1.0], 1):
            at = desk.elements.index(clip)
            desk.elements[at] = replace(clip, wrong=rng.choice((-6, 5, 9, 12)))


def _between(desk: Desk, before: Element, after: Element) -> Element:
    """A dissolve or wipe; it begins where the outgoing clip still lies, in lists at the cut itself."""
    half = max(2, desk.rate // 3)
    kind = desk.rng.choices(("dissolve", "wipe"), (3, 1))[0] if desk.form != "fcp7" else "dissolve"
    lead = 0 if desk.form == "edl" else half
    return Element("transition", "V1", before.end - lead, before.end + half, "", kind, who=before.name, what=after.name)
