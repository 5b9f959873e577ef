"""Units and their conversion."""
