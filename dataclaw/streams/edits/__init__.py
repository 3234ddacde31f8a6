"""Editing sequences as streams: pictures before and after, generation graphs, timelines, histories of operations."""
