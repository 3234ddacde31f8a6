"""What domains are made and tried with: fixtures, checks, attacks on rules, the skeleton of a new domain.

Nothing here is needed to run a domain, and nothing here needs a model, a network or a GPU.
"""
