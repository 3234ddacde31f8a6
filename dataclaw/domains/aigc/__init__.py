"""The domain of generated and edited media: segments to train video generation on, edits, cuts, what happens next.

A plugin folder like anybody's: the declaration is `domain.toml`, the deterministic policies are `plans.py`, the rules
beside the library's are `rules.py`, and `tools.py` brings the tool that measures how a picture looks.
"""
