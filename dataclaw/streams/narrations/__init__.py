"""Narrated actions of long videos as streams: tables that people made, with or without the pixels."""
