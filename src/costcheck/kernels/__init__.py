"""Warm kernels: Jupyter kernels forked from a process that has done their imports already.

`costcheck.kernels.provisioner` is what Jupyter's programs load, by the name ``costcheck-warm``; it talks to
`costcheck.kernels.server`, the process with the imports, whose children become kernels in
`costcheck.kernels.child`.
"""

NAME = "costcheck-warm"
"""What the provisioner is called: ``JUPYTER_DEFAULT_PROVISIONER_NAME=costcheck-warm``."""
