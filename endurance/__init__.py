"""What DataClaw withstands, as commands that anyone can run: `make crash`, `make fuzz`."""
