"""One page that shows what a run made and why: every field of every sample beside the evidence it cites.

The page is a single file that asks the network for nothing. What it shows was read off other people's screens, so
everything is escaped, and the page's own policy forbids any script but its own.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import tomli_w
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dataclaw.files import write_atomic
from dataclaw.rewards import Failures, library
from dataclaw.run.report import details
from dataclaw.run.report.folder import RunFolder
from dataclaw.run.report.pictures import PageAlbum, shrink_all
from dataclaw.run.report.records import ClipRecord, RejectionRecord, SampleRecord, TraceRecord
from dataclaw.types import Json

SHELL_CHARS = 500_000
"""What the page takes beside samples, transcripts and screenshots, at most [characters]."""

SCRIPTS = ("dom.js", "stage.js", "timeline.js", "answer.js", "media.js", "sections.js", "page.js")
"""Modules that import each other by name; in the page they stand one below the other, so that it needs no others."""
_IMPORT = re.compile(r"^import .*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PageRoom:
    """How large a page may become.

    Attributes:
        rows: most samples, and most rejections, that are shown in detail.
        details: what they may take [characters].
        traces: what their transcripts may take [characters].
        page: what the page may take; what is left goes to the screenshots [characters].
    """

    rows: int = 200
    details: int = 8_000_000
    traces: int = 5_000_000
    page: int = 25_000_000


@dataclass(slots=True)
class Mean:
    """A running mean of scores (0..1)."""

    total: float = 0.0
    count: int = 0

    def add(self, value: float) -> None:
        """Take one score in."""
        self.total += value
        self.count += 1

    @property
    def value(self) -> float:
        """The mean; 0 of nothing."""
        return self.total / self.count if self.count else 0.0


@dataclass(slots=True)
class Tally:
    """Counts of a run, over all its records, however many of them the page shows.

    Attributes:
        streams: paths of the streams, each once.
        samples: samples accepted, repaired ones among them.
        repaired: samples whose draft was sent back at least once.
        rejected: rejections.
        events: events of the samples' streams.
        left_out: events left out, by reason.
        stops: rejections by why the rollout ended.
        reward: mean reward of the accepted samples.
        rules: mean score of each rule over the accepted samples it applies to.
        tasks: records by `domain/task`.
        policies: samples by policy.
        broken: rules that failed on drafts.
    """

    streams: set[str] = field(default_factory=set[str])
    samples: int = 0
    repaired: int = 0
    rejected: int = 0
    events: int = 0
    left_out: Counter[str] = field(default_factory=Counter[str])
    stops: Counter[str] = field(default_factory=Counter[str])
    reward: Mean = field(default_factory=Mean)
    rules: dict[str, Mean] = field(default_factory=dict[str, Mean])
    tasks: Counter[str] = field(default_factory=Counter[str])
    policies: Counter[str] = field(default_factory=Counter[str])
    broken: Failures = field(default_factory=Failures)

    def add_sample(self, sample: SampleRecord) -> None:
        """Count a sample."""
        self.streams.add(sample.stream.path)
        self.samples += 1
        self.repaired += bool(sample.made_by.repairs)
        self.events += sample.left_out.events
        self.left_out.update(sample.left_out.by_reason)
        if sample.verdict.total is not None:
            self.reward.add(sample.verdict.total)
        for name, score in sample.verdict.scores.items():
            if score is not None:
                self.rules.setdefault(name, Mean()).add(score)
        self.tasks[f"{sample.domain}/{sample.task}"] += 1
        self.policies[sample.made_by.policy] += 1
        self.broken.add(sample.verdict.failed)

    def add_rejection(self, rejection: RejectionRecord) -> None:
        """Count a rejection."""
        self.streams.add(rejection.stream.path)
        self.rejected += 1
        self.stops[rejection.stop] += 1
        if rejection.domain and rejection.task:
            self.tasks[f"{rejection.domain}/{rejection.task}"] += 1
        if rejection.verdict:
            self.broken.add(rejection.verdict.failed)


@dataclass(slots=True)
class Page:
    """What goes into the page.

    Attributes:
        room: how large it may become.
        tally: figures over the whole run.
        shown: what is shown in detail, samples before rejections, each as the page draws it.
        counts: how many samples and rejections are in `shown`, by kind.
        traces: transcripts as text for the page, by position in `shown`.
        traces_left_out: how many transcripts there was no room for.
        details_taken: what `shown` takes [characters].
        traces_taken: what `traces` take [characters].
    """

    room: PageRoom
    tally: Tally = field(default_factory=Tally)
    shown: list[dict[str, Json]] = field(default_factory=list[dict[str, Json]])
    counts: Counter[str] = field(default_factory=Counter[str])
    traces: dict[int, Markup] = field(default_factory=dict[int, Markup])
    traces_left_out: int = 0
    details_taken: int = 0
    traces_taken: int = 0

    def has_room(self, kind: str) -> bool:
        """Whether one more of that kind may be shown."""
        return self.details_taken <= self.room.details and self.counts[kind] < self.room.rows

    def show(self, key: str, detail: dict[str, Json], trace: TraceRecord | None) -> None:
        """Show one, with its transcript, as far as there is room."""
        self.details_taken += len(embed(detail))
        if self.details_taken > self.room.details:
            return
        if trace:
            text = embed(details.transcript(key, trace))
            if self.traces_taken + len(text) <= self.room.traces:
                self.traces_taken += len(text)
                self.traces[len(self.shown)] = text
            else:
                self.traces_left_out += 1
        self.shown.append(detail)
        self.counts[detail["kind"]] += 1


def write_report(out: Path, *, room: PageRoom = PageRoom()) -> Path:
    """Write `report.html` for the run in `out`; returns its path.

    Samples stand in order of their totals, best first. Large runs make no large page: 200 samples and rejections are
    shown in detail, screenshots are scaled down, and the page says what it leaves out.

    Args:
        out: the run's folder.
        room: how large the page may become.

    Raises:
        UsageError: `out` holds no finished run, or a record in it is broken; the line is named.
    """
    folder, page = RunFolder(out), Page(room)
    folder.config()  # the clearest error first: this is no run's folder
    _collect(page, folder)
    album = _illustrate(page, folder)
    report = out / "report.html"
    write_atomic(report, _render(page, album, folder))
    return report


def embed(value: Json) -> Markup:
    """Plain data as JSON that may stand inside a `<script>` element: no character in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)  # noqa: S704 - the characters that matter are gone


def _collect(page: Page, folder: RunFolder) -> None:
    """Read every record for the figures; show the samples of highest total, best first, and the first rejections."""
    best: list[tuple[float, int]] = []
    for number, sample in enumerate(folder.rows("samples", SampleRecord)):
        page.tally.add_sample(sample)
        best.append((-(sample.verdict.total or 0.0), number))
    wanted = {number for _, number in sorted(best)[: page.room.rows]}
    chosen = [sample for number, sample in enumerate(folder.rows("samples", SampleRecord)) if number in wanted]
    for sample in sorted(chosen, key=lambda sample: -(sample.verdict.total or 0.0)):
        if page.has_room("sample"):
            trace = folder.trace(sample.id)
            page.show(sample.id, details.of_sample(sample, trace), trace)
    for rejection in folder.rows("rejected", RejectionRecord):
        page.tally.add_rejection(rejection)
        if page.has_room("rejected"):
            trace = folder.trace(rejection.id)
            page.show(rejection.id, details.of_rejection(rejection, trace), trace)


def _illustrate(page: Page, folder: RunFolder) -> PageAlbum:
    """Give each sample its screenshots while there is room; those that do not fit are left without data."""
    media = folder.media({detail["id"] for detail in page.shown if detail["kind"] == "sample"})
    album = PageAlbum(page.room.page - min(page.details_taken, page.room.details) - page.traces_taken - SHELL_CHARS)
    rows = list(details.in_turns([media.get(detail["id"], []) for detail in page.shown]))
    small = shrink_all((folder.inside(row.path) for _, row in rows if not isinstance(row, ClipRecord)), album)
    for i, row in rows:
        if isinstance(row, ClipRecord):
            name, fate = album.add_clip(folder.inside(row.path))
            page.shown[i]["clips"].append(row.model_dump(mode="json") | {"clip": name, "fate": fate})
            continue
        name, fate = album.add(next(small))
        page.shown[i]["pictures"][details.picture_key(row)] = {
            "picture": name,
            "fate": fate,
            "path": row.path,
            "role": row.role,
            "t": row.t,
            "size": row.size,
        }
    return album


def _notes(page: Page, album: PageAlbum) -> list[str]:
    """What the page does not show, one sentence each."""
    tally, shown, fates = page.tally, page.counts, album.fates
    megabytes = page.room.page / 1_000_000
    said = [
        (
            tally.samples - shown["sample"],
            f"Shown are the best {shown['sample']} of {tally.samples} samples; the figures count all of them. "
            "The others are in samples.jsonl.",
        ),
        (
            tally.rejected - shown["rejected"],
            f"Shown are the first {shown['rejected']} of {tally.rejected} rejections. "
            "The others are in rejected.jsonl.",
        ),
        (page.traces_left_out, f"Transcripts left out to keep the page small: {page.traces_left_out}. See traces/."),
        (
            fates["left out"],
            f"Screenshots left out to keep the page below {megabytes:g} MB: {fates['left out']}. See media/.",
        ),
        (fates["missing"], f"Screenshots that artifacts.jsonl names and the folder lacks: {fates['missing']}."),
        (fates["unreadable"], f"Files below media/ that are no readable pictures: {fates['unreadable']}."),
    ]
    return [sentence for applies, sentence in said if applies]


def _render(page: Page, album: PageAlbum, folder: RunFolder) -> str:
    version, asked = folder.config()
    templates = files("dataclaw.run.report") / "templates"
    script = "\n".join(_IMPORT.sub("", (templates / name).read_text(encoding="utf-8")) for name in SCRIPTS)
    style = (templates / "report.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=PackageLoader("dataclaw.run.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        page=page,
        tally=page.tally,
        usage=folder.usage(),
        notes=_notes(page, album),
        blocks=[embed(detail) for detail in page.shown],
        rules=embed({name: known.doc for name, known in library().items()}),
        pictures=album.pictures,
        intent=str(asked.get("intent", "")),
        run_toml=tomli_w.dumps(asked),
        version=version,
        name=folder.root.resolve().name,
        script=Markup(script),  # noqa: S704 - our own file
        style=Markup(style),  # noqa: S704 - our own file
        script_hash=_csp_hash(script),
        style_hash=_csp_hash(style),
    )


def _csp_hash(text: str) -> str:
    """How a Content-Security-Policy names an inline script or style (W3C CSP 3, section 2.3.1)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}"
