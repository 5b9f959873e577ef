"""What a notebook calls: parameters, show, say, check, charts."""
