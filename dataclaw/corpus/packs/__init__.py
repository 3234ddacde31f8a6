"""Packs: streams with their events, thumbnails and the results of tools in a few small files, written and read here.

A packed stream trains and is evaluated without its media, engines or network. `writer` and `builder` make packs of a
corpus, `reader` and `benchmark` open packs of corpora and of benchmarks, `streams` is what both kinds share; `session`
runs an agent on a packed stream.
"""
