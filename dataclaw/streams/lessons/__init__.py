"""Lessons as streams: speech with its times, slides, exercises."""
