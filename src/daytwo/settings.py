"""One frozen tree of settings, read once."""
