"""Questions about motion after the public recipe of ReMoT: triplets, a frozen test set, a scorer."""
