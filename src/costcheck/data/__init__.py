"""The tables of `data/`, YAML, and files written whole."""
