"""GUI traces of many tools, read into one action model. Standard library only; nothing in a trace is ever executed.

from pyautogui_trace_parsers import parse
trace = parse("recording/")
"""

from pyautogui_trace_parsers.detect import detect, formats, parse, parse_many
from pyautogui_trace_parsers.errors import BrokenTrace, TraceError, UnknownFormat
from pyautogui_trace_parsers.media import media_path, read_media
from pyautogui_trace_parsers.model import Event, Outcome, Screen, Scroll, Source, Space, Target, Trace, Video
from pyautogui_trace_parsers.writers import to_agentnet_jsonl, to_pyautogui, to_uitars

__all__ = [
    "BrokenTrace",
    "Event",
    "Outcome",
    "Screen",
    "Scroll",
    "Source",
    "Space",
    "Target",
    "Trace",
    "TraceError",
    "UnknownFormat",
    "Video",
    "detect",
    "formats",
    "media_path",
    "parse",
    "parse_many",
    "read_media",
    "to_agentnet_jsonl",
    "to_pyautogui",
    "to_uitars",
]
