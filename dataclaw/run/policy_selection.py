"""Who decides for a domain, and why: what the run names, what `plugins.toml` names, else what measured best.

The default is chosen by figures alone: an adapter that ships, with DataClaw or in the domain's own package, decides for
a domain where its total on a pinned benchmark is above the planner's with the whole interval of the paired difference,
else the planner does. Where the embedded model would decide but cannot run here, the planner does and that is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from dataclaw.choosing.card import CARD, read_card
from dataclaw.choosing.learned import WEIGHTS, load_learned
from dataclaw.domain import Domain
from dataclaw.errors import ConfigError, DataClawError, MissingExtraError, PolicyError
from dataclaw.models.adapter_index import (
    EMBEDDED_MODEL,
    INDEX,
    OMNI,
    PLANNER,
    AdapterIndex,
    Baseline,
    DomainScore,
    PolicyChoice,
    adapter_file,
    adapters_folder,
    read_index,
)
from dataclaw.models.weights import EMBEDDED, weights_path
from dataclaw.plugins import read_registry
from dataclaw.plugins.carried import carried_folder


@dataclass(frozen=True, slots=True)
class AdapterShelf:
    """A folder of adapters that ships, with what its index says.

    Attributes:
        folder: where they lie.
        index: which there are, and what was measured.
    """

    folder: Path
    index: AdapterIndex


def choose_policies(model: str | None, domains: Mapping[str, Domain], registry: Path | None) -> dict[str, PolicyChoice]:
    """Who decides, by domain.

    Args:
        model: what the run names.
        domains: loaded domains.
        registry: the `plugins.toml` to use.

    Raises:
        ConfigError: the index of shipped adapters is wrong.
        UsageError: `plugins.toml` names an adapter that does not ship.
        PolicyError: a shipped adapter that is to decide is not the one that was shipped.
    """
    shipped = AdapterShelf(adapters_folder(), read_index())
    _, base = read_registry(registry)
    found: dict[str, PolicyChoice] = {}
    for name, domain in domains.items():
        asked = model or domain.entry.model
        try:
            shelf = _own_shelf(domain) or shipped
            chosen = PolicyChoice(asked, why=_ASKED[bool(model)]) if asked else default_choice(name, shelf.index)
            found[name] = _with_adapter(chosen, name, domain.entry.adapter, base, shelf)
        except (ConfigError, PolicyError) as error:
            if asked or not domain.manifest.adapters:
                raise
            why = "its package carries adapters that cannot be used"
            found[name] = PolicyChoice(PLANNER, why=why, missed=str(error))
    return found


_ASKED = {True: "named for the run", False: "named in plugins.toml"}


def _own_shelf(domain: Domain) -> AdapterShelf | None:
    """The adapters that a domain carries itself; None where it carries none (yet).

    Raises:
        ConfigError: their index is wrong.
        PluginError: they lie outside its folder.
    """
    folder = carried_folder(domain.root, domain.manifest, "adapters") if domain.manifest.adapters else None
    return AdapterShelf(folder, read_index(folder)) if folder and (folder / INDEX).is_file() else None


def own_choosers(domains: Mapping[str, Domain]) -> dict[str, Path]:
    """Folders of the choosers that domains carry themselves, by domain; those that are announced and not there are not.

    Raises:
        PluginError: one lies outside its domain's folder.
    """
    named = {name: domain for name, domain in domains.items() if domain.manifest.chooser}
    folders = {name: carried_folder(domain.root, domain.manifest, "chooser") for name, domain in named.items()}
    return {name: folder for name, folder in folders.items() if folder and (folder / CARD).is_file()}


def explain_choosers(domains: Mapping[str, Domain]) -> dict[str, str]:
    """Who decides at the choice points of each domain where a run names nobody, and why; one clause each."""
    own = own_choosers(domains)
    return {name: _explain_chooser(domain, own.get(name)) for name, domain in domains.items()}


def _explain_chooser(domain: Domain, own: Path | None) -> str:
    folder, whose = (own, "its own chooser") if own else (WEIGHTS, "the chooser that ships")
    try:
        decided = sorted(load_learned(folder).tasks & {f"{domain.name}.{task}" for task in domain.tasks})
        card = read_card(folder)
    except ConfigError as error:
        return f"rules decide: {error}"
    if decided:
        gains = ", ".join(f"{task.partition('.')[2]} ({card.tasks[task]})" for task in decided)
        return f"{whose} decides {gains}{card.benchmark and f', measured on {card.benchmark}'}; rules elsewhere"
    if own:
        return f"rules decide; its own chooser is surely better at no task{card.benchmark and f' of {card.benchmark}'}"
    return f"rules decide{'; its own chooser is not there yet' if domain.manifest.chooser else ''}"


def default_choice(domain: str, index: AdapterIndex) -> PolicyChoice:
    """Who decides for a domain where nobody names a model; the planner instead of a model that cannot run here."""
    best = _winner(index.scores(domain))
    if best is None:
        return PolicyChoice(PLANNER, why=_why_planner(domain, index))
    name, row = best
    missed = embedded_problem()
    won = f"{name}.gguf: {row.total} on {_bench(index)}, {_interval(row)} more than the planner"
    if missed is None:
        return PolicyChoice(EMBEDDED_MODEL, name, why=won)
    return PolicyChoice(PLANNER, why=f"{_planner_total(domain, index.planner)}; better is {won}", missed=str(missed))


def takes_adapter(model: str) -> bool:
    """Whether a model wears a domain's adapter: the embedded one (GGUF), or one of transformers (folders of peft)."""
    return model == EMBEDDED_MODEL or (model.startswith("hf:") and "@" not in model)


def embedded_problem() -> DataClawError | None:
    """Why the embedded model cannot run here, with the remedy; None where it can."""
    for library in ("xllamacpp", "gguf"):
        if find_spec(library) is None:
            remedy = "Run: pip install 'dataclaw-tailor[embedded]'"
            return MissingExtraError(f"{library}, which runs it, is not installed.", remedy=remedy)
    try:
        weights_path(EMBEDDED)
    except PolicyError as error:
        return error
    return None


def _with_adapter(
    chosen: PolicyChoice, domain: str, named: str | None, base: Path, shelf: AdapterShelf
) -> PolicyChoice:
    """With the adapter that `plugins.toml` names for the domain, else with the shipped one; few models wear any."""
    if chosen.model.startswith("hf:") and "@" in chosen.model:
        return replace(chosen, file=Path(chosen.model.partition("@")[2]))
    if not takes_adapter(chosen.model):
        return chosen
    if named and (chosen.model != EMBEDDED_MODEL or "/" in named or named.endswith(".gguf")):
        return PolicyChoice(chosen.model, named, base / named, chosen.why, chosen.missed)
    if chosen.model != EMBEDDED_MODEL:
        return chosen
    name = named or chosen.adapter or _nearest(domain, shelf.index)
    if not name:
        return PolicyChoice(chosen.model, why=f"{chosen.why}; no adapter ships for {domain}, it answers untrained")
    return PolicyChoice(chosen.model, name, adapter_file(name, shelf.folder, shelf.index), chosen.why, chosen.missed)


def _nearest(domain: str, index: AdapterIndex) -> str:
    """The shipped adapter for a domain that the embedded model was asked to decide for; "" where there is none."""
    rows = index.scores(domain)
    best = max(rows, key=lambda name: rows[name].total.mean, default="")
    return best or next((name for name in (domain, OMNI) if name in index.adapters), "")


def _winner(rows: Mapping[str, DomainScore]) -> tuple[str, DomainScore] | None:
    """The adapter with the highest total among those that are surely above the planner."""
    above = [(name, row) for name, row in rows.items() if row.more and row.more.low > 0]
    return max(above, key=lambda pair: pair[1].total.mean, default=None)


def _why_planner(domain: str, index: AdapterIndex) -> str:
    rows = index.scores(domain)
    if not rows:
        return f"{_planner_total(domain, index.planner)}; no adapter ships for {domain}"
    name = max(rows, key=lambda one: rows[one].total.mean)
    own = f"{name}.gguf {rows[name].total}, not surely more ({_interval(rows[name])})"
    return f"{_planner_total(domain, index.planner)}; {own}"


def _planner_total(domain: str, planner: Baseline | None) -> str:
    row = planner.measured.get(domain) if planner else None
    return f"{row.total} on {planner.benchmark}" if planner and row else "not measured"


def _bench(index: AdapterIndex) -> str:
    return index.planner.benchmark if index.planner else ""


def _interval(row: DomainScore) -> str:
    more = row.more
    return f"{more} ({100 * more.low:.1f} to {100 * more.high:.1f})" if more else ""
