"""papermill's engine ``warm``: ``papermill in.ipynb out.ipynb --engine warm`` executes in a forked kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode


class WarmEngine:
    """Executes notebooks as papermill's own engine does, in kernels that are forked.

    papermill imports all engines that are installed when it is imported itself; this one imports little until
    it is asked for something.
    """

    @classmethod
    def execute_notebook(cls, nb: NotebookNode, kernel_name: str, **options: Any) -> NotebookNode:
        """Execute a notebook; `warmkernels.notebook_client.Engine` takes the options."""
        from warmkernels.notebook_client import Engine

        executed: NotebookNode = Engine.execute_notebook(nb, kernel_name, **options)
        return executed

    @classmethod
    def nb_kernel_name(cls, nb: NotebookNode, name: str | None = None) -> str:
        """Return the name of a notebook's kernel, or the one given."""
        from papermill.utils import nb_kernel_name

        return str(nb_kernel_name(nb, name))

    @classmethod
    def nb_language(cls, nb: NotebookNode, language: str | None = None) -> str:
        """Return a notebook's language, or the one given."""
        from papermill.utils import nb_language

        return str(nb_language(nb, language))
