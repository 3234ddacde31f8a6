"""Raw files to streams. What is in a file decides how it is read, never its name alone.

open_stream(path) reads one stream, discover(paths) finds them, cut_fragments(stream) makes a puzzle of one.
"""

from dataclaw.streams.fragments import cut_fragments
from dataclaw.streams.grid import Sampling
from dataclaw.streams.load import open_stream
from dataclaw.streams.sources import Source, discover

__all__ = ["Sampling", "Source", "cut_fragments", "discover", "open_stream"]
