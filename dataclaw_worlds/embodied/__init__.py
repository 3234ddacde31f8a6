"""Worlds of the embodied domain."""
