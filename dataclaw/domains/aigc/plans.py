"""The deterministic policies of the domain, one a task; each lives in a file of its own."""

from __future__ import annotations

from dataclaw.domains.aigc.edits import edit_instruction
from dataclaw.domains.aigc.segment import video_generation_segment
from dataclaw.domains.aigc.timelines import edit_plan
from dataclaw.domains.aigc.transition import world_model_transition
from dataclaw.types import Plan

PLANS: dict[str, Plan] = {
    "video_generation_segment": video_generation_segment,
    "edit_instruction": edit_instruction,
    "edit_plan": edit_plan,
    "world_model_transition": world_model_transition,
}
