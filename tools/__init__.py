"""What developers run: the codebook, and the schema of article files."""
