"""`costcheck lab`: the folder it opens, what it refuses, and that it ends. The pages are in tests/browser."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from costcheck import cli
from costcheck.cli import lab

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


@pytest.fixture
def installed(monkeypatch):
    """The package as it is once installed, with the notebooks inside it."""
    monkeypatch.setattr(lab, "__file__", str(NOTEBOOKS.parent / "cli" / "lab.py"))


def test_in_a_clone_it_opens_the_clones_own_notebooks(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert lab.prepare(None) == NOTEBOOKS
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().out == ""


def test_once_installed_it_opens_a_copy_in_the_current_folder(installed, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert lab.prepare(None) == Path("notebooks")
    copied = {path.name: path.read_bytes() for path in Path("notebooks").iterdir()}
    assert copied == {path.name: path.read_bytes() for path in NOTEBOOKS.glob("*.ipynb")}
    assert capsys.readouterr().out == "notebooks: the notebooks, copied\n"


@pytest.mark.parametrize("there", [False, True], ids=["missing", "empty"])
def test_a_folder_that_is_missing_or_empty_is_filled(there, tmp_path):
    folder = tmp_path / "deep" / "mine"
    if there:
        folder.mkdir(parents=True)
    assert lab.prepare(folder) == folder
    assert (folder / "index.ipynb").read_bytes() == (NOTEBOOKS / "index.ipynb").read_bytes()
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]


def test_a_folder_with_notebooks_is_used_as_it_is(tmp_path, capsys):
    (tmp_path / "index.ipynb").write_text("mine")
    assert lab.prepare(tmp_path) == tmp_path
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("index.ipynb", "mine")]
    assert capsys.readouterr().out == ""


def test_a_folder_with_other_things_is_left_alone(tmp_path, capsys):
    (tmp_path / "thesis.ipynb").write_text("mine")
    assert cli.main(["lab", str(tmp_path)]) == cli.WRONG_INPUT
    said = capsys.readouterr().err
    assert said.startswith(f"costcheck: {tmp_path}: no index.ipynb in it")
    assert said.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.ipynb"]


def test_a_file_in_the_folders_place_is_refused(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert cli.main(["lab", str(tmp_path / "file")]) == cli.WRONG_INPUT
    assert capsys.readouterr().err == f"costcheck: {tmp_path / 'file'}: this is a file; name a folder\n"


def test_a_folder_that_cannot_be_made_is_said(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert cli.main(["lab", str(tmp_path / "file" / "below")]) != cli.DONE
    said = capsys.readouterr().err
    assert str(tmp_path / "file") in said
    assert said.count("\n") == 1


def test_a_port_in_use_is_refused_before_anything_is_copied(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        port = somebody.getsockname()[1]
        assert cli.main(["lab", "--port", str(port), str(tmp_path / "new")]) == cli.WRONG_INPUT
    assert f"--port {port}: this port is in use" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_ctrl_c_ends_it_and_its_kernels_at_once_without_a_question(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    server = subprocess.Popen(
        [sys.executable, "-m", "costcheck", "lab", "--no-browser", str(tmp_path / "new")],
        env=os.environ | {"HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert "copied" in server.stdout.readline()
        base, token = re.search(
            r"(http://127\.0\.0\.1:\d+/)\S*\?token=(\w+)", server.stdout.readline()
        ).groups()

        def ask(what, body=None, token=token):
            request = urllib.request.Request(f"{base}api/{what}", body and json.dumps(body).encode())
            request.add_header("Authorization", f"token {token}")
            return json.load(urllib.request.urlopen(request))

        with pytest.raises(urllib.error.HTTPError, match="403"):
            ask("kernels", token="0")
        assert list(ask("kernelspecs")["kernelspecs"]) == ["python3"]
        ask("kernels", {"name": "python3"})
        family = psutil.Process(server.pid).children(recursive=True)
        assert family
        began = time.monotonic()
        server.send_signal(signal.SIGINT)
        said = server.communicate(timeout=10)
        assert time.monotonic() - began < 4
    finally:
        server.kill()
        server.communicate()
    assert (*said, server.returncode) == ("", "", 0)
    _, alive = psutil.wait_procs(family, timeout=3)
    assert alive == []
