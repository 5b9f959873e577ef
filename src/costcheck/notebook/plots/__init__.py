"""Charts: numbers in, a matplotlib figure out. They know no article and read no file."""
