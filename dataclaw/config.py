"""Typed configuration: a domain's manifest (`domain.toml`), the registry (`plugins.toml`) and budgets.

Unknown keys are errors, every error names file and key. The manifest is validated here, before any code of the plugin
is imported; what it refers to (schemas, rules, tools) is resolved in `plugins.py`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, cast

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from dataclaw.strict import Strict

API = 1
"""Version of the plugin interface that this release speaks."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]


def _within(path: str) -> str:
    parts = path.split("/")
    if path.startswith(("/", "\\", "~")) or ".." in parts or path[1:2] == ":":
        raise ValueError(f"{path!r} leaves the plugin's folder: name a file inside it, relative to it")
    odd = re.search(r"[^A-Za-z0-9_./-]", path)
    if odd:
        raise ValueError(f"{path!r} has {odd[0]!r} in it: only letters, digits, _ - . and / may be there")
    if not path or path[0] in ".-":
        raise ValueError(f"{path!r} begins with no letter, digit or _")
    return path


RelativePath = Annotated[str, AfterValidator(_within)]
"""A file or folder of the plugin's folder, relative to it."""

NameOrFolder = Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]{0,47}|.*/.*|\..*)$", max_length=4096)]


class Budget(Strict):
    """What one rollout may spend.

    Attributes:
        steps: decisions of the policy.
        tool_calls: tool calls, `submit` included.
        tokens: tokens that the policy writes.
        seconds: wall-clock time [s].
        repairs: drafts that may be handed in again after findings.
        invalid: answers in a row that are not an action before the rollout is stopped.
    """

    steps: Annotated[int, Field(ge=1, le=1000)] = 24
    tool_calls: Annotated[int, Field(ge=1, le=1000)] = 32
    tokens: Annotated[int, Field(ge=1)] = 200_000
    seconds: Annotated[float, Field(gt=0)] = 900.0
    repairs: Annotated[int, Field(ge=0, le=20)] = 2
    invalid: Annotated[int, Field(ge=1, le=20)] = 3


class RuleUse(Strict):
    """One rule in a task's rubric.

    Attributes:
        rule: name of a library rule, or `<domain>.<rule>` of the domain's `rules.py`.
        term: which term of the rubric it belongs to; every term has a weight in `[terms]`.
        weight: weight within its term.
        gate: when True, a score below 1 makes the whole reward 0.
        pass_at: the draft goes back to the policy when the rule scores below this; 0 by default in the term "worth".
        params: keyword arguments of the rule.
    """

    rule: str
    term: Name
    weight: Annotated[float, Field(ge=0)] = 1.0
    gate: bool = False
    pass_at: Annotated[float, Field(ge=0, le=1)] = 0.5
    params: dict[str, Any] = Field(default_factory=dict[str, Any])

    @model_validator(mode="before")
    @classmethod
    def _worth_holds_nothing(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        fields = cast("dict[str, Any]", data)
        return {"pass_at": 0.0, **fields} if fields.get("term") == "worth" else fields


class TaskRule(RuleUse):
    """A rule that a task adds to the domain's, or the keys of a domain's rule that it changes.

    Attributes:
        term: as of `RuleUse`; a rule that the domain has keeps the domain's.
        after: name of the rule behind which it stands. Without it a domain's rule stays in its place, and another one
            follows the task's rule before it; the task's first one stands at the end.
    """

    term: Name = ""
    after: str = ""


class LookCall(Strict):
    """A tool call of a look: one that is taken for a fixture, or one that the verifier takes itself.

    Attributes:
        tool: name of the tool.
        args: its arguments, defaults where they are left out.
    """

    tool: str
    args: dict[str, Any] = Field(default_factory=dict[str, Any])


class OwnLookCall(LookCall):
    """A tool call that the verifier makes itself, before it judges a draft.

    Attributes:
        reads: kinds of streams that it is made on; empty: all that the tool reads.
    """

    reads: list[Name] = Field(default_factory=list[str])


class TaskSteps(Strict):
    """How a task whose answer is a list of steps is trained on, one step after the other.

    At each step only what was known then is shown: the picture before it, and what earlier steps did.

    Attributes:
        at: JSON pointer of the list in the answer.
        asked: what is asked at the first step, filled in like a task's `question`.
        form: what the answer to each step holds, for the prompt.
        told: key of a step that says what was done, for those that come after it.
    """

    at: Annotated[str, Field(pattern="^/")]
    asked: str
    form: str
    told: Name


class TaskManifest(Strict):
    """One task of a domain.

    Attributes:
        summary: one sentence, shown by `dataclaw domain show` and used for routing.
        family: the task family written into samples; defaults to the task's name.
        schema_file: JSON Schema 2020-12 of the draft (key `schema` in the manifest).
        intents: templates of what users say; `{name}` marks a free slot.
        rules: rules beside the domain's, and changes of those.
        without: names of the domain's rules that the task has not.
        reads: stream kinds; defaults to the domain's.
        needs: what a stream must have beside its kind; where it has not, other tasks are preferred.
        tools: tool names; defaults to the domain's.
        look: what the verifier looks at itself; defaults to the domain's.
        prompt: extra instructions, a Markdown file.
        budget: overrides of the domain's budget.
        question: what the sample's `question` says, used when the draft has no `question`; or a table of one for each
            language of intents, "en" and perhaps "zh". `{intent}` stands for the user's words, `{/title/text}` for
            what stands there in the draft.
        horizon: pattern of the places of a draft that say where the input of a prediction ends [s]; the text that a
            sample shows stops there.
        most_events: most events that one sample can be about, 0 for any number; a longer stream that gives no sample as
            a whole is cut into windows of so many.
        one_clip: a sample shows all that it is about as one clip; a film that is longer than a clip may be is cut into
            windows.
        steps: for answers that are exported one step at a time.
    """

    summary: str
    schema_file: RelativePath = Field(alias="schema")
    intents: Annotated[list[str], Field(min_length=1)]
    rules: list[TaskRule] = Field(default_factory=list[TaskRule])
    without: list[str] = Field(default_factory=list[str])
    family: str = ""
    reads: list[Name] = Field(default_factory=list[str])
    needs: list[Literal["pictures"]] = Field(default_factory=list[Literal["pictures"]])
    tools: list[Name] = Field(default_factory=list[str])
    look: list[OwnLookCall] | None = None
    prompt: RelativePath | None = None
    budget: dict[str, float] = Field(default_factory=dict[str, float])
    question: str | dict[Literal["en", "zh"], str] = "{intent}"
    horizon: str = ""
    most_events: Annotated[int, Field(ge=0)] = 0
    one_clip: bool = False
    steps: TaskSteps | None = None


class DomainManifest(Strict):
    """A domain plugin's declaration: `domain.toml`.

    Attributes:
        name: name of the domain, also the prefix of its rules.
        version: the plugin's own version.
        api: plugin interface it was written for.
        summary: one sentence.
        reads: stream kinds it understands.
        tools: names of the tools its policies may call; `submit` is always there.
        look: tool calls that the verifier makes itself, so that rules know what the stream holds (`Case.there`).
        terms: weight of each rubric term; the paper's are format 0.7, anchor 1.0, efficiency 0.3.
        rules: the rules that every task has; `merge_rules` says how a task changes them.
        budget: what one rollout may spend.
        prompt: general instructions, a Markdown file.
        fixtures: JSONL of stream, gold answer and wrong answers.
        chooser: folder with the weights and the card of a trained chooser, which decides at its own points.
        adapters: folder with adapters of the embedded model and their index.
        pinned: folder with the manifests of pinned benchmarks of this domain.
        samples: small files or folders of the formats that the domain's own loaders read; its check opens them.
        explained: why a warning of `dataclaw domain check` may stand, by the warning's name.
        tasks: the tasks by name.
    """

    name: Name
    version: str
    api: int
    summary: str
    reads: Annotated[list[Name], Field(min_length=1)]
    tools: Annotated[list[Name], Field(min_length=1)]
    tasks: Annotated[dict[Name, TaskManifest], Field(min_length=1)]
    look: list[OwnLookCall] = Field(default_factory=list[OwnLookCall])
    terms: dict[Name, Annotated[float, Field(ge=0)]] = Field(
        default_factory=lambda: {"format": 0.7, "anchor": 1.0, "efficiency": 0.3}
    )
    rules: list[RuleUse] = Field(default_factory=list[RuleUse])
    budget: Budget = Budget()
    prompt: RelativePath | None = None
    fixtures: RelativePath | None = None
    chooser: RelativePath | None = None
    adapters: RelativePath | None = None
    pinned: RelativePath | None = None
    samples: list[RelativePath] = Field(default_factory=list[RelativePath])
    explained: dict[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict[str, str])

    @field_validator("api")
    @classmethod
    def _speaks_our_api(cls, value: int) -> int:
        if value != API:
            raise ValueError(f"written for plugin interface {value}, this release speaks {API}")
        return value


class PluginEntry(Strict):
    """One domain in `plugins.toml`.

    Attributes:
        enabled: False hides a discovered domain.
        path: folder of a local domain, relative to the file.
        terms: overrides of the rubric's term weights.
        budget: overrides of the budget.
        tools: tools instead of the manifest's; tasks that list their own keep those.
        model: who decides for this domain where a run names no model ("embedded", `provider:model`).
        adapter: LoRA adapter for this domain, relative to the file: GGUF for the embedded model, or the name of one
            that ships; a folder of peft for `hf:PATH`.
    """

    enabled: bool = True
    path: str | None = None
    terms: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict[str, float])
    budget: dict[str, float] = Field(default_factory=dict[str, float])
    tools: list[Name] = Field(default_factory=list[str])
    model: str | None = None
    adapter: str | None = None


class Registry(Strict):
    """`plugins.toml`: which domains there are, beside those that installed packages announce."""

    domains: dict[Name, PluginEntry] = Field(default_factory=dict[str, PluginEntry])


PATIENCE = frozenset({"base_url", "timeout", "tries", "concurrency"})
"""Options that say where and how patiently a model is asked; a run with others is the same run."""


class ModelOptions(Strict):
    """How a model is asked.

    Attributes:
        base_url: a server to ask instead of the provider's own: in the provider's wire form for `anthropic:` and
            `google:`, else in OpenAI's.
        images: show frames to models that see.
        image_detail: "low" shows them at 512 px, "high" at 1,280 px.
        constrained: decode under the action schema where the runtime can.
        tools: "native" calls tools in the provider's own way, "json" has one JSON object for an answer; "auto" is
            native for providers and their wire forms, JSON at any other `base_url`.
        mode: "look" lets the model look and write; "choose" lays out what the task's plan finds, and has the model
            answer its choice points and word its draft.
        answer_tokens: most tokens of one answer.
        temperature: sampling temperature of the first attempt; later ones have 0.7 or more.
        seed: seed of the first attempt.
        timeout: how long one answer may take [s].
        tries: how often a request is made before the stream is given up, where another try may help.
        concurrency: requests in flight.
    """

    base_url: str | None = None
    images: bool = True
    image_detail: Literal["low", "high"] = "high"
    constrained: bool = True
    tools: Literal["auto", "native", "json"] = "auto"
    mode: Literal["look", "choose"] = "look"
    answer_tokens: Annotated[int, Field(ge=16, le=1_000_000)] = 8192
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    seed: Annotated[int, Field(ge=0)] = 0
    timeout: Annotated[float, Field(gt=0, le=86_400)] = 300.0
    tries: Annotated[int, Field(ge=1, le=20)] = 5
    concurrency: Annotated[int, Field(ge=1, le=256)] = 8

    def unusual_options(self) -> dict[str, Any]:
        """How a model is asked where that is not as usual; without where, how patiently and whether under a schema."""
        usual = ModelOptions().model_dump()
        said = self.model_dump(include=set(usual) - PATIENCE - {"constrained", "images"})
        return {key: value for key, value in said.items() if value != usual[key]}


class RunConfig(ModelOptions):
    """What a run was asked for; a resumed run must have the same, but for how patiently and where the model is asked.

    Attributes:
        intent: the user's words.
        domain: name of the domain, or the folder of one (`./surgery`); None to find it from stream and intent.
        task: the task, or None to find it.
        model: who decides ("planner", "embedded", `provider:model`); None takes what `plugins.toml` names for the
            domain, else what measured best on the pinned benchmark (`dataclaw models list`).
        samples: most samples a stream may give; more than one cuts it into that many windows.
        best_of: attempts a sample, of which the rubric keeps the best.
        budget: overrides of the task's budget.
        ocr: OCR engine.
        max_frames: most frames sampled from a stream.
        task_text: show the policy the task text that came with a stream.
        min_total: samples whose total is below this are rejected, with what costs them most.
        min_confidence: where nobody is asked, streams whose task is less sure than this are rejected.
        choose: who decides what plans keep: "learned" (the chooser that ships, where it measured better), "rules", or
            the folder of a trained one.
        review: ask a person before a sample is written.
        plugin_code: False runs no code that a plugin brings, only what it declares.
    """

    intent: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
    domain: NameOrFolder | None = None
    task: Name | None = None
    model: str | None = None
    samples: Annotated[int, Field(ge=1, le=64)] = 1
    best_of: Annotated[int, Field(ge=1, le=64)] = 1
    budget: dict[str, float] = Field(default_factory=dict[str, float])
    ocr: Literal["rapidocr", "tesseract"] = "rapidocr"
    max_frames: Annotated[int, Field(ge=2, le=4096)] = 256
    task_text: bool = False
    min_total: Annotated[float, Field(ge=0, le=1)] = 0.0
    min_confidence: Annotated[float, Field(ge=0, le=1)] = 0.15
    choose: Annotated[str, StringConstraints(min_length=1)] = "learned"
    review: bool = False
    plugin_code: bool = True
