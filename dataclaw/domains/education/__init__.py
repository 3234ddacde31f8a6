"""Lessons into teaching material, questions with answers, tutoring at the stuck point, and summaries.

Built only on the public plugin door: manifest, schemas, rules, a tool of its own and plans; nothing in the package
imports it. Texts are what was said or read, never reworded; what no cue, exercise, page or slide bears out is not said.
"""
