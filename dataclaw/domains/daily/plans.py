"""The deterministic policies of the daily tasks: look, choose what the intent asks for, write, hand in."""

from __future__ import annotations

from dataclaw.domains.daily.context import question_context
from dataclaw.domains.daily.route import guide
from dataclaw.domains.daily.temporal import question_time
from dataclaw.domains.daily.tutorial import teach
from dataclaw.domains.motion_triplets import ask_about_motion
from dataclaw.types import Plan

PLANS: dict[str, Plan] = {
    "vln_navigation": guide,
    "procedural_tutorial": teach,
    "contextual_qa": question_context,
    "temporal_qa": question_time,
    "motion_triplets": ask_about_motion,
}
