"""GUI domain: a plugin folder, declared in `domain.toml`."""
