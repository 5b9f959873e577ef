"""The calculator: prices to move, and everything that follows from them at once.

`model` has what it says, in plain Python; `widget` shows it in JupyterLab and in the browser (`costcheck app`).
"""

from costcheck.calculator.model import Calculator, answer
from costcheck.calculator.settings import Settings, dates, read_link

__all__ = ["Calculator", "Settings", "answer", "dates", "read_link"]
