"""The kernels of `costcheck lab`: nobody else of this machine reaches them."""

from pathlib import Path

import pytest

from costcheck.apps import lab
from warmkernels import client as warm
from warmkernels import private_folder

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]


@pytest.mark.skipif(warm.unavailable() is not None, reason="no kernel is warm on this platform")
def test_kernels_of_the_lab_have_no_port_but_sockets_in_a_folder_of_their_owner():
    manager = lab.Kernel()
    assert manager.transport == "ipc"
    assert Path(manager.ip).parent.parent == private_folder.folder()
    manager.cleanup_ipc_files()  # as where it is restarted
    assert Path(manager.ip).parent.exists()
