"""`costcheck lab`: the folder it opens, and what it refuses. The pages are in tests/browser."""

import logging
from pathlib import Path

import pytest
from tornado.websocket import WebSocketClosedError

from costcheck.apps.lab import Kernel, concerns_the_reader
from costcheck.cli import lab
from warmkernels import client as warm
from warmkernels import private_folder

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A clone of the project, as much of it as matters; the current folder is in it."""
    for folder in ("src/costcheck", "notebooks", "data"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "notebooks" / "index.ipynb").write_text("the project's")
    monkeypatch.chdir(tmp_path / "data")
    return tmp_path


def test_in_a_clone_it_opens_a_copy_that_git_ignores_unless_the_own_notebooks_are_named(clone, capsys):
    message = (
        "../my_notebooks: your copy of the notebooks; costcheck lab ../notebooks opens the project's own\n"
    )
    assert lab.prepare(None) == Path("../my_notebooks")
    assert contents(clone / "my_notebooks").keys() == {path.name for path in NOTEBOOKS.glob("*.ipynb")}
    (clone / "my_notebooks" / "index.ipynb").write_text("mine")
    assert lab.prepare(None) == Path("../my_notebooks")
    assert capsys.readouterr().out == 2 * message
    assert (clone / "my_notebooks" / "index.ipynb").read_text() == "mine"
    assert lab.prepare(Path("../notebooks")) == Path("../notebooks")
    assert (clone / "notebooks" / "index.ipynb").read_text() == "the project's"
    assert capsys.readouterr().out == ""
    assert "/my_notebooks/" in (NOTEBOOKS.parent / ".gitignore").read_text().splitlines()


def test_a_folder_that_is_missing_or_empty_is_filled(tmp_path, monkeypatch, capsys):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    assert lab.prepare(None) == Path("notebooks")
    assert capsys.readouterr().out == "notebooks: your copy of the notebooks\n"
    copies = {path.name: path.read_bytes() for path in NOTEBOOKS.glob("*.ipynb")}
    for folder in (tmp_path / "empty", tmp_path / "deep" / "mine"):
        assert lab.prepare(folder) == folder
        assert contents(folder) == contents(tmp_path / "notebooks") == copies
        assert [path.name for path in folder.parent.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("name", "status", "message"),
    [
        (
            "",
            2,
            ": no index.ipynb in it, so these are not costcheck's notebooks; name a folder that has it, or",
        ),
        ("thesis.ipynb", 2, "thesis.ipynb: this is a file; name a folder"),
        ("thesis.ipynb/below", 1, "below: cannot be written ("),
    ],
)
def test_what_cannot_be_filled_is_refused_in_one_line_and_left_alone(
    name, status, message, tmp_path, refused
):
    (tmp_path / "thesis.ipynb").write_text("mine")
    assert message in refused("lab", "--quiet", tmp_path / name, status=status)
    assert contents(tmp_path) == {"thesis.ipynb": b"mine"}


def test_a_copy_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def full(source, target):
        Path(target).write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(lab.RunError, match=r"mine: cannot be written \(No space left on device\)"):
        lab.prepare(tmp_path / "mine")
    assert list(tmp_path.iterdir()) == []


def test_a_page_that_is_closed_as_its_kernel_answers_is_not_logged():
    for error, is_logged in ((WebSocketClosedError(), False), (OSError(), True)):
        record = logging.makeLogRecord({"exc_info": (type(error), error, None)})
        assert concerns_the_reader(record) is is_logged


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.skipif(warm.unavailable() is not None, reason="no kernel is warm on this platform")
def test_kernels_of_the_lab_have_no_port_but_sockets_in_a_folder_of_their_owner():
    manager = Kernel()
    assert manager.transport == "ipc"
    assert Path(manager.ip).parent.parent == private_folder.folder()
    manager.cleanup_ipc_files()  # as where it is restarted
    assert Path(manager.ip).parent.exists()
