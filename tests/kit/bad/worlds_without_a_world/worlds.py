"""Only a name."""

WORLD = "mall"
