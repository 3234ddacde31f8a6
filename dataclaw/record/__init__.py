"""Records one's own screen as a GUI trace that `dataclaw run` reads."""
