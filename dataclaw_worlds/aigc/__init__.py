"""Worlds for the domain `aigc`: recordings of a game engine, edited pictures, and timelines of editing programs."""
