"""Corpora: streams (of worlds, or real ones) become validated samples and agent traces, in five stages.

1 candidates, 2 packages, 3 drafts, 4 validated, 5 export. Every stage is one JSONL file that says what came of every
candidate; what is finished is kept by stream, so that a build that is killed goes on where it was.
"""

from dataclaw.corpus.build import BuildProgress, build, units
from dataclaw.corpus.config import CorpusConfig, read_config

__all__ = ["BuildProgress", "CorpusConfig", "build", "read_config", "units"]
