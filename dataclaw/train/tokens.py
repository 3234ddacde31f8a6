"""Agent traces as tokens: what the model reads, which tokens it learns, and where its turns are.

Tokens of a conversation are the tokens of its messages one after the other (`dataclaw.models.chatml`), so that
training sees the ids that a rollout samples. Learnt are the turns marked `train`, each with the token that ends it;
neither the opening of a turn nor any message to the model.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from dataclaw.corpus.packs.corpus_pack import Part, read_pack
from dataclaw.corpus.packs.streams import MANIFEST
from dataclaw.errors import ConfigError
from dataclaw.models import chatml
from dataclaw.models.gallery import message_pieces
from dataclaw.models.vision import Image, Patches
from dataclaw.strict import load_json
from dataclaw.train.config import DataConfig

TRAINING, VALIDATION = "traces.jsonl", "validation_traces.jsonl"
ROLES = ("system", "user", "assistant")
REASONING = ("cite", "cot")
"""Keys of a draft that say what its other fields were concluded from."""


class PictureSource(Protocol):
    """What is needed to show the pictures of traces (`scenes.Illustrations`)."""

    def parts(self, trace: str, pictures: Any, place: str) -> list[Patches | str]:
        """What stands in a message behind its text: images, and words in place of some."""
        ...

    def tokens(self, image: Patches) -> list[int]:
        """All tokens of an image."""
        ...


@dataclass(frozen=True, slots=True)
class LearntTurn:
    """A turn that is learnt.

    Attributes:
        start: index of its first token.
        head: index behind the token that completes the tool's name.
        end: index behind the token that ends the turn.
        tool: the tool it calls.
    """

    start: int
    head: int
    end: int
    tool: str


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """One trace.

    Attributes:
        id: the trace's id.
        domain: its domain.
        task: its task.
        ids: its tokens, (T,).
        learn: True on the tokens that are learnt, (T,); the first is never.
        turns: the turns that are learnt, in order.
        images: what stands in it, in order.
    """

    id: str
    domain: str
    task: str
    ids: NDArray[np.int32]
    learn: NDArray[np.bool_]
    turns: tuple[LearntTurn, ...]
    images: tuple[Image, ...] = ()

    def __len__(self) -> int:
        return len(self.ids)


@dataclass
class TraceCounts:
    """What became of a file of traces.

    Attributes:
        digest: sha256 of the file.
        kept: traces by domain.
        tokens: tokens of the kept ones.
        learnt: those of them that are learnt.
        images: images in the kept ones.
        long: ids of traces above the longest that is allowed.
        other: traces of domains that are not learnt.
        beyond: traces outside the share.
    """

    digest: str = ""
    kept: Counter[str] = field(default_factory=Counter[str])
    tokens: int = 0
    learnt: int = 0
    images: int = 0
    long: list[str] = field(default_factory=list[str])
    other: int = 0
    beyond: int = 0

    def to_json(self) -> dict[str, Any]:
        """As plain JSON; of long traces the number and the first 20 ids."""
        return {
            "sha256": self.digest,
            "traces": dict(sorted(self.kept.items())),
            "tokens": self.tokens,
            "learnt": self.learnt,
            "images": self.images,
            "too_long": {"traces": len(self.long), "ids": self.long[:20]},
            "other_domains": self.other,
            "outside_share": self.beyond,
        }


def rank(name: str) -> float:
    """0..1 from a trace's id, the same everywhere: what is below a share is in it."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big") / (1 << 56)


def read_examples(
    config: DataConfig, tokeniser: chatml.Tokeniser, file: str = TRAINING, shown: PictureSource | None = None
) -> tuple[list[TrainingExample], TraceCounts]:
    """The traces of a corpus or of a pack that a run learns, or is validated on, in the file's order.

    Args:
        config: which of them.
        tokeniser: of the model.
        file: name of the file.
        shown: shows the frames that the traces name; None: text alone.

    Raises:
        ConfigError: no such file, a trace that is none of ours (file and line are named), a tokeniser that does not
            know the template, or nothing that is left to learn, or to see.
        StreamError: a pack is damaged.
    """
    check_template(tokeniser)
    told, examples = TraceCounts(), list[TrainingExample]()
    encoder = TraceEncoder(tokeniser, answer_first=config.answer_first, shown=shown)
    for place, trace in _traces(config.corpus, file, told):
        if config.domains and trace["domain"] not in config.domains:
            told.other += 1
        elif file == TRAINING and rank(str(trace["id"])) >= config.share:
            told.beyond += 1
        else:
            _keep(encoder.example(trace, place), config.max_tokens, examples, told)
    if file == VALIDATION:
        examples = _few(examples, config.validation)
    elif not examples:
        remedy = "Check `domains`, `share` and `max_tokens` of [data], or build a larger corpus: dataclaw corpus build."
        raise ConfigError(f"no trace is left to learn ({told.to_json()}).", place=str(config.corpus), remedy=remedy)
    _count(examples, told)
    if shown and file == TRAINING and not told.images:
        remedy = "Build the corpus with this release (dataclaw corpus build), or set images = false."
        raise ConfigError("no trace names a frame that can be shown.", place=str(config.corpus), remedy=remedy)
    return examples, told


def check_template(tokeniser: chatml.Tokeniser) -> None:
    """Make sure that the marks of a turn are one token each, whatever stands beside them.

    Raises:
        ConfigError: they are not.
    """
    for mark in (chatml.START, chatml.END):
        beside = chatml.tokens_of(tokeniser, f"a{mark}a")
        if len(chatml.tokens_of(tokeniser, mark)) != 1 or len(beside) != 3:
            remedy = "Take a base model that speaks ChatML (SmolLM2 and Qwen do)."
            raise ConfigError(f"the model's tokeniser has no token {mark}.", place="[model] name", remedy=remedy)


class TraceEncoder:
    """Turns traces into tokens.

    Args:
        tokeniser: of the model.
        answer_first: drafts in the paper's order of fields.
        shown: shows the frames that traces name; None: text alone.
    """

    def __init__(
        self, tokeniser: chatml.Tokeniser, *, answer_first: bool = False, shown: PictureSource | None = None
    ) -> None:
        self._tokeniser, self._shown = tokeniser, shown
        self._answer_first = answer_first
        self._messages = chatml.MessageTokens(tokeniser)
        self._closing = chatml.tokens_of(tokeniser, chatml.closing())

    def example(self, trace: Mapping[str, Any], place: str) -> TrainingExample:
        """A trace's tokens.

        Raises:
            ConfigError: it does not match the template.
        """
        ids, turns, images = list[int](), list[LearntTurn](), list[Image]()
        for message in _messages(trace, place):
            if message["train"]:
                opening, turn = self._turn(message["content"], len(ids), place)
                ids += opening
                turns.append(turn)
                continue
            for piece in self._pieces(str(trace["id"]), message, place):
                if isinstance(piece, list):
                    ids += piece
                elif self._shown:
                    images.append(Image(len(ids) + 1, piece))
                    ids += self._shown.tokens(piece)
        if not turns:
            raise ConfigError("no turn of this trace is to be learnt.", place=place, remedy="Leave the trace out.")
        learn = np.zeros(len(ids), np.bool_)
        for turn in turns:
            learn[turn.start : turn.end] = True
        name, domain, task = (str(trace[key]) for key in ("id", "domain", "task"))
        return TrainingExample(name, domain, task, np.array(ids, np.int32), learn, tuple(turns), tuple(images))

    def _pieces(self, trace: str, message: Mapping[str, Any], place: str) -> Iterable[list[int] | Patches]:
        """The tokens of a message that is not learnt, and the images in it."""
        pictures = message.get("pictures")
        if not self._shown or not pictures:
            return [self._messages.of(message["role"], message["content"])]
        parts = self._shown.parts(trace, pictures, place)
        return message_pieces(self._tokeniser, message["role"], message["content"], parts)

    def _turn(self, text: str, at: int, place: str) -> tuple[list[int], LearntTurn]:
        """A turn's tokens as a model writes them: opening, text and closing apart, as they are in a rollout."""
        text, tool = self._action(text, place)
        opening = self._encode(chatml.opening("assistant"))
        body = self._encode(chatml.plain(text))
        start = at + len(opening)
        turn = LearntTurn(start, start + self._head(body, tool), start + len(body) + 1, tool)
        return [*opening, *body, *self._closing], turn

    def _action(self, text: str, place: str) -> tuple[str, str]:
        try:
            action = load_json(text)
            tool, args = action["tool"], action["args"]
        except (ValueError, KeyError, TypeError):
            remedy = 'A turn to learn is one JSON object {"tool", "args"}; export the corpus again with this release.'
            raise ConfigError(f"a turn is no action: {text[:60]!r}.", place=place, remedy=remedy) from None
        if self._answer_first and isinstance(args, dict) and "draft" in args:
            action = {**action, "args": {**cast("dict[str, Any]", args), "draft": reasoning_last(args["draft"])}}
            text = json.dumps(action, ensure_ascii=False, separators=(",", ":"))
        return text, str(tool)

    def _head(self, body: Sequence[int], tool: str) -> int:
        """How many tokens it takes until the tool's name is complete."""
        name = json.dumps(tool, ensure_ascii=False)
        for count in range(1, len(body)):
            if name in self._tokeniser.decode(body[:count]):
                return count
        return len(body)

    def _encode(self, text: str) -> list[int]:
        return chatml.tokens_of(self._tokeniser, text)


def reasoning_last(draft: Any) -> Any:
    """A draft in the paper's order: what fields were concluded from stands behind them, at every depth."""
    if isinstance(draft, dict):
        fields = {key: reasoning_last(value) for key, value in cast("dict[str, Any]", draft).items()}
        return dict(sorted(fields.items(), key=lambda item: item[0] in REASONING))
    return [reasoning_last(item) for item in cast("list[Any]", draft)] if isinstance(draft, list) else draft


def _places(corpus: Path, file: str) -> tuple[Path, Path]:
    """Where a file of a corpus may lie: in its export, or in the folder itself."""
    return corpus / "export" / file, corpus / file


def lines_of(corpus: Path, file: str) -> tuple[str, Iterator[bytes]] | None:
    """Where the traces of a corpus or of a pack lie, and their lines; None where there are none yet.

    Raises:
        ConfigError: a pack is damaged, or has no such traces.
    """
    if (corpus / MANIFEST).is_file():
        part: Part = "training" if file == TRAINING else "validation"
        return f"{corpus}/{file}", read_pack(corpus).traces(part)
    found = next((path for path in _places(corpus, file) if path.is_file()), None)
    return None if found is None else (str(found), _read(found))


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as lines:
        yield from lines


def _traces(corpus: Path, file: str, told: TraceCounts) -> Iterator[tuple[str, dict[str, Any]]]:
    found = lines_of(corpus, file)
    if found is None:
        remedy = "Name a corpus or a pack in [data] corpus, or build one: dataclaw corpus build --out corpus."
        raise ConfigError(f"there is no {file}.", place=str(corpus), remedy=remedy)
    path, lines = found
    sha = hashlib.sha256()
    for number, line in enumerate(lines, 1):
        sha.update(line)
        place = f"{path}:{number}"
        try:
            trace = load_json(line)
        except ValueError as error:
            raise _trace_error(place, f"not JSON ({error})") from None
        if not isinstance(trace, dict) or not {"id", "domain", "task", "messages"} <= cast("Any", trace).keys():
            raise _trace_error(place, "no trace: it lacks id, domain, task or messages")
        yield place, cast("dict[str, Any]", trace)
    told.digest = sha.hexdigest()


def _messages(trace: Mapping[str, Any], place: str) -> list[dict[str, Any]]:
    messages = trace["messages"]
    if not isinstance(messages, list) or not messages:
        raise _trace_error(place, "it has no messages")
    for at, message in enumerate(cast("list[Any]", messages)):
        if not isinstance(message, dict) or not {"role", "content", "train"} <= cast("Any", message).keys():
            raise _trace_error(place, f"message {at} lacks role, content or train")
        if message["role"] not in ROLES or not isinstance(message["content"], str):
            raise _trace_error(
                place, f"message {at} has role {message['role']!r}; the template knows {', '.join(ROLES)}"
            )
        if message["train"] and message["role"] != "assistant":
            raise _trace_error(place, f"message {at} is to be learnt but is not the assistant's")
    return cast("list[dict[str, Any]]", messages)


def _trace_error(place: str, what: str) -> ConfigError:
    return ConfigError(f"{what}.", place=place, remedy="Export the corpus again: dataclaw corpus export.")


def _keep(example: TrainingExample, most: int, examples: list[TrainingExample], told: TraceCounts) -> None:
    if len(example) > most:
        told.long.append(example.id)
    else:
        examples.append(example)


def _few(examples: Iterable[TrainingExample], most: int) -> list[TrainingExample]:
    """Of each domain the `most` examples of lowest rank."""
    chosen, taken = list[TrainingExample](), Counter[str]()
    for example in sorted(examples, key=lambda one: (one.domain, rank(one.id))):
        taken[example.domain] += 1
        if taken[example.domain] <= most:
            chosen.append(example)
    return chosen


def _count(examples: Iterable[TrainingExample], told: TraceCounts) -> None:
    for example in examples:
        told.kept[example.domain] += 1
        told.tokens += len(example)
        told.learnt += int(example.learn.sum())
        told.images += len(example.images)
