"""The domain of lessons: teaching material, questions with answers, tutoring at the stuck point, and summaries.

A plugin folder as a third party would write it: manifest, schemas, rules, a tool and plans. Drafts quote what was said
or read and never reword it; they say nothing that no cue, exercise, page or slide supports.
"""
