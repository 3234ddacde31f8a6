"""`python -m dataclaw.cli`, the same as `dataclaw`."""

from dataclaw.cli import main

main()
