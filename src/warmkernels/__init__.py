"""Warm kernels: Jupyter kernels forked from a process that has done their imports already.

`warmkernels.provisioner` is what Jupyter's programs load, by the name ``costcheck-warm``; it talks to
`warmkernels.server`, the process with the imports, whose children become kernels in
`warmkernels.child`.
"""

NAME = "costcheck-warm"
"""What the provisioner is called: ``JUPYTER_DEFAULT_PROVISIONER_NAME=costcheck-warm``."""
