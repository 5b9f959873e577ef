"""Out of executed notebooks: rows, exports, comparison, report."""
