"""Built-in domains; each comes in through the same door as a third party's."""
