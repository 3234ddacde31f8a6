"""Records one's own screen as a GUI trace that `dataclaw run` reads.

What is written is AgentNet's raw layout, as in `examples/traces`: `events.jsonl`, `element.jsonl`, `top_window.jsonl`,
`metadata.json` and `screen.mp4`, all on one monotonic clock. Every line and every second of video is on the disk as
soon as it is made, so a killed recording is a shorter one, not a broken one. Nothing here knows a network.
"""
