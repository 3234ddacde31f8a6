"""Training: supervised on agent traces, then reinforced by the domains' own rules.

`config` says what a run is, `tokens` and `packing` turn traces into rows, `sft` trains on them, `plan` estimates what a
run takes before anything starts. Nothing here is imported by `import dataclaw`.
"""
