"""`costcheck lab`: the folder it opens, what it refuses, and that it ends. The pages are in tests/browser."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import psutil
import pytest

from costcheck import cli
from costcheck.cli import lab

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


def test_elsewhere_it_opens_a_copy_in_the_current_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert lab.prepare(None) == Path("notebooks")
    copies = {path.name: path.read_bytes() for path in NOTEBOOKS.glob("*.ipynb")}
    assert contents(tmp_path / "notebooks") == copies
    assert capsys.readouterr().out == "notebooks: your copy of the notebooks\n"


def test_a_folder_that_is_missing_or_empty_is_filled(tmp_path):
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "deep" / "mine"):
        assert lab.prepare(folder) == folder
        assert (folder / "index.ipynb").read_bytes() == (NOTEBOOKS / "index.ipynb").read_bytes()
        assert [path.name for path in folder.parent.iterdir() if path.name.startswith(".")] == []


def test_a_copy_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def full(source, target):
        Path(target).write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(lab.RunError, match=r"mine: cannot be written \(No space left on device\)"):
        lab.prepare(tmp_path / "mine")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", ": no index.ipynb in it, so these are not costcheck's notebooks; name a folder that has it, or"),
        ("thesis.ipynb", "thesis.ipynb: this is a file; name a folder"),
        ("thesis.ipynb/below", "thesis.ipynb/below: "),
    ],
    ids=["other things", "a file", "below a file"],
)
def test_what_cannot_be_filled_is_refused_in_one_line_and_left_alone(name, message, tmp_path, capsys):
    (tmp_path / "thesis.ipynb").write_text("mine")
    assert cli.main(["lab", "--quiet", str(tmp_path / name)]) != cli.DONE
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert contents(tmp_path) == {"thesis.ipynb": b"mine"}


@pytest.mark.slow
def test_ctrl_c_ends_it_and_its_kernels_at_once_without_a_question(free_port, tmp_path):
    (scratch := tmp_path / "scratch").mkdir()
    server = subprocess.Popen(
        [sys.executable, "-m", "costcheck", "lab", "--no-browser", "--port", str(free_port())],
        env={name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG_"))}
        | {"HOME": str(tmp_path / "home"), "TMPDIR": str(scratch)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    silent = threading.Timer(240, server.kill)
    silent.start()
    try:
        assert server.stdout.readline() == "notebooks: your copy of the notebooks\n"
        base, token = re.search(
            r"(http://127\.0\.0\.1:\d+/)lab/tree/index\.ipynb\?token=(\w+)", server.stdout.readline()
        ).groups()

        def ask(what, body=None):
            request = urllib.request.Request(f"{base}api/{what}", body and json.dumps(body).encode())
            request.add_header("Authorization", f"token {token}")
            return json.load(urllib.request.urlopen(request))

        assert list(ask("kernelspecs")["kernelspecs"]) == ["python3"]
        ask("kernels", {"name": "python3"})
        family = psutil.Process(server.pid).children(recursive=True)
        assert family
        server.send_signal(signal.SIGINT)
        printed = server.communicate()  # Jupyter would wait for an answer, and for each of its kernels
    finally:
        silent.cancel()
        server.kill()
        server.communicate()
    assert (*printed, server.returncode) == ("", "", 0)
    _, alive = psutil.wait_procs(family, timeout=60)
    assert alive == []
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "home" / ".local" / "share" / "jupyter" / "runtime").exists()
