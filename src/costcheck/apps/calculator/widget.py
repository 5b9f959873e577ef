"""The calculator as a widget for a notebook: ``page/widget.js`` asks, `model` answers."""

from __future__ import annotations

from typing import Any

import anywidget

from costcheck.apps.calculator import PAGE
from costcheck.apps.calculator.model import answer


class CalculatorWidget(anywidget.AnyWidget):
    """The calculator, shown by the last expression of a cell; it keeps no state in the notebook."""

    _esm = PAGE / "widget.js"
    _css = PAGE / "widget.css"

    def __init__(self) -> None:
        super().__init__()
        self.on_msg(self._answer)

    def _answer(self, _: object, message: Any, buffers: object) -> None:
        self.send({"id": message["id"], "answer": answer(message["asked"])})

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        shown, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        shown["text/plain"] = "The calculator: run this notebook, or costcheck app."
        return shown, metadata
