"""Worlds of the education domain: lectures with slides, and derivations that fill a board line by line."""
