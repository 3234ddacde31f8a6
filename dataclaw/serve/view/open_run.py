"""One run as the page works with it: its rows, one sample with everything beside it, edits judged, reviews written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from threading import RLock
from typing import cast

from dataclaw.agent import steps
from dataclaw.agent.case import Facts, narrow_schema
from dataclaw.errors import StreamError, UsageError
from dataclaw.run.report import details
from dataclaw.run.report.compare import differences
from dataclaw.run.report.folder import RunFolder
from dataclaw.run.report.records import (
    ArtifactRecord,
    ClipRecord,
    DraftRecord,
    RejectionRecord,
    SampleRecord,
    TraceRecord,
)
from dataclaw.run.rescore import Rescorer, read_trace
from dataclaw.serve.problem import RefusedError
from dataclaw.serve.view.footage import rate_of, recording_of
from dataclaw.serve.view.forms import hints
from dataclaw.serve.view.index import RunIndex
from dataclaw.serve.view.reviews import STATE_OF, Review, ReviewFile
from dataclaw.strict import check
from dataclaw.types import Json

MEDIA = "media"
MAX_TIMES = 20_000
"""Times of sampled frames that the page is told; a longer recording is nudged by its rate."""
MAX_LINES = 20_000


@dataclass(slots=True)
class OpenRun:
    """A run that is looked at.

    Attributes:
        root: its folder.
        index: its rows.
        reviews: what people said of them.
        judge: what edits are judged with.
        streams: folders whose recordings may be shown, beside the run's own.
    """

    root: Path
    index: RunIndex
    reviews: ReviewFile
    judge: Rescorer
    streams: Sequence[Path] = ()
    _lock: RLock = field(default_factory=RLock)

    @classmethod
    def at(cls, root: Path, cache: Path, judge: Rescorer, streams: Sequence[Path] = ()) -> OpenRun:
        """The run in a folder; its index is kept in `cache`.

        Raises:
            UsageError: no run is there.
        """
        RunFolder(root).config()
        return cls(root, RunIndex(root, cache), ReviewFile(root), judge, streams)

    @property
    def folder(self) -> RunFolder:
        """The folder, read as a stranger's."""
        return RunFolder(self.root)

    def refresh(self) -> None:
        """Take in what has changed in the folder.

        Raises:
            RefusedError: the run is not finished (503); the page asks again.
        """
        with self._lock:
            try:
                anew = self.index.refresh()
            except FileNotFoundError as error:
                done = sum(1 for _ in (self.root / "done").glob("*.json"))
                raise RefusedError(
                    HTTPStatus.SERVICE_UNAVAILABLE,
                    f"this run is not finished: {Path(str(error.filename)).name} is missing ({done} streams are done).",
                    place=str(self.root),
                    remedy="The page goes on by itself when the run ends; a run that was stopped goes on when the same"
                    " command is given again.",
                ) from None
            fresh = self.reviews.refresh()
            told = self.reviews.last if anew else fresh
            said = ((name, self.reviews.last[name]) for name in told if name in self.reviews.last)
            self.index.set_reviews((name, review.of, STATE_OF[review.action]) for name, review in said)

    def row(self, name: str) -> dict[str, Json]:
        """The row of a sample or rejection.

        Raises:
            RefusedError: there is none.
        """
        found = self.index.find(name)
        if found is None:
            raise RefusedError(
                HTTPStatus.NOT_FOUND,
                f"no {name!r} is in this run.",
                place=str(self.root),
                remedy="Go back to the list.",
            )
        return found

    def detail(self, name: str) -> dict[str, Json]:
        """All that the page shows of a sample or rejection.

        Raises:
            RefusedError: there is none, or its file is being written.
            UsageError: the record or its trace is broken.
        """
        row, record = self.record(name)
        trace = self.folder.trace(name)
        place = f"{self.root}: {name}"
        if row["kind"] == "sample":
            shown = details.of_sample(check(record, SampleRecord, place), trace)
        else:
            shown = details.of_rejection(check(record, RejectionRecord, place), trace)
        shown |= {"input_text": record.get("input_text"), "hash": row["hash"], "review": self.review_of(name, row)}
        shown["pictures"], shown["clips"] = self._media(name)
        for lane in shown["lanes"]:
            lane["events"] = [*lane["events"], *_facts(shown, lane)]
        return shown | {"steps": _steps(name, trace), **_times_and_lines(trace, record.get("input_text"))}

    def record(self, name: str) -> tuple[dict[str, Json], dict[str, Json]]:
        """The row and the whole record of a sample or rejection.

        Raises:
            RefusedError: there is none, or its file is being written.
        """
        row = self.row(name)
        try:
            return row, self.index.record(row)
        except ValueError:
            raise _stale_error(name) from None

    def review_of(self, name: str, row: Mapping[str, Json]) -> dict[str, Json]:
        """The review that counts, with its state; `last` is the name to give with the next one."""
        known = self.reviews.last.get(name)
        return {
            "state": row["review"],
            "last": known.id if known else "",
            "review": known.model_dump(mode="json") if known and known.action != "clear" else None,
        }

    def recording(self, name: str) -> dict[str, Json]:
        """The recording of a sample's stream, where it may be played: its rate; else why not."""
        try:
            file = self.recording_file(name)
            return {"rate": rate_of(file)} if file else {"missing": True}
        except StreamError as error:
            return {"missing": True, "why": str(error)}

    def recording_file(self, name: str) -> Path | None:
        """The recording that a sample was made of, None where it is not to be shown."""
        _, record = self.record(name)
        stream = check(record, SampleRecord if "answer" in record else RejectionRecord, name).stream
        _, asked = self.folder.config()
        frames = asked.get("max_frames")
        return recording_of(
            stream, [self.root, *self.streams], frames if isinstance(frames, int) and frames > 1 else 256
        )

    def media_file(self, path: str) -> Path | None:
        """A file below `media/` by its path from the run's folder; None where it is not there or leads elsewhere."""
        below, _, rest = path.partition("/")
        return RunFolder(self.root / MEDIA).inside(rest) if below == MEDIA else None

    def form(self, name: str) -> dict[str, Json]:
        """The draft that a sample was made of, or the one that a review put in its place, and what its fields are.

        Raises:
            UsageError: the sample has no trace that it could be made anew of.
        """
        row, record = self.record(name)
        state, facts = self._trace(name, record)
        best = steps.best(state)
        assert best is not None
        known = self.reviews.last.get(name)
        draft = known.edit if known and known.action == "edit" and known.of == row["hash"] else best.draft
        anchors = (*state.anchors, *best.cited)
        schema = narrow_schema(self.judge.task(state).schema, facts, state.window, anchors)
        return {"draft": draft, "hints": hints(draft, schema), "anchors": sorted(set(anchors))}

    def revise(self, name: str, draft: Json) -> dict[str, Json]:
        """A sample made anew of another draft and judged by the rules.

        Raises:
            UsageError: the draft does not fit the schema, or there is no trace to judge it by.
        """
        _, record = self.record(name)
        state, facts = self._trace(name, record)
        with self._lock:
            made = self.judge.revise(state, facts, record, draft)
        return cast("dict[str, Json]", json.loads(json.dumps(made, ensure_ascii=False)))

    def preview(self, name: str, draft: Json) -> dict[str, Json]:
        """What `revise` would give: the verdict, and where the sample differs from the one of the run."""
        _, record = self.record(name)
        made = self.revise(name, draft)
        keys = ("question", "answer", "answer_parts", "data", "cot", "input_video", "output_video")
        found = [c for key in keys for c in differences(record.get(key), made.get(key), f"/{key}")]
        changes = [{"path": c.path, "kind": c.kind, "before": c.before, "after": c.after} for c in found]
        return {"verdict": made["verdict"], "changes": changes, "hints": self._hints(name, record, draft)}

    def save(self, review: Review, *, after: str) -> dict[str, Json]:
        """Write a review; an edit is judged once more before.

        Raises:
            RefusedError: the sample is another one now, or was reviewed in another tab (409); or the disk refused.
            UsageError: an edit that does not fit the schema, or of what cannot be edited.
        """
        self.refresh()
        row = self.row(review.sample)
        if row["hash"] != review.of:
            raise _stale_error(review.sample)
        if row["kind"] != "sample" and review.action in ("accept", "edit"):
            raise UsageError(
                "a rejection is no sample that could be accepted or edited.",
                place=review.sample,
                remedy="Flag it, and run its stream again.",
            )
        if review.action == "edit":
            total = self.revise(review.sample, review.edit)["verdict"]["total"]
            review = review.model_copy(update={"total": total})
        else:
            review = review.model_copy(update={"edit": None, "total": None})
        self.reviews.add(review, after=after)
        self.refresh()
        return self.review_of(review.sample, self.row(review.sample))

    def _trace(self, name: str, record: Mapping[str, Json]) -> tuple[steps.State, Facts]:
        file = self.folder.inside(f"traces/{name}.json")
        if file is None or "answer" not in record:
            raise UsageError(
                "there is no trace behind it, so that no other draft of it can be judged.",
                place=f"{self.root}: {name}",
                remedy="Accept, reject or flag it as it is.",
            )
        state, facts = read_trace(file)
        if steps.best(state) is None:
            raise UsageError("its trace holds no draft.", place=str(file), remedy="Run the stream again.")
        return state, facts

    def _hints(self, name: str, record: Mapping[str, Json], draft: Json) -> Json:
        state, facts = self._trace(name, record)
        schema = narrow_schema(self.judge.task(state).schema, facts, state.window, tuple(state.anchors))
        return hints(draft, schema)

    def _media(self, name: str) -> tuple[dict[str, Json], list[Json]]:
        """Pictures by part and frame, and clips, each with the path that it is asked for by."""
        pictures: dict[str, Json] = {}
        clips: list[Json] = []
        for line in self.index.artifacts(name):
            row = check(json.loads(line), ArtifactRecord, f"{self.root}/artifacts.jsonl").root
            there = self.media_file(row.path)
            told = {"path": row.path, "fate": "shown" if there else "missing"}
            if isinstance(row, ClipRecord):
                clips.append(row.model_dump(mode="json") | told | {"clip": row.path if there else None})
            else:
                found = told | {"role": row.role, "t": row.t, "size": list(row.size)}
                pictures[details.picture_key(row)] = found | {"picture": row.path if there else None}
        return pictures, clips


def _stale_error(name: str) -> RefusedError:
    return RefusedError(
        HTTPStatus.CONFLICT,
        "the run has written this sample anew since the page showed it.",
        place=name,
        remedy="Look at the new one; what you wrote is kept until you let it go.",
    )


def _times_and_lines(trace: TraceRecord | None, input_text: Json) -> dict[str, Json]:
    """Times of the sampled frames [s], and the lines of the stream's text that the sample shows, each with its time."""
    if trace is None:
        return {"frames": [], "lines": []}
    said = set(str(input_text or "").split("\n"))
    lines = [[t, text] for t, text in trace.facts.lines if said.issuperset(text.split("\n"))]
    return {"frames": trace.facts.frame_times[:MAX_TIMES], "lines": lines[:MAX_LINES]}


def _facts(shown: Mapping[str, Json], lane: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
    """What a sample cites beside events, as ticks of a lane."""
    for name in shown["cited"]:
        anchor = shown["anchors"].get(name)
        if anchor and anchor["kind"] != "event" and anchor.get("part", "") == lane["part"]:
            yield {"id": name, "t0": anchor["t0"], "t1": max(anchor["t0"], anchor["t1"]), "use": "fact", "reason": ""}


def _steps(name: str, trace: TraceRecord | None) -> Json:
    """The agent's steps: the transcript, what it spent, and its drafts with what changed from one to the next."""
    if trace is None:
        return None
    drafts = [_draft(draft, before) for before, draft in zip([None, *trace.drafts], trace.drafts, strict=False)]
    return details.transcript(name, trace) | {"spent": trace.spent.model_dump(), "drafts": drafts}


def _draft(draft: DraftRecord, before: DraftRecord | None) -> dict[str, Json]:
    verdict = draft.verdict
    findings = [f.model_dump() for judged in verdict.scores.values() for f in judged.findings]
    same_attempt = before is not None and before.attempt == draft.attempt
    found = differences(before.draft, draft.draft, "") if same_attempt and before else ()
    return {
        "attempt": draft.attempt,
        "repairs": draft.repairs,
        "total": verdict.total,
        "held": verdict.held,
        "findings": findings,
        "changes": [{"path": c.path, "kind": c.kind, "before": c.before, "after": c.after} for c in found],
    }


def by_name(runs: Sequence[OpenRun]) -> Mapping[str, OpenRun]:
    """Runs by the name that the page calls them by: that of their folder, numbered where it is not the only one."""
    found: dict[str, OpenRun] = {}
    for run in runs:
        name = run.root.resolve().name or "run"
        number = 1
        while (key := name if number == 1 else f"{name}-{number}") in found:
            number += 1
        found[key] = run
    return found
