"""Packs: streams with their events, thumbnails and the results of tools in a few small files, written and read here.

A packed stream trains and is evaluated without its media, engines or network. From the bottom up:

- files: `xz` compresses, `shards` are the zip files that members lie in, `stream_codec` turns a stream into members;
- what answers without media: `frames`, `tool_results`, and `session`, in which an agent runs on a packed stream;
- reading: `streams` (manifest and streams, for both kinds of packs), `corpus_pack`, `benchmark_pack`;
- writing: `thumbnails` and `likely_calls` choose what comes along, `stream_packer` packs one stream, `corpus_packer` a
  corpus. Benchmarks are packed by `dataclaw.evals.pack`.
"""
