"""The deterministic policies of the embodied tasks: look, measure, choose what the intent asks for, write, hand in.

Nothing is known but what the tools say. What cannot be measured is not written; a stream that cannot give what is asked
for is declined with the reason.
"""

from __future__ import annotations

from dataclaw.domains.embodied.dense import list_actions
from dataclaw.domains.embodied.faults import synthesise_fault
from dataclaw.domains.embodied.subtasks import describe, predict, teach
from dataclaw.domains.motion_triplets import ask_about_motion
from dataclaw.types import Plan

PLANS: dict[str, Plan] = {
    "fault_recovery": synthesise_fault,
    "describe_subtask": describe,
    "predict_next_primary_subtask": predict,
    "interleaved_tutorial": teach,
    "action_trajectory": list_actions,
    "motion_triplets": ask_about_motion,
}
