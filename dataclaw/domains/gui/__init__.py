"""The GUI domain: desktop, browser and phone traces into data for GUI agents, tutorials and tests.

A plugin folder like anybody's: the declaration is `domain.toml`, the deterministic policies are `plans.py`, the rules
beside the library's are `rules.py`.
"""
