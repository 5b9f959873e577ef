"""Importing nbformat without what takes longest."""

from __future__ import annotations

import sys

GRAMMARS = "rfc3987_syntax"


def import_nbformat() -> None:
    """Import nbformat without the grammars of internationalised addresses.

    nbformat imports jsonschema, and that imports eleven grammars, if they are installed, to check values of
    the formats ``iri`` and ``iri-reference``; a notebook has none. Building them takes longer than all else
    that is imported to execute a notebook.
    """
    if "jsonschema" in sys.modules or GRAMMARS in sys.modules:
        return
    sys.modules[GRAMMARS] = None  # type: ignore[assignment]  # so Python marks what cannot be imported
    try:
        import nbformat  # noqa: F401
    finally:
        del sys.modules[GRAMMARS]
