"""The folder that training writes an adapter into: whether it is whole, and which base it is of."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from dataclaw.errors import ConfigError
from dataclaw.files import sha256_of
from dataclaw.strict import load_json

RECORD = "dataclaw.json"
"""What is written last into an adapter's folder: its base and the hashes of its files."""


def check_base(folder: Path, name: str, digest: str) -> None:
    """Raise ConfigError unless the folder holds a whole adapter of that base.

    Args:
        folder: what training wrote.
        name: how the base was asked for.
        digest: what tells its weights from others (`bases.digest_of`).
    """
    record = read_record(folder)
    if record["base_digest"] != digest:
        raise ConfigError(
            f"the adapter was trained on {record['base']!r} with other weights than {name!r} has here.",
            place=str(folder),
            remedy=f"Load it on the base that it was trained on (digest {str(record['base_digest'])[:12]}; this one"
            f" has {digest[:12]}), or train it again.",
        )


def read_record(folder: Path) -> dict[str, Any]:
    """What an adapter's folder says of itself, after its files were checked against it.

    Raises:
        ConfigError: the record or a file is missing or is not what was written.
    """
    remedy = "Take the checkpoint before it, or train it again."
    try:
        record = cast("dict[str, Any]", load_json((folder / RECORD).read_text(encoding="utf-8")))
        hashes = cast("dict[str, str]", record["files"])
        if not {"base", "base_digest"} <= record.keys():
            raise KeyError("base")
    except FileNotFoundError:
        what = f"half written, or not DataClaw's: {RECORD} is missing" if folder.is_dir() else "not there"
        raise ConfigError(f"the adapter is {what}.", place=str(folder), remedy=remedy) from None
    except (ValueError, KeyError, TypeError):
        raise ConfigError(f"{RECORD} is damaged.", place=str(folder), remedy=remedy) from None
    for name, expected in hashes.items():
        file = folder / name
        if not file.is_file() or sha256_of(file) != expected:
            raise ConfigError(f"{name} is missing or is not what was written.", place=str(folder), remedy=remedy)
    return record
