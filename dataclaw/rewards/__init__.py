"""Rules and the rubric that weighs them."""
