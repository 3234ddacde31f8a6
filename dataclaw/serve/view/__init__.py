"""A local page to look at samples beside their streams, and to accept, reject and correct them."""
