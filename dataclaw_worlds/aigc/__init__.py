"""Worlds of pictures that are made and edited: a game engine's recordings, edited pictures, and cuts."""
