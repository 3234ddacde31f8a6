"""Domains for TRL's GRPOTrainer: as environments whose tools its own loop calls, or as a source of finished rollouts.

    from dataclaw.train.trl import dataset, environment_factory, reward, rollout_func

    GRPOTrainer(model, reward, train_dataset=dataset("corpus"), environment_factory=environment_factory("corpus"))
    GRPOTrainer(model, reward, train_dataset=dataset("corpus"), rollout_func=rollout_func("corpus"))

With an environment, the model calls tools as its chat template says, and TRL samples. With `rollout_func` it writes
actions as JSON, as in use, and our batched decoder samples; nothing is tokenised twice. A reward that is missing is
None for TRL, which leaves it out. Written for TRL 1.16, where both ways are experimental.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any, Literal

import numpy as np

from dataclaw.agent.policy.hf import Hf
from dataclaw.agent.steps import SUBMIT
from dataclaw.domain import Task
from dataclaw.errors import ConfigError
from dataclaw.models.answer_writer import AnswerWriter, answer_of, check_requests
from dataclaw.models.answers import DecodeRequest, PartialAnswer, SampledAnswer
from dataclaw.models.chatml import END
from dataclaw.models.libraries import library
from dataclaw.models.load import Manner
from dataclaw.train.config import GrpoConfig
from dataclaw.train.live import DRAFT, HAND_IN, LiveRollout, RolloutSource, source_of
from dataclaw.train.prompts import PromptEntry
from dataclaw.train.reward import Reward
from dataclaw.train.rollout import Rollout, roll, trajectories

Sampler = Literal["auto", "own", "trl"]
"""Who samples rollouts: our decoder, or TRL's own generation; "auto" takes TRL's where the trainer has vLLM."""
RESERVED = frozenset({"reset", "get_reward"})
"""Methods of an environment that TRL calls itself."""


def dataset(corpus: Path | str, *, media: Path | None = None, **data: Any) -> Any:
    """The requests of a corpus or pack as a data set of TRL: `prompt`, whose `name` says which, and `environment`.

    Args:
        corpus: its folder.
        media: the folder that a pack was made of.
        data: more of `[data]`: `domains`, `share`.

    Raises:
        ConfigError: there is neither, or nothing that may be used.
        MissingExtraError: TRL's data sets are not installed.
    """
    return rows_of(source_of(corpus, media=media, **data).entries.values())


def rows_of(entries: Any) -> Any:
    """A data set of these entries, in their order.

    The text of a prompt is made when a rollout begins: streams are not opened for it.
    """
    rows = [
        {"prompt": [{"role": "user", "content": "", "name": one.name}], "environment": _kind(one)} for one in entries
    ]
    return library("datasets", user="a data set of TRL").Dataset.from_list(rows)


def _kind(entry: PromptEntry) -> str:
    return f"{entry.domain}_{entry.task}"


class TrlEnvironment:
    """A rollout as TRL drives it. Every task has a class of its own, whose methods are the task's tools and `submit`.

    Attributes:
        source: where rollouts come from.
        rollout: the present one, after `reset`.
    """

    source: RolloutSource
    rollout: LiveRollout

    def reset(self, prompt: Sequence[Mapping[str, Any]], **_row: Any) -> str:
        """Begin the rollout of a row of `dataset`: the instructions, the intent and the facts of the stream."""
        self.rollout = self.source.begin(str(prompt[-1]["name"]))
        return "\n\n".join(message["content"] for message in self.rollout.messages())


def environment_factory(
    corpus: Path | str, *, settings: GrpoConfig | None = None, media: Path | None = None, **data: Any
) -> dict[str, type[TrlEnvironment]]:
    """The environments of a corpus or pack for `GRPOTrainer(environment_factory=...)`, one for each task.

    Args:
        corpus: its folder.
        settings: terms and time limit of the reward.
        media: the folder that a pack was made of.
        data: more of `[data]`, as for `dataset`.

    Raises:
        ConfigError: as `dataset`, or a tool has a name that TRL takes for itself.
    """
    source = source_of(corpus, settings, media, **data)
    return {_kind(one): _environment(source, _kind(one), source.task(one)) for one in source.entries.values()}


def _environment(source: RolloutSource, name: str, task: Task) -> type[TrlEnvironment]:
    if taken := sorted(RESERVED & task.tools.keys()):
        remedy = "Give the tool another name."
        raise ConfigError(f"TRL takes the method {taken[0]!r} for itself.", place=name, remedy=remedy)
    methods = {SUBMIT: _method(SUBMIT, HAND_IN, [_parameter("draft", dict[str, Any])], {"draft": DRAFT})}
    for tool in task.tools.values():
        fields = tool.args.model_fields
        parameters = [
            _parameter(key, field.annotation)
            if field.is_required()
            else _parameter(key, field.annotation, field.get_default(call_default_factory=True))
            for key, field in fields.items()
        ]
        says = {key: field.description or key for key, field in fields.items()}
        methods[tool.name] = _method(tool.name, tool.doc, parameters, says)
    return type(name, (TrlEnvironment,), {"source": source, **methods})


def _parameter(name: str, kind: Any, default: Any = Parameter.empty) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _method(name: str, doc: str, parameters: Sequence[Parameter], says: Mapping[str, str]) -> Callable[..., str]:
    """A method from whose signature and docstring transformers makes the schema of a tool."""

    def call(self: TrlEnvironment, **arguments: Any) -> str:
        return self.rollout.call(name, arguments)

    lines = [f"    {key}: {' '.join(text.split())}" for key, text in says.items()]
    call.__name__ = call.__qualname__ = name
    call.__doc__ = "\n".join([doc, *(["", "Args:", *lines] if lines else [])])
    call.__annotations__ = {one.name: one.annotation for one in parameters} | {"return": str}
    itself = Parameter("self", Parameter.POSITIONAL_ONLY)
    call.__dict__["__signature__"] = Signature([itself, *parameters], return_annotation=str)
    return call


def reward(
    *,
    environments: Sequence[TrlEnvironment] = (),
    judged: Sequence[Reward] = (),
    log_metric: Callable[[str, float], None] | None = None,
    **_columns: Any,
) -> list[float | None]:
    """The reward of the domains' rubrics, R_eff within a group included, as a reward function of TRL.

    Args:
        environments: what TRL's loop played in.
        judged: what `rollout_func` said of its rollouts.
        log_metric: TRL's; every term of the reward is logged.

    Returns:
        None where the rules could not judge.
    """
    known = list(judged) or environments[0].source.rewards([one.rollout for one in environments])
    if log_metric:
        for one in known:
            for term, score in one.terms.items():
                if score is not None:
                    log_metric(f"terms/{term}", score)
    return [None if math.isnan(one.total) else one.total for one in known]


def rollout_func(
    corpus: Path | str,
    *,
    settings: GrpoConfig | None = None,
    media: Path | None = None,
    sampler: Sampler = "auto",
    **data: Any,
) -> RolloutFunction:
    """Our batched rollouts for `GRPOTrainer(rollout_func=...)`.

    Args:
        corpus: folder of the corpus or pack.
        settings: lengths of turns and conversations, terms and time limit of the reward.
        media: the folder that a pack was made of.
        sampler: who samples.
        data: more of `[data]`, as for `dataset`.

    Raises:
        ConfigError: as `dataset`, or the settings ask for what TRL cannot learn from.
    """
    return RolloutFunction(source_of(corpus, settings, media, **data), sampler)


class RolloutFunction:
    """What TRL calls for the rollouts of a step; `rollout_func` makes it."""

    def __init__(self, source: RolloutSource, sampler: Sampler = "auto") -> None:
        if source.settings.constrained:
            where, remedy = "[grpo] constrained", "Set it to false, or take our own trainer."
            raise ConfigError("TRL does not know what a grammar allowed.", place=where, remedy=remedy)
        self.source, self._sampler = source, sampler
        self._last: tuple[Any, Hf] | None = None

    def __call__(self, prompts: Sequence[Sequence[Mapping[str, Any]]], trainer: Any) -> dict[str, list[Any]]:
        """The rollouts of whole groups of prompts.

        Returns:
            `prompt_ids`, `completion_ids`, `logprobs`, `env_mask` (1 on what the model sampled), and `judged`, which
            `reward` reads.

        Raises:
            ConfigError: TRL split a group over batches or processes.
        """
        group = int(trainer.num_generations if trainer.model.training else trainer.num_generations_eval)
        names = [str(prompt[-1]["name"]) for prompt in prompts]
        first = names[::group]
        if names != [name for name in first for _ in range(group)]:
            remedy = "Make per_device_train_batch_size x steps_per_generation a multiple of num_generations."
            raise ConfigError("the rollouts are no whole groups.", place="GRPOConfig", remedy=remedy)
        begun = [self.source.open(name) for name in first]
        batch = roll(begun, self._policy(trainer, len(names)), group, step=int(trainer.state.global_step) + 1)
        found: dict[str, list[Any]] = {
            key: [] for key in ("prompt_ids", "completion_ids", "logprobs", "env_mask", "judged")
        }
        for prompt, rollouts in zip(begun, batch.groups, strict=True):
            found["judged"] += self.source.judge(prompt, [one.state for one in rollouts])
            for rollout in rollouts:
                for key, value in _sequence(rollout, trainer.processing_class.eos_token_id).items():
                    found[key].append(value)
        return found

    def _policy(self, trainer: Any, slots: int) -> Hf:
        if self._last is None or self._last[0] is not trainer:
            settings = self.source.settings
            manner = Manner(
                temperature=float(trainer.temperature),
                new_tokens=settings.max_new_tokens,
                context=settings.max_tokens,
                slots=slots,
                seed=int(trainer.args.seed),
                autocast="bfloat16" if trainer.args.bf16 else None,
            )
            served = self._sampler == "trl" or (self._sampler == "auto" and trainer.use_vllm)
            sampler = TrlSampler(trainer, settings.max_tokens) if served else None
            model, tokeniser = trainer.accelerator.unwrap_model(trainer.model), trainer.processing_class
            self._last = (trainer, Hf("hf:trl", model, tokeniser, manner, sampler))
        return self._last[1]


def _sequence(rollout: Rollout, end: int) -> dict[str, list[Any]]:
    """The tokens of a rollout; of one in which nothing was sampled, an end that is not learnt."""
    found = trajectories(rollout, 0.0)
    if not found:
        ids = [token for talk in rollout.talks[:1] for token in talk.ids] or [end]
        return {"prompt_ids": ids, "completion_ids": [end], "logprobs": [0.0], "env_mask": [0]}
    one = max(found, key=lambda part: len(part.example))  # a conversation that forked has several
    learn = one.example.learn
    start, logprobs = int(learn.argmax()), np.zeros(len(learn), np.float32)
    logprobs[learn] = one.logprobs
    ids: list[int] = one.example.ids.tolist()
    return {
        "prompt_ids": ids[:start],
        "completion_ids": ids[start:],
        "logprobs": logprobs[start:].tolist(),
        "env_mask": learn[start:].astype(int).tolist(),
    }


class TrlSampler:
    """TRL's own generation as a decoder: vLLM where the trainer has it, else transformers' `generate`.

    Every turn reads the whole conversation, and may be as long as `max_completion_length`; what comes behind an
    answer's end is cut off. Without vLLM there are no log-probabilities: they are given as 0, and TRL does not use
    them.

    Args:
        trainer: the trainer.
        context: longest conversation [tokens].
    """

    def __init__(self, trainer: Any, context: int) -> None:
        self.context, self._trainer = context, trainer
        ends = [trainer.processing_class.convert_tokens_to_ids(END), trainer.processing_class.eos_token_id]
        self._writer = AnswerWriter(trainer.processing_class, ends, context - 1, whole=True)

    def forget(self) -> None:
        """Nothing is kept; TRL brings its weights to vLLM itself."""

    def renew(self) -> None:
        """As `forget`."""

    def sample(self, requests: Sequence[DecodeRequest]) -> list[SampledAnswer]:
        """One answer a request, in order.

        Raises:
            PolicyError: a log-probability is no number.
            ValueError: two requests of one conversation, or a conversation without a token.
        """
        check_requests(requests)
        fitting = [request for request in requests if self._writer.fits(request)]
        rows: dict[str, PartialAnswer] = {}
        if fitting:
            ids = [list(request.ids) for request in fitting]
            answers, logprobs = self._trainer._generate_single_turn(ids, None, {}, num_generations=1)
            for request, answer, drawn in zip(fitting, answers, logprobs or [None] * len(answers), strict=True):
                rows[request.key] = self._writer.begin(request, 0, len(request.ids))
                self._writer.take(rows[request.key], answer, drawn or [0.0] * len(answer))
        return [answer_of(rows.get(request.key)) for request in requests]
