"""Ten simulated worlds in real engines, as plugins of DataClaw.

Each is found through the entry point group `dataclaw.worlds`, as a third party's world is. The protocol that they
follow is `dataclaw.worlds`; nothing in `dataclaw` imports this package.
"""
