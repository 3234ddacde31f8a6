"""The deterministic policies of the education tasks, one module each."""

from __future__ import annotations

from dataclaw.domains.education.interleave import write_lesson
from dataclaw.domains.education.qa import ask_concepts
from dataclaw.domains.education.summary import summarise
from dataclaw.domains.education.tutoring import tutor
from dataclaw.types import Plan

PLANS: dict[str, Plan] = {
    "interleaved_lesson": write_lesson,
    "concept_qa": ask_concepts,
    "stuck_point_tutoring": tutor,
    "lecture_summary": summarise,
}
