"""WebDataset: tar shards whose members share a key, for readers that stream."""

from __future__ import annotations

import io
import json
import re
import tarfile

from dataclaw.export.example import Example, LeftOutExample
from dataclaw.export.formats.base import ExportTarget, Format, tagged_text
from dataclaw.types import Json

ROWS, BYTES = 1000, 500_000_000
"""Most rows and bytes of a shard."""


class WebDataset(Format):
    """`train-000000.tar`, ...: `<key>.json` with the conversation, `<key>.image0.jpg`, `<key>.video0.mp4`."""

    name = "webdataset"
    summary = "WebDataset: tar shards, a conversation as json beside its pictures and clips"

    def __init__(self, target: ExportTarget) -> None:
        super().__init__(target)
        self._open: dict[str, tarfile.TarFile] = {}
        self._counts: dict[str, tuple[int, int, int]] = {}

    def add(self, side: str, example: Example) -> LeftOutExample | None:
        """Write the members of one row."""
        key = re.sub(r"[^A-Za-z0-9_-]", "-", example.id)
        files = {
            f"{kind}{number}": medium
            for kind in ("image", "video")
            for number, medium in enumerate(m for m in example.media if m.kind == kind)
        }
        told: dict[str, Json] = {
            "id": example.id,
            "domain": example.sample.domain,
            "task": example.sample.task,
            "messages": [{"role": t.role, "content": tagged_text(t, self.target.coordinates)} for t in example.turns],
            "evidence": dict(example.sample.evidence),
        }
        members = {f"{key}.json": json.dumps(told, ensure_ascii=False).encode()}
        for name, medium in files.items():
            file = self.target.store.file(medium)
            members[f"{key}.{name}{file.suffix}"] = file.read_bytes()
        tar = self._shard(side, sum(map(len, members.values())))
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        return None

    def close(self) -> None:
        """Close the shards; the media are in them, and nowhere else."""
        for tar in self._open.values():
            tar.close()
        self.target.store.remove()

    def _shard(self, side: str, size: int) -> tarfile.TarFile:
        """The shard of a side that has room for a row of that many bytes."""
        number, rows, full = self._counts.get(side, (0, 0, 0))
        if side in self._open and (rows >= ROWS or full + size > BYTES):
            self._open.pop(side).close()
            number, rows, full = number + 1, 0, 0
        if side not in self._open:
            self._open[side] = tarfile.open(self.target.root / f"{side}-{number:06d}.tar", "w")  # noqa: SIM115
        self._counts[side] = number, rows + 1, full + size
        return self._open[side]
