"""Raw files to streams."""
