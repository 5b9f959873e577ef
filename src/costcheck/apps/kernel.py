"""The kernel of ``costcheck lab``: one that leaves no trace of its Python's version in a notebook."""

from ipykernel.ipkernel import IPythonKernel

LANGUAGE: dict[str, object] = {"name": "python"}
"""What the committed notebooks say of their language."""


class ConstantKernel(IPythonKernel):
    """ipykernel's own, but for what it says of its language.

    JupyterLab writes that into every notebook it opens. Were it more than the notebook says already, such as
    the version, the notebook would count as changed as soon as it is opened.
    """

    language_info = LANGUAGE
