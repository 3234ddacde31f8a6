"""Many streams in one folder that survives a kill: the run, its ledger, its processes, and the report on it."""
