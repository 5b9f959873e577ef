"""Warm kernels: Jupyter kernels forked from a process that has already done their imports.

Jupyter's programs load `warmkernels.provisioner` under the name ``warm``. It asks `warmkernels.server`, the
process with the imports, for a fork, which becomes a kernel in `warmkernels.child`. README.md shows the uses.
"""

NAME = "warm"
"""The provisioner's name, as in ``JUPYTER_DEFAULT_PROVISIONER_NAME=warm``."""
