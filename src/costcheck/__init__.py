"""Recompute what news articles print about the cost of a language model, and say which figures hold."""

__version__ = "0.1.0"
