"""``python -m costcheck`` is the command ``costcheck``."""

import sys

from costcheck.cli import main

if __name__ == "__main__":
    sys.exit(main())
