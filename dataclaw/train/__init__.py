"""Training: supervised on agent traces, then reinforced by the domains' own rules.

`config` says what a run is, `tokens` and `rows` turn traces into steps, `sft` and `grpo` learn from them in one `loop`,
`plan` estimates what a run takes before anything starts. Nothing here is imported by `import dataclaw`.
"""
