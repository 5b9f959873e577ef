"""JupyterLab and the calculator."""
