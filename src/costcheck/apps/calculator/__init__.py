"""The calculator: prices to move, and everything that follows from them at once.

`model` has what it says, in plain Python; `widget` shows it in JupyterLab, `server` as a page of its own.
"""

from pathlib import Path

from costcheck.apps.calculator.model import Calculator, answer
from costcheck.apps.calculator.settings import Settings, dates, read_link

__all__ = ["PAGE", "Calculator", "Settings", "answer", "dates", "read_link"]

PAGE = Path(__file__).parent / "page"
"""What a browser gets: the template of the page, and its files."""
