"""The domain of generated and edited media: segments to train video generation on, edits, cuts, what happens next.

A plugin folder as a third party would write it: `domain.toml` declares the domain, `plans.py` holds the deterministic
policies, `rules.py` the rules of its own, and `tools.py` the tool that measures how a picture looks.
"""
