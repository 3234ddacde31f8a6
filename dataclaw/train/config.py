"""What a training run is: one TOML file; unknown keys are errors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from dataclaw.config import Name
from dataclaw.models.vision import IMAGE_SIDE
from dataclaw.strict import Strict, check, read_toml
from dataclaw.train.base_model import LoraConfig

CHOOSER = "chooser"
"""The name of the small network that chooses what is kept, in a recipe, and of the folder that a run of it writes."""
Sense = Literal["rules", "figures", "words"]
Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class ModelConfig(Strict):
    """Which model is trained, and how much of it.

    Attributes:
        name: "embedded", or a folder or hub id of any causal or vision-language model of transformers; "chooser" for
            the small network that chooses what is kept, whose tokens are options.
        shape: kind of model in transformers ("qwen3_5") whose default settings have its shape; with it, `train plan`
            and `--random-init` need no network.
        tuning: train a LoRA adapter, or all weights.
        lora: shape of the adapter.
        dtype: number format of the computation; weights that are trained are kept in float32.
        device: "auto", "cpu", "cuda", "cuda:N" or "mps"; "auto" takes an accelerator where there is one.
        attention: "auto" takes attention without a mask between packed traces where the model allows; otherwise the
            name of an implementation of transformers ("sdpa", "eager", "flash_attention_2").
        checkpointing: compute activations again in the backward pass: a third more work, far less memory.
        compile: compile the layers with torch.compile; the first step takes a minute longer.
        blind: what a chooser does not look at: what the rules keep, all figures, what words mean.
    """

    name: str = "embedded"
    shape: str = ""
    tuning: Literal["lora", "full"] = "lora"
    lora: LoraConfig = LoraConfig()
    dtype: Literal["float32", "bfloat16"] = "float32"
    device: str = "auto"
    attention: str = "auto"
    checkpointing: bool = False
    compile: bool = False
    blind: list[Sense] = Field(default_factory=list[Sense])


class DataConfig(Strict):
    """Which traces are learnt from.

    Attributes:
        corpus: folder of a corpus, its `export/`, or a pack.
        domains: domains to learn; empty: all of them (Omni). One of them: an Expert.
        share: share of the training traces, chosen by their ids: the tenth is part of the quarter.
        max_tokens: longest trace; longer ones are left out and counted.
        row_tokens: tokens that go through the model at once; traces are packed up to it. 0: as `max_tokens`.
        packing: several traces a row, none of which sees another.
        answer_first: drafts in the paper's order of fields: the answer, then what it was concluded from.
        images: show frames to a model that sees (the Qwen-VL family): one trace or rollout a row then.
        image_side: longest side of an image [px].
        frames: folder of a corpus or pack whose frames traces are shown with; None: the corpus itself.
        validation: most validation traces a domain; which ones depends on their ids alone.
        seed: order of the traces and everything else that is random.
    """

    corpus: Path = Path("corpus")
    domains: list[Name] = Field(default_factory=list[str])
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    max_tokens: Annotated[int, Field(ge=16)] = 8192
    row_tokens: Annotated[int, Field(ge=0)] = 0
    packing: bool = True
    answer_first: bool = False
    images: bool = False
    image_side: Annotated[int, Field(ge=28)] = IMAGE_SIDE
    frames: Path | None = None
    validation: Annotated[int, Field(ge=0)] = 16
    seed: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _a_trace_fits_a_row(self) -> DataConfig:
        if self.row_tokens and self.row_tokens < self.max_tokens:
            raise ValueError(f"row_tokens {self.row_tokens} is below max_tokens {self.max_tokens}: raise it, or say 0")
        return self

    @property
    def side(self) -> int:
        """Longest side of images that are shown [px]; 0 where none are."""
        return self.image_side if self.images else 0

    @property
    def row(self) -> int:
        """Tokens of a row."""
        return self.row_tokens or self.max_tokens


class SftConfig(Strict):
    """Supervised learning.

    Attributes:
        lr: highest learning rate.
        epochs: times that every trace is seen.
        steps: stop after so many optimizer steps; None: when the epochs are over.
        batch_tokens: tokens an optimizer step, over all devices.
        warmup: share of the steps over which the learning rate rises.
        schedule: how it falls afterwards, to a tenth of `lr` or not at all.
        weight_decay: AdamW's.
        max_grad_norm: gradients are scaled down to this norm.
        eval_every: steps between validations; 0: only at the end.
        save_every: steps between checkpoints; 0: only at the end.
        keep: checkpoints that are kept, the newest.
        tensorboard: write TensorBoard files beside `metrics.jsonl`.
    """

    lr: Rate = 1e-3
    epochs: Annotated[float, Field(gt=0)] = 1.0
    steps: Count | None = None
    batch_tokens: Count = 32_768
    warmup: Share = 0.03
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    weight_decay: Annotated[float, Field(ge=0)] = 0.0
    max_grad_norm: Annotated[float, Field(gt=0)] = 1.0
    eval_every: Annotated[int, Field(ge=0)] = 100
    save_every: Annotated[int, Field(ge=0)] = 100
    keep: Count = 2
    tensorboard: bool = False


class GrpoConfig(Strict):
    """Reinforcement by the domains' rules.

    Attributes:
        lr: learning rate.
        steps: optimizer steps.
        group: rollouts of one prompt, among which rewards are compared.
        prompts_per_step: prompts a step; rollouts a step are `group` times as many.
        max_new_tokens: most tokens a turn of the policy.
        max_tokens: most tokens of a whole trajectory, results of tools included.
        temperature: of sampling.
        constrained: sample under the action schema; log-probabilities are then of the constrained distribution.
        server: address of a vLLM server that samples the rollouts with the weights of every step (docs/serving.md);
            "": the model in this process.
        shared: folder that the server sees at the same place, for adapters, a folder of each run; "": the run's own.
        correction: cap C of truncated importance sampling between who samples and who trains; 0: none.
        terms: weights of the rubric's terms; the paper's are 0.7, 1.0 and 0.3.
        normalise: "group" as in the paper (reward minus mean, over spread); "rules" scales every rule by its own
            spread within the group first; "centre" subtracts the mean only.
        loss: by TRL's names.
        clip: how far the probability ratio may leave 1.
        kl: weight of the divergence from the model that training began with.
        max_grad_norm: gradients are scaled down to this norm.
        batch_tokens: tokens that go through the model at once in the update.
        curriculum: begin with easy prompts and let harder ones in step by step.
        leave_out: tasks that are not drawn ("gui.how_to").
        rule_seconds: time limit of the rewards of one rollout [s]; what takes longer is missing, never 0.
        save_every: steps between checkpoints.
        keep: checkpoints that are kept, the newest.
    """

    lr: Rate = 4e-6
    steps: Count = 200
    group: Annotated[int, Field(ge=2)] = 8
    prompts_per_step: Count = 8
    max_new_tokens: Count = 4096
    max_tokens: Count = 8192
    temperature: Annotated[float, Field(gt=0)] = 1.0
    constrained: bool = False
    server: str = ""
    shared: str = ""
    correction: Annotated[float, Field(ge=0)] = 0.0
    terms: dict[Name, Annotated[float, Field(ge=0)]] = Field(
        default_factory=lambda: {"format": 0.7, "anchor": 1.0, "efficiency": 0.3}
    )
    normalise: Literal["group", "rules", "centre"] = "group"
    loss: Literal["grpo", "dapo", "dr_grpo", "bnpo"] = "grpo"
    clip: Annotated[float, Field(gt=0, lt=1)] = 0.2
    kl: Annotated[float, Field(ge=0)] = 0.04
    max_grad_norm: Annotated[float, Field(gt=0)] = 1.0
    batch_tokens: Count = 32_768
    curriculum: bool = True
    leave_out: list[Annotated[str, Field(pattern=r"^\w+\.\w+$")]] = Field(default_factory=list[str])
    rule_seconds: Annotated[float, Field(gt=0)] = 20.0
    save_every: Count = 20
    keep: Count = 2


class TrainConfig(Strict):
    """A whole recipe: the model, its data, and both stages."""

    model: ModelConfig = ModelConfig()
    data: DataConfig = DataConfig()
    sft: SftConfig = SftConfig()
    grpo: GrpoConfig = GrpoConfig()

    def digest(self) -> str:
        """Hash of all settings: the same in two runs that are to give the same curve."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def read_config(path: Path, **changes: Mapping[str, object]) -> TrainConfig:
    """A recipe from a TOML file; `changes` are tables of settings to put over the file's, None where nothing changes.

    The corpus is named relative to the folder that the command runs in.

    Raises:
        ConfigError: the file is missing or wrong, all wrong keys named.
    """
    config = read_toml(path, TrainConfig)
    data = config.model_dump()
    for table, settings in changes.items():
        data[table].update({key: value for key, value in settings.items() if value is not None})
    return check(data, TrainConfig, str(path)) if changes else config
