"""Rules that broke, told to people: they count as missing in a reward, so nothing else would show them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from dataclaw.rewards.rubric import Verdict


def breakage(verdict: Verdict) -> str:
    """Which rules failed on a draft and why, gates first, each with the plugin it comes from; "" when none did.

    `gate surgery.order of plugin surgery failed: KeyError: 'boo'`
    """
    names = sorted(verdict.failed, key=lambda name: name not in verdict.broken)
    return "; ".join(
        f"{'gate' if name in verdict.broken else 'rule'} {name} of {_owner(name)} failed: {verdict.failed[name]}"
        for name in names
    )


@dataclass(slots=True)
class Failures:
    """Rules that failed, counted over many drafts.

    Attributes:
        reasons: by rule, how often it failed for which reason.
    """

    reasons: dict[str, Counter[str]] = field(default_factory=dict[str, "Counter[str]"])

    def add(self, failed: Mapping[str, str]) -> None:
        """Count what failed on one draft, `Verdict.failed`."""
        for name, reason in failed.items():
            self.reasons.setdefault(name, Counter())[reason] += 1

    def summary_lines(self) -> list[str]:
        """A sentence for each rule: `rule surgery.order failed on 3 drafts: KeyError: 'boo'`."""
        return [self._summary_line(name, reasons) for name, reasons in sorted(self.reasons.items())]

    def _summary_line(self, name: str, reasons: Counter[str]) -> str:
        drafts = f"{reasons.total()} draft{'s' if reasons.total() != 1 else ''}"
        ((reason, _),) = reasons.most_common(1)
        others = f" (and {len(reasons) - 1} other reasons)" if len(reasons) > 1 else ""
        return f"rule {name} failed on {drafts}: {reason}{others}"


def _owner(name: str) -> str:
    plugin, dot, _ = name.partition(".")
    return f"plugin {plugin}" if dot else "the library"
