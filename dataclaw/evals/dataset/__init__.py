"""A report about the data that runs made: what is in them, how good, how much alike, and what they cost."""
