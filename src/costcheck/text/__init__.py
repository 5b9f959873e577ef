"""Numbers as people write them, safe output, the log."""
