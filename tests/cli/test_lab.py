"""`costcheck lab`: the folder it opens, what it refuses, and that it ends. The pages are in tests/browser."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from costcheck import cli
from costcheck.cli import lab

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


@pytest.fixture(autouse=True)
def _a_free_port(monkeypatch):
    """Whoever runs the tests may have a JupyterLab of their own at the usual one."""
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        monkeypatch.setattr(lab, "PORT", somebody.getsockname()[1])


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
    assert cli.main(["lab", "--quiet", str(tmp_path)]) == cli.WRONG_INPUT
    said = capsys.readouterr().err
    assert said.startswith(f"costcheck: {tmp_path}: no index.ipynb in it")
    assert said.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.ipynb"]


def test_a_file_in_the_folders_place_is_refused(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert cli.main(["lab", "--quiet", str(tmp_path / "file")]) == cli.WRONG_INPUT
    assert capsys.readouterr().err == f"costcheck: {tmp_path / 'file'}: this is a file; name a folder\n"


def test_a_folder_that_cannot_be_made_is_said(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert cli.main(["lab", "--quiet", str(tmp_path / "file" / "below")]) != cli.DONE
    said = capsys.readouterr().err
    assert str(tmp_path / "file") in said
    assert said.count("\n") == 1


def test_a_port_in_use_is_refused_before_anything_is_copied(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        port = somebody.getsockname()[1]
        assert cli.main(["lab", "--port", str(port), str(tmp_path / "new")]) == cli.WRONG_INPUT
    assert f"--port {port}: this port is in use" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_lab_left_is_removed_and_that_of_others_is_not(tmp_path):
    from costcheck.apps.lab import sweep

    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (killed := tmp_path / f"costcheck-lab-{ended.pid}-abc").mkdir()
    (killed / "settings").touch()
    others = {
        f"costcheck-lab-{os.getpid()}-abc",
        "costcheck-lab-abc",
        f"costcheck-lab-{10**12}-abc",
        f"thesis-{ended.pid}-abc",
    }
    for name in others:
        (tmp_path / name).mkdir()
    sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == others


OPEN_TO_ALL = {
    "ServerApp": {"ip": "0.0.0.0", "open_browser": False, "disable_check_xsrf": True},
    "IdentityProvider": {"token": ""},
}


@pytest.mark.slow
def test_ctrl_c_ends_it_and_its_kernels_at_once_without_a_question(tmp_path):
    """Nor does a reader's configuration, however careless, open it to others."""
    home = tmp_path / "home"
    (home / ".jupyter").mkdir(parents=True)
    (home / ".jupyter" / "jupyter_server_config.json").write_text(json.dumps(OPEN_TO_ALL))
    (scratch := tmp_path / "scratch").mkdir()
    server = subprocess.Popen(
        [sys.executable, "-m", "costcheck", "lab", "--no-browser", str(tmp_path / "new")],
        env={name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG_"))}
        | {"HOME": str(home), "TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    silent = threading.Timer(60, server.kill)
    silent.start()
    try:
        assert "copied" in server.stdout.readline()
        base, token = re.search(
            r"(http://127\.0\.0\.1:\d+/\S+?/)lab/tree/index\.ipynb\?token=(\w+)", server.stdout.readline()
        ).groups()

        def ask(what, body=None, token=token):
            request = urllib.request.Request(f"{base}api/{what}", body and json.dumps(body).encode())
            request.add_header("Authorization", f"token {token}")
            return json.load(urllib.request.urlopen(request))

        listening = [one for one in psutil.Process(server.pid).net_connections() if one.status == "LISTEN"]
        assert {one.laddr.ip for one in listening} == {"127.0.0.1"}
        for wrong in ("", "0"):
            with pytest.raises(urllib.error.HTTPError, match="403"):
                ask("kernels", token=wrong)
        assert list(ask("kernelspecs")["kernelspecs"]) == ["python3"]
        ask("kernels", {"name": "python3"})
        family = psutil.Process(server.pid).children(recursive=True)
        assert family
        (own,) = scratch.glob("costcheck-lab-*")
        assert own.name.split("-")[2] == str(server.pid)
        server.send_signal(signal.SIGINT)
        said = server.communicate(timeout=60)  # Jupyter would wait for an answer, and for each of its kernels
    finally:
        silent.cancel()
        server.kill()
        server.communicate()
    assert (*said, server.returncode) == ("", "", 0)
    _, alive = psutil.wait_procs(family, timeout=3)
    assert alive == []
    assert list(scratch.iterdir()) == []
    assert [path.name for path in home.rglob("*jpserver*")] == []
    assert not (home / ".local" / "share" / "jupyter" / "runtime").exists()
