"""`python -m dataclaw`, the same as `dataclaw`."""

from dataclaw.cli import main

main()
