"""One export: read the runs, make examples, leave out what must be, and give the rest to a format."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from dataclaw.domain import Domain
from dataclaw.errors import UsageError
from dataclaw.export.asking import Asker, Shape, places_of
from dataclaw.export.card import ExportCard
from dataclaw.export.coordinates import MOST, Convention, Coordinates
from dataclaw.export.example import Example, ExampleTurn, LeftOutExample, Spoken
from dataclaw.export.formats import find_format
from dataclaw.export.formats.base import ExportTarget, Format
from dataclaw.export.preferences import Refused
from dataclaw.export.read import read_samples
from dataclaw.export.redact import Redactor
from dataclaw.export.selection import Repeats, control_mark, side_of
from dataclaw.export.store import MediaStore, with_pictures
from dataclaw.files import OWNER, is_vacant, owned_folder, whole_folder
from dataclaw.plugins import load_domain
from dataclaw.run.report.records import SampleRecord
from dataclaw.version import __version__


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """What an export is asked for.

    Attributes:
        to: name of the format.
        shape: how samples become examples.
        coordinates: how points and boxes are written, None for the format's own way.
        max_pixels: most pixels that the model is given, where coordinates count resized pixels.
        clip_pictures: pictures taken out of each clip for consumers that read no video.
        validation: share of the streams that is kept apart, 0..1.
        near: likeness from which a sample is a near-duplicate; 1 keeps all but equal rows.
        min_total: least total of a sample.
        redact: hide e-mail addresses, card and phone numbers and names of accounts, in texts and pictures.
        hide: further texts to hide.
        licence: what the card says of the sources' licences.
        registry: the `plugins.toml` to use.
    """

    to: str
    shape: Shape = field(default_factory=Shape)
    coordinates: Convention | None = None
    max_pixels: int = MOST
    clip_pictures: int = 8
    validation: float = 0.0
    near: float = 0.9
    min_total: float = 0.0
    redact: bool = False
    hide: tuple[str, ...] = ()
    licence: str = ""
    registry: Path | None = None


@dataclass
class ExportSummary:
    """What an export became.

    Attributes:
        target: its folder.
        card: counts of what is in it.
        left_out: what is not, and why.
    """

    target: Path
    card: ExportCard
    left_out: list[LeftOutExample] = field(default_factory=list[LeftOutExample])

    def reasons(self) -> Counter[str]:
        """Rows and samples left out, by reason."""
        return Counter(entry.why for entry in self.left_out)


def export_runs(
    outs: Sequence[Path],
    target: Path,
    settings: ExportSettings,
    told: Callable[[SampleRecord], None] | None = None,
) -> ExportSummary:
    """Write the samples of runs for a trainer; the folder appears whole, or not at all.

    Args:
        outs: folders of runs.
        target: folder to write, which must not be there or be empty.
        settings: what is asked for.
        told: is told of every sample that was read.

    Raises:
        UsageError: a run is broken or empty, the target is not empty, or nothing is left to export.
        OwnedError: somebody exports into the target.
        MissingExtraError: the format's library is not installed.
        OSError: disk full, no permission.
    """
    form = find_format(settings.to)
    _check_vacant(target)
    summary = ExportSummary(target, ExportCard(settings.licence))
    redactor = _redactor(outs, settings, told)
    with _hold(target), whole_folder(target) as folder:
        store = MediaStore(folder, redactor.write if redactor else None)
        coordinates = Coordinates(settings.coordinates or form.coordinates, settings.max_pixels)
        writer = form(ExportTarget(folder, store, coordinates))
        try:
            for side, example in _choose(outs, form, settings, summary, redactor, told):
                ready = with_pictures(example, store, settings.clip_pictures) if form.images_only else example
                ready = _with_coordinates(ready, coordinates)
                if refused := writer.refuse(ready) or writer.add(side, ready):
                    summary.left_out.append(refused)
                else:
                    summary.card.add(side, ready)
        finally:
            writer.close()
        _check_not_empty(summary, form, outs)
        if redactor:
            redactor.write_ledger(folder)
        _write_ledgers(folder, settings, summary, writer.tables)
    return summary


def _check_vacant(target: Path) -> None:
    if target.exists() and not (target.is_dir() and is_vacant(target)):
        raise UsageError("something is there already.", place=str(target), remedy="Name a new folder for --out.")


@contextmanager
def _hold(target: Path) -> Generator[None]:
    """Hold a folder that another one is to replace; where that fails, nothing is left of it."""
    was_there = target.exists()
    with owned_folder(target):
        _check_vacant(target)  # somebody may have been quicker
        try:
            yield
        except BaseException:
            (target / OWNER).unlink(missing_ok=True)
            if not was_there:
                with suppress(OSError):  # somebody put something into it
                    target.rmdir()
            raise


def _redactor(
    outs: Sequence[Path], settings: ExportSettings, told: Callable[[SampleRecord], None] | None
) -> Redactor | None:
    """What hides personal data, when that is asked for; it has read everything by then."""
    if not settings.redact and not settings.hide:
        return None
    redactor = Redactor(settings.hide)
    for _, sample, media in read_samples(outs):
        redactor.learn(sample, media)
        if told:
            told(sample)
    return redactor


def _choose(
    outs: Sequence[Path],
    form: type[Format],
    settings: ExportSettings,
    summary: ExportSummary,
    redactor: Redactor | None,
    told: Callable[[SampleRecord], None] | None,
) -> Iterator[tuple[str, Example]]:
    """Examples that may be written, with their side."""
    repeats = Repeats(settings.near)
    askers = _Askers(replace(settings, shape=replace(settings.shape, per="sample")) if form.whole else settings)
    refused_drafts = Refused(outs) if form.pairs else None
    for folder, original, media in read_samples(outs):
        sample = redactor.sample(original) if redactor else original
        if told:
            told(sample)
        if (sample.verdict.total or 0.0) < settings.min_total:
            summary.left_out.append(LeftOutExample(sample.id, f"its total is below {settings.min_total:g}"))
            continue
        if like := repeats.sample(sample):
            summary.left_out.append(like)
            continue
        asker = askers.of(sample)
        for found in asker.examples(sample, media):
            example = refused_drafts.pair(found, asker, folder, media) if refused_drafts else found
            if redactor and isinstance(example, Example):
                example = redactor.example(example)
            refused = example if isinstance(example, LeftOutExample) else _refusal(example, repeats)
            if refused:
                summary.left_out.append(refused)
            else:
                assert isinstance(example, Example)
                yield side_of(example, settings.validation), example


def _refusal(example: Example, repeats: Repeats) -> LeftOutExample | None:
    if mark := control_mark(example):
        return LeftOutExample(example.id, f"its text holds {mark}, which trainers do not read as text")
    return repeats.row(example)


class _Askers:
    """One asker a task, made when its first sample comes."""

    def __init__(self, settings: ExportSettings) -> None:
        self._settings = settings
        self._domains: dict[str, Domain] = {}
        self._known: dict[tuple[str, str], Asker] = {}

    def of(self, sample: SampleRecord) -> Asker:
        """The asker of a sample's task.

        Raises:
            UsageError: its domain is not installed, or has no such task.
        """
        key = sample.domain, sample.task
        if key not in self._known:
            if sample.domain not in self._domains:
                self._domains[sample.domain] = load_domain(sample.domain, registry=self._settings.registry)
            self._known[key] = Asker(self._domains[sample.domain].task(sample.task), self._settings.shape)
        return self._known[key]


def _with_coordinates(example: Example, coordinates: Coordinates) -> Example:
    """An example whose prompt says how its coordinates count, where it has some."""
    told = coordinates.describe(places_of(example))
    if not told:
        return example
    first, *rest = example.turns
    if first.role == "system":
        return example.with_turns(iter([ExampleTurn("system", (*first.fragments, Spoken(f"\n{told}"))), *rest]))
    return example.with_turns(iter([ExampleTurn("system", (Spoken(told),)), *example.turns]))


def _check_not_empty(summary: ExportSummary, form: type[Format], outs: Sequence[Path]) -> None:
    if summary.card.rows:
        return
    why = summary.reasons().most_common(1)
    reason = (
        f"of {len(summary.left_out)} the most are left out because: {why[0][0]}" if why else "the runs have no sample"
    )
    raise UsageError(
        f"nothing to export as {form.name}: {reason}.",
        place=", ".join(str(out) for out in outs),
        remedy="Look at dataclaw export --help for formats, or at rejected.jsonl of the run.",
    )


def _write_ledgers(folder: Path, settings: ExportSettings, summary: ExportSummary, tables: Mapping[str, str]) -> None:
    lines = (json.dumps(entry.to_json(), ensure_ascii=False) for entry in summary.left_out)
    (folder / "left_out.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    known = {"to": settings.to, "per": settings.shape.per, "dataclaw": __version__, **summary.card.to_json()}
    (folder / "README.md").write_text(summary.card.text(tables, f"Training data ({settings.to})"), encoding="utf-8")
    (folder / "export.json").write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
