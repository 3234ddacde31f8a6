"""Action video: what is measured of clips, and how chosen windows differ from random ones."""
