"""Who decides what a sample keeps: rules, a small learned model, or whoever knows the truth; all through one door."""

from dataclaw.choosing.point import BY_RULES, CHOOSE, ChoicePoint, Chooser, Chosen, own_answer, point_of

__all__ = ["BY_RULES", "CHOOSE", "ChoicePoint", "Chooser", "Chosen", "own_answer", "point_of"]
