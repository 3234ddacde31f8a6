"""Daily life whose truth is known: narrated household work, and walks through furnished houses."""
