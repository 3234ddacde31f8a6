"""The streams that a server may read: uploads, and what lies below the folders that it was started with."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, cast

from dataclaw.errors import DataClawError, StreamError
from dataclaw.files import write_atomic
from dataclaw.serve.aside import Aside
from dataclaw.serve.asking import Limits
from dataclaw.serve.opening import Plugins, describe
from dataclaw.serve.problem import RefusedError
from dataclaw.serve.unpack import Room, copy_into, unpack
from dataclaw.types import Json

UPLOADS, NEW = "uploads", ".new"
_ID = re.compile(r"up-[0-9a-f]{24}")
_NUMBERED = re.compile(r"(.+)#(\d{1,9})")


class Streams:
    """Uploads and named streams.

    Args:
        home: the server's folder.
        roots: folders below which clients may name streams.
        limits: how much may be sent.
        aside: where streams are opened.
        plugins: which domains, and so which loaders, there are.
    """

    def __init__(self, home: Path, roots: Sequence[Path], limits: Limits, aside: Aside, plugins: Plugins) -> None:
        self.home = home.resolve()
        self.limits, self.aside, self.plugins = limits, aside, plugins
        self.roots = tuple(root.resolve(strict=True) for root in roots)
        self.uploads = self.home / UPLOADS
        self.uploads.mkdir(parents=True, exist_ok=True)

    def add(self, files: Iterable[tuple[str, IO[bytes]]]) -> dict[str, Json]:
        """Keep what a client sent, if there is a stream in it; a single zip is unpacked, unless it is a stream itself.

        Args:
            files: name, and content.

        Returns:
            The upload: `id`, `created`, `bytes`, and its `streams`.

        Raises:
            RefusedError: it is too much, or a name leads elsewhere.
            StreamError: nothing in it can be read; nothing is kept.
        """
        name = f"up-{secrets.token_hex(12)}"
        part = self.uploads / NEW / name
        try:
            part.mkdir(parents=True)
            room = self._room()
            for file, content in files:
                copy_into(content, part, file, room)
            streams = self._open(part)
            size = sum(file.stat().st_size for file in part.rglob("*") if file.is_file())
            about: dict[str, Json] = {"id": name, "created": time.time(), "bytes": size, "streams": streams}
            write_atomic(self._about(name), json.dumps(about, ensure_ascii=False))
            part.replace(self.uploads / name)
            return about
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            self._about(name).unlink(missing_ok=True)
            raise

    def _room(self) -> Room:
        return Room(self.limits.upload_files, self.limits.upload_bytes)

    def _open(self, part: Path) -> list[dict[str, Json]]:
        """What is in an upload by opening it."""
        sent = list(part.iterdir())
        single = sent[0] if len(sent) == 1 and sent[0].is_file() else None
        try:
            return self.aside.call(describe, [str(single or part)], self.plugins)
        except DataClawError as refusal:
            if single is None or single.suffix.lower() != ".zip":
                raise self._refusal_of(refusal, part) from None
        archive = single.rename(part / ".archive")
        unpack(archive, part, self._room())
        archive.unlink()
        try:
            return self.aside.call(describe, [str(part)], self.plugins)
        except DataClawError as error:
            raise self._refusal_of(error, part) from None

    def _refusal_of(self, error: DataClawError, part: Path) -> DataClawError:
        """Why an upload is no stream, without the path of it, which is nobody's business."""
        if isinstance(error, RefusedError):
            return error
        return StreamError(
            error.message.replace(f"{part}/", "").replace(str(part), "the upload"),
            remedy=error.remedy.replace(f"{part}/", ""),
            place=error.place.replace(f"{part}/", "").replace(str(part), ""),
        )

    def about(self, name: str) -> dict[str, Json]:
        """An upload.

        Raises:
            RefusedError: there is none of that id.
        """
        try:
            if not _ID.fullmatch(name):
                raise FileNotFoundError
            return cast("dict[str, Any]", json.loads(self._about(name).read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise RefusedError(
                HTTPStatus.NOT_FOUND, f"no upload {name[:200]!r}.", place="id", remedy="Send it again."
            ) from None

    def all_uploads(self) -> list[dict[str, Json]]:
        """Every upload, the latest first."""
        found = [self.about(file.stem) for file in self.uploads.glob("up-*.json")]
        return sorted(found, key=lambda about: -float(about["created"]))

    def delete(self, name: str) -> None:
        """Remove an upload.

        Raises:
            RefusedError: there is none of that id.
        """
        self.about(name)
        self._about(name).unlink(missing_ok=True)
        shutil.rmtree(self.uploads / name, ignore_errors=True)

    def _about(self, name: str) -> Path:
        return self.uploads / f"{name}.json"

    def find(self, reference: str) -> str:
        """The path that a client means: relative to the server's folder for uploads, which move with it.

        Args:
            reference: id of an upload, perhaps with a path inside it, or a path below a root.

        Raises:
            RefusedError: there is nothing by that name, or it leads elsewhere.
        """
        found, number = self._exact(reference), ""
        if found is None and (numbered := _NUMBERED.fullmatch(reference)):
            found, number = self._exact(numbered[1]), f"#{numbered[2]}"
        if found is None:
            known = f", or a path below {' or '.join(root.name for root in self.roots)}" if self.roots else ""
            raise RefusedError(
                HTTPStatus.NOT_FOUND,
                f"there is no stream {reference[:200]!r}.",
                place="streams",
                remedy=f"Name the id of an upload{known}.",
            )
        return f"{found}{number}"

    def _exact(self, path: str) -> Path | None:
        name, _, inner = path.partition("/")
        if not _ID.fullmatch(name):
            return next((file for root in self.roots if (file := _below(root, path))), None)
        file = _below(self.uploads / name, inner or ".") if self._about(name).is_file() else None
        if file is None:
            return None
        sent = list(file.iterdir()) if file == self.uploads / name else []
        return (sent[0] if len(sent) == 1 and sent[0].is_file() else file).relative_to(self.home)


def _below(root: Path, path: str) -> Path | None:
    """The file or folder at a path below a root, links followed; None where there is none, or it lies elsewhere."""
    try:
        inner = path if (root / path).exists() else (path + "/").removeprefix(f"{root.name}/")
        file = (root / inner).resolve(strict=True)
        hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
    except (OSError, RuntimeError, ValueError):  # missing, too long a name, a loop of links, a zero byte, elsewhere
        return None
    return None if hidden else file
