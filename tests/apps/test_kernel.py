"""The kernel of `costcheck lab`, ordinary and warm: it leaves no trace in a notebook."""

from pathlib import Path

import pytest
from jupyter_client import KernelManager

from costcheck.apps import lab
from costcheck.apps.kernel import LANGUAGE
from warmkernels import NAME, private_folder
from warmkernels import client as warm

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]
PATIENCE = 120


@pytest.fixture(scope="module", params=["local-provisioner", NAME])
def kernel(request):
    """A client of a kernel in which nothing has been executed."""
    if request.param == NAME and warm.unavailable():
        pytest.skip("no kernel is warm on this platform")
    warm.stop()  # the servers of other tests count, and there may be only so many
    manager = KernelManager(kernel_spec_manager=lab.Unchanging())
    manager.kernel_spec.metadata["kernel_provisioner"] = {"provisioner_name": request.param}
    manager.start_kernel(extra_arguments=["--log-level=CRITICAL", "--HistoryManager.hist_file=:memory:"])
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE)
        assert (getattr(manager.provisioner, "forked", None) is not None) == (request.param == NAME)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_it_names_its_language_as_the_notebooks_do_and_nothing_was_executed_in_it(kernel):
    assert kernel.kernel_info(reply=True, timeout=PATIENCE)["content"]["language_info"] == LANGUAGE
    past = kernel.history(hist_access_type="range", session=0, start=0, reply=True, timeout=PATIENCE)
    assert [line for _, _, line in past["content"]["history"] if line] == []
    first = kernel.execute("1", reply=True, timeout=PATIENCE)["content"]
    assert (first["status"], first["execution_count"]) == ("ok", 1)


@pytest.mark.skipif(warm.unavailable() is not None, reason="no kernel is warm on this platform")
def test_kernels_of_the_lab_have_no_port_but_sockets_in_a_folder_of_their_owner():
    manager = lab.Kernel()
    assert manager.transport == "ipc"
    assert Path(manager.ip).parent.parent == private_folder.folder()
    manager.cleanup_ipc_files()  # as where it is restarted
    assert Path(manager.ip).parent.exists()
