"""The calculator: prices to move, and everything that follows from them at once.

`model` answers the page's questions; `widget` shows the page in a notebook, `web` on its own.
"""

from pathlib import Path

PAGE = Path(__file__).parent / "page"
"""What a browser loads."""
