"""What the library's rules cannot judge: clips, motion, operations, regions and time codes."""

from __future__ import annotations

from dataclaw.domains.aigc.edit_rules import answer_lines, fit_to_part, instruction, operations, regions, timecodes
from dataclaw.domains.aigc.film_rules import left_out_reasons, motion, pictures, segment, transition

__all__ = [
    "answer_lines",
    "fit_to_part",
    "instruction",
    "left_out_reasons",
    "motion",
    "operations",
    "pictures",
    "regions",
    "segment",
    "timecodes",
    "transition",
]
