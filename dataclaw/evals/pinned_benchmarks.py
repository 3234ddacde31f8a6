"""Benchmarks that are pinned: what was frozen, file by file, so that numbers from anywhere mean the same thing.

`pinned/NAME.json` is the manifest of a frozen benchmark, here or in the package of a domain, whose `domain.toml` names
the folder. Its streams are not shipped: they are built anew and compared.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import cast

from dataclaw.corpus.packs.benchmark_pack import digest_of
from dataclaw.errors import ConfigError, PluginError, UsageError
from dataclaw.evals.benchmark import MANIFEST, Benchmark
from dataclaw.files import write_atomic
from dataclaw.plugins import Plugin, find_plugins, plugin_at, read_manifest
from dataclaw.plugins.carried import carried_folder, read_pinned
from dataclaw.strict import load_json
from dataclaw.types import Json

NAME = re.compile(r"[a-z][a-z0-9_-]{0,47}")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PinnedBenchmark:
    """A pinned benchmark.

    Attributes:
        name: what it is called in results.
        manifest: its manifest when it was frozen.
        domain: the domain whose package it is in, "" where it ships with DataClaw.
    """

    name: str
    manifest: Mapping[str, Json]
    domain: str = ""

    @property
    def title(self) -> str:
        """What people call it: `open-1` is open DataClaw-val 1."""
        kind, _, number = self.name.rpartition("-")
        return self.name if self.domain else f"{kind} DataClaw-val {number}"

    @property
    def files(self) -> Mapping[str, str]:
        """Hash of every file."""
        return cast("Mapping[str, str]", self.manifest["files"])

    @property
    def digest(self) -> str:
        """The digest of the whole benchmark."""
        return digest_of(self.files)

    def differs(self, bench: Benchmark) -> list[str]:
        """Names of the files that are other, missing or more in a benchmark, sorted; empty when it is this one."""
        there = cast("Mapping[str, str]", bench.manifest["files"])
        return sorted(name for name in {*self.files, *there} if self.files.get(name) != there.get(name))


def pinned_benchmarks() -> tuple[PinnedBenchmark, ...]:
    """Every pinned benchmark: those that ship, by name, then those of the installed domains.

    Raises:
        ConfigError: `plugins.toml` is wrong.
    """
    return (*_benchmarks_that_ship(), *(one for plugin in find_plugins().values() for one in _pinned_in(plugin)))


@cache
def _benchmarks_that_ship() -> tuple[PinnedBenchmark, ...]:
    folder = files("dataclaw.evals") / "pinned"
    found = sorted((item.name, item) for item in folder.iterdir() if item.name.endswith(".json"))
    return tuple(PinnedBenchmark(name.removesuffix(".json"), load_json(item.read_bytes())) for name, item in found)


def _pinned_in(plugin: Plugin) -> Iterator[PinnedBenchmark]:
    """The benchmarks of a domain's package; nothing of its code is imported, and what is wrong is left out."""
    try:
        folder = carried_folder(plugin.root, read_manifest(plugin.root), "pinned")
    except (ConfigError, PluginError):
        return  # whoever loads the domain is told
    for file in sorted(folder.glob("*.json")) if folder else ():
        try:
            yield PinnedBenchmark(file.stem, read_pinned(file), plugin.name)
        except ConfigError as error:
            log.warning("a pinned benchmark is left out: %s", error)


def name_of(digest: str) -> str:
    """Name of the pinned benchmark with that digest, "" where it is none of them."""
    return next((one.name for one in pinned_benchmarks() if one.digest == digest), "")


def requested_benchmark(bench: Benchmark, among: Sequence[PinnedBenchmark] | None = None) -> PinnedBenchmark | None:
    """The pinned benchmark that was asked for in the same words: same counts, domains, worlds and first seed.

    Args:
        bench: a benchmark that was built.
        among: pinned ones; all there are where left out.
    """
    known = pinned_benchmarks() if among is None else among
    return next((one for one in known if one.manifest["asked"] == bench.manifest["asked"]), None)


@dataclass(frozen=True, slots=True)
class Pin:
    """Where an author's own benchmark is pinned.

    Attributes:
        name: what it is called.
        domain: the domain.
        file: its manifest in the domain's package.
    """

    name: str
    domain: str
    file: Path

    def read(self) -> PinnedBenchmark | None:
        """What is pinned; None where nothing is yet.

        Raises:
            ConfigError: the file is damaged.
        """
        return PinnedBenchmark(self.name, read_pinned(self.file), self.domain) if self.file.exists() else None

    def settings(self) -> Mapping[str, Json]:
        """The settings that it was built with; empty where nothing is pinned yet."""
        pinned = self.read()
        return cast("Mapping[str, Json]", pinned.manifest["asked"]) if pinned else {}

    def check(self, asked: Mapping[str, Json]) -> None:
        """Make sure, before hours of work, that what is to be built is what is pinned.

        Args:
            asked: the settings of what is to be built.

        Raises:
            UsageError: another benchmark is pinned by this name.
        """
        before = self.settings()
        if before and (changed := [f"{key} = {before.get(key)}" for key in asked if before.get(key) != asked[key]]):
            raise UsageError(
                f"{self.name!r} is pinned with {', '.join(changed)}.",
                place=str(self.file),
                remedy="Build it with these settings, or give the other one a name of its own.",
            )

    def write(self, bench: Benchmark) -> PinnedBenchmark:
        """Pin a benchmark."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(self.file, (bench.root / MANIFEST).read_text(encoding="utf-8"))
        return PinnedBenchmark(self.name, bench.manifest, self.domain)


def pin_of(name: str, domains: Sequence[str]) -> Pin:
    """Where a benchmark of that name is pinned: in the package of its one domain.

    Args:
        name: what it is called.
        domains: the domains that were named; none where it is pinned already.

    Raises:
        UsageError: that is no name, it is taken, or there is not one domain that says where.
    """
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name.", place="--name", remedy="Use small letters, digits, _ and -: chess-1.")
    known = next((one for one in pinned_benchmarks() if one.name == name), None)
    domains = domains or ([known.domain] if known and known.domain else [])
    if len(domains) != 1:
        raise UsageError("a benchmark is pinned in one domain's package.", place="--name", remedy="Name it: -d DOMAIN")
    plugin = plugin_at(domains[0])
    folder = carried_folder(plugin.root, read_manifest(plugin.root), "pinned")
    if folder is None:
        raise UsageError(
            f"domain {plugin.name} does not say where its benchmarks are pinned.",
            place=str(plugin.root / "domain.toml"),
            remedy='Add the line: pinned = "pinned"',
        )
    if known and known.domain != plugin.name:
        where = f"in domain {known.domain}" if known.domain else "by DataClaw"
        raise UsageError(f"{name!r} is pinned already, {where}.", place="--name", remedy="Choose another name.")
    return Pin(name, plugin.name, folder / f"{name}.json")
