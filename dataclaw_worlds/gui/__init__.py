"""GUI worlds: a real browser driven through small applications that are made up for each stream."""
