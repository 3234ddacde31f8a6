"""Who decides: planner, embedded model, providers, scripts."""
