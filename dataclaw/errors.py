"""Every error DataClaw raises, as one tree; each says what is wrong, where, and what to do next.

    DataClawError
    |- UsageError          the command or a configuration is wrong            (exit code 2)
    |  |- ConfigError      a file of ours: place in the file and the remedy
    |  `- OwnedError       a folder that somebody else writes into
    |- StreamError         a stream cannot be read; it is rejected, the run goes on
    |- PluginError         a domain is wrong, or its code failed; the plugin is named
    |- ToolError           a tool call cannot be answered; the policy reads the message and goes on
    |  `- UnavailableError what the call looks at is not on this machine
    |- PolicyError         a policy cannot decide (server down, weights missing)
    |- RunStoppedError     the run cannot go on (key refused, most spent); what is done is kept
    `- MissingExtraError        something optional is not installed; names the command that installs it

A bad rollout is data, not an error: it ends with a StopReason.
"""

from __future__ import annotations

from collections.abc import Iterable


class DataClawError(Exception):
    """Base of the tree.

    Attributes:
        message: what is wrong, one sentence.
        remedy: what to do next, one sentence; may be empty only where the message already says it.
        place: file, line, JSON pointer or plugin that it concerns, or ""; a path may be given as it is.
    """

    def __init__(self, message: str, *, remedy: str = "", place: object = "") -> None:
        super().__init__(message, remedy, str(place))
        self.message = message
        self.remedy = remedy
        self.place = str(place)

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        then = f" {self.remedy}" if self.remedy else ""
        return f"{where}{self.message}{then}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.remedy, self.place))


def _rebuild(kind: type[DataClawError], message: str, remedy: str, place: str) -> DataClawError:
    return kind(message, remedy=remedy, place=place)


class UsageError(DataClawError):
    """The command line or an argument is wrong."""


class ConfigError(UsageError):
    """A configuration file or a domain manifest is wrong; `place` names file and key."""


class OwnedError(UsageError):
    """A folder is held by somebody else, who is named."""


class StreamError(DataClawError):
    """A stream cannot be read; `place` names the file and, where known, the line or time."""


class PluginError(DataClawError):
    """A domain plugin is wrong or its code failed; `place` names the plugin."""


class ToolError(DataClawError):
    """A tool call cannot be answered; the policy gets the text as the result of its call."""


class UnavailableError(ToolError):
    """What a tool call looks at is not on this machine: pictures or sound of a packed stream."""


class RunStoppedError(DataClawError):
    """A run cannot go on: what failed would fail for every stream, or it has cost what it may. It can be resumed."""


class PolicyError(DataClawError):
    """A policy cannot decide: server unreachable, weights missing, answer unusable."""


class MissingExtraError(DataClawError):
    """Something optional is not installed; the remedy is the command that installs it."""


def count_of(number: int, noun: str) -> str:
    """A number with its noun, for messages: `1 item`, `3 items`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The remedy for a name that is not known: the nearest one, where one is near, and all of them."""
    from rapidfuzz import process  # here, so that `import dataclaw` stays quick

    names = sorted(known)
    close = process.extractOne(name, names, score_cutoff=60) if names else None
    hint = f"Did you mean {close[0]!r}? " if close else ""
    return f"{hint}There is: {', '.join(names) or 'none'}."
