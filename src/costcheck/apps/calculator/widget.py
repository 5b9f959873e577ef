"""The calculator as a widget of Jupyter's: `model` behind ``page/static/widget.js``."""

from __future__ import annotations

import time
from typing import Any

import anywidget

from costcheck.apps.calculator import PAGE
from costcheck.apps.calculator.model import Calculator, answer


class CalculatorWidget(anywidget.AnyWidget):
    """The calculator, to be shown by the last expression of a notebook's cell.

    It keeps no state in the browser's notebook: the page sends messages, and each is answered by one.
    """

    _esm = PAGE / "static" / "widget.js"
    _css = PAGE / "static" / "widget.css"

    def __init__(self) -> None:
        super().__init__()
        self._calculator = Calculator()
        self.on_msg(self._asked)

    def _asked(self, _: object, asked: Any, buffers: object) -> None:
        if not isinstance(asked, dict):
            return
        if "ping" in asked:  # an empty round trip, to measure others against
            self.send(asked)
            return
        begun = time.perf_counter()
        said = answer(self._calculator, asked)
        said["milliseconds"] = round(1000 * (time.perf_counter() - begun), 3)
        self.send(said)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        shown, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        shown["text/plain"] = "The calculator: run this notebook, or costcheck app."
        return shown, metadata
