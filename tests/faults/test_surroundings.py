"""The same results, byte for byte, wherever and by whomever the program is started."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
COSTCHECK = Path(sys.executable).with_name("costcheck")
RUN = ["run", "2", "--png", "--set", "h100_usd=25000"]
PATIENCE = 300
"""Nothing here takes that long, on however busy a machine [second]."""
SURROUNDINGS = {
    "another time zone, a Turkish locale, other random hashes, no HOME": {
        "HOME": None,
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "tr_TR.UTF-8",
        "PYTHONHASHSEED": "4711",
    },
    "no such time zone, a Chinese locale that is not UTF-8, other settings of matplotlib, HOME is a file": {
        "HOME": "/etc/hostname",
        "TZ": "No/Where",
        "LC_ALL": "zh_CN.GB18030",
        "LANG": "zh_CN.GB18030",
        "MPLCONFIGDIR": "{elsewhere}",
    },
    "a locale without letters beyond ASCII, a HOME where nothing can be written": {
        "LC_ALL": "POSIX",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "HOME": "/proc/1/nowhere",
    },
}


def run(folder: Path, out: Path, **environment: str | None) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "COSTCHECK_CACHE": str(folder / "cache")}
    for name, value in environment.items():
        env.pop(name, None)
        if value is not None:
            env[name] = value
    command = [COSTCHECK, *RUN, "--out", str(out)]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, timeout=PATIENCE)


def written(out: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    done = run(folder, folder / "out")
    assert done.returncode == 0, done.stderr.decode()
    found = written(folder / "out")
    assert {"results.csv", "notebooks/02_entry_ticket.ipynb", "figures/entry_ticket.svg"} <= set(found)
    return found


@pytest.mark.fault("another time zone, locale, HOME")
@pytest.mark.parametrize("where", SURROUNDINGS)
def test_surroundings_change_no_byte(where, undisturbed, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "matplotlibrc").write_text("font.size: 30\nsvg.hashsalt: other\n")
    env = {name: value and value.format(elsewhere=elsewhere) for name, value in SURROUNDINGS[where].items()}
    done = run(tmp_path, tmp_path / "out", **env)
    assert done.returncode == 0, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert written(tmp_path / "out") == undisturbed


@pytest.mark.fault("file names of any kind")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param('-rf  it\'s "quoted" `here` $HOME\n漢字 a%20b#c?d&e ', id="what is special to anybody"),
        pytest.param("x" * 200, id="200 characters"),
    ],
)
def test_a_folders_name_changes_no_byte(name, undisturbed, tmp_path):
    folder = tmp_path / name
    (folder / "tmp").mkdir(parents=True)
    done = run(folder, folder / "out", TMPDIR=str(folder / "tmp"))
    assert done.returncode == 0, done.stderr.decode()
    assert written(folder / "out") == undisturbed
    assert not list((folder / "tmp").iterdir())


CLOCKS = {
    "30 years in the past": "lambda: real() - 30 * 365.25 * 86_400",
    "40 years in the future, jumping back and forth": "lambda: real() + 40 * 365.25 * 86_400 + next(jumps)",
}
CLOCK = """
import itertools, time
real, jumps = time.time, itertools.cycle([0, 86_400, -86_400, 3, -3, 30 * 86_400])
time.time = {clock}
time.time_ns = lambda: int(time.time() * 1e9)
"""


@pytest.mark.fault("a clock that is set wrong, or set while a run goes on")
@pytest.mark.parametrize("clock", CLOCKS)
def test_a_wrong_clock_changes_no_byte(clock, undisturbed, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(CLOCK.format(clock=CLOCKS[clock]))
    done = run(tmp_path, tmp_path / "out", PYTHONPATH=str(tmp_path / "site"))
    assert done.returncode == 0, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert written(tmp_path / "out") == undisturbed


@pytest.mark.fault("a sitecustomize.py of the user's that prints")
def test_what_pythons_start_prints_stands_in_no_file(undisturbed, tmp_path):
    (tmp_path / "site").mkdir()
    for name in ("sitecustomize", "usercustomize"):
        text = "import os, sys\nprint('hello from', __name__)\nprint('hello', file=sys.stderr)\n"
        (tmp_path / "site" / f"{name}.py").write_text(f"{text}os.write(1, b'hello as well\\n')\n")
    done = run(tmp_path, tmp_path / "out", PYTHONPATH=str(tmp_path / "site"))
    assert done.returncode == 0, done.stderr.decode()
    assert b"ordinary kernels" not in done.stderr
    assert done.stdout.count(b"hello from sitecustomize") == 1  # that of the command itself
    assert written(tmp_path / "out") == undisturbed


PYTHONS_OWN = {
    "without docstrings and assertions": {"PYTHONOPTIMIZE": "2"},
    "warnings are errors, nothing is buffered or compiled ahead": {
        "PYTHONWARNINGS": "error",
        "PYTHONUNBUFFERED": "1",
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPYCACHEPREFIX": "/proc/1/nowhere",  # as beside read-only packages that nobody has compiled
        "PYTHONFAULTHANDLER": "1",
    },
}


@pytest.mark.fault("Python's own settings (PYTHONOPTIMIZE=2, PYTHONWARNINGS=error, ...)")
@pytest.mark.parametrize("where", PYTHONS_OWN)
def test_pythons_own_settings_change_no_byte(where, undisturbed, tmp_path):
    done = run(tmp_path, tmp_path / "out", **PYTHONS_OWN[where])
    assert done.returncode == 0, done.stderr.decode()
    assert b"Warning" not in done.stderr
    assert written(tmp_path / "out") == undisturbed


@pytest.mark.fault("Python's own settings (PYTHONOPTIMIZE=2, PYTHONWARNINGS=error, ...)")
@pytest.mark.parametrize(
    "command", [["formulas", "--format", "json"], ["check", "{example}", "--format", "csv"]]
)
def test_units_are_read_where_python_has_left_docstrings_out(command, tmp_path):
    example = Path(__file__).parents[2] / "data" / "examples" / "deepseek_v3.yaml"
    arguments = [word.format(example=example) for word in command]
    found = {}
    for optimised in ("", "2"):
        env = {**os.environ, "PYTHONOPTIMIZE": optimised}
        done = subprocess.run(
            [sys.executable, "-m", "costcheck", *arguments], env=env, cwd=tmp_path, capture_output=True
        )
        assert done.returncode == 0, done.stderr.decode()
        found[optimised] = done.stdout
    assert found[""] == found["2"] != b""


SHADOWS = (
    "random",
    "yaml",
    "costcheck",
    "json",
    "signal",
    "pandas",
    "numpy",
    "matplotlib",
    "ipykernel",
    "select",
)


KERNEL_OF_THEIRS = {"argv": ["/bin/false"], "display_name": "Python of theirs", "language": "python"}


def at_home(folder: Path, exec_line: str) -> dict[str, str]:
    """Make a home with settings of IPython's and Jupyter's; return the environment of who lives there."""
    profile = folder / ".ipython" / "profile_default"
    (profile / "startup").mkdir(parents=True)
    changed = "import pandas; pandas.set_option('display.precision', 1); pandas = len = None\n"
    (profile / "startup" / "00-mine.py").write_text(changed)
    (folder / "pythonstartup.py").write_text(changed)
    (profile / "ipython_config.py").write_text(f"c.InteractiveShellApp.exec_lines = [{exec_line!r}]\n")
    (profile / "ipython_kernel_config.py").write_text("c.InlineBackend.figure_formats = {'png'}\n")
    (folder / ".jupyter").mkdir()
    for name in ("jupyter_config.py", "jupyter_server_config.py", "jupyter_nbclient_config.py", "voila.py"):
        (folder / ".jupyter" / name).write_text("raise SystemExit('a setting of the user')\n")
    kernel = folder / ".local" / "share" / "jupyter" / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps(KERNEL_OF_THEIRS))
    others = ("JUPYTER", "IPYTHON", "XDG")
    env = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return env | {"HOME": str(folder), "PYTHONSTARTUP": str(folder / "pythonstartup.py")}


@pytest.mark.fault("a user's files (modules of our names, .env, IPython's and Jupyter's settings)")
def test_what_lies_in_the_folder_and_at_home_changes_no_byte(undisturbed, tmp_path):
    """A notebook that papermill or nbval executes does follow the settings of the user who calls them."""
    env = at_home(tmp_path / "home", "1 / 0") | {"COSTCHECK_CACHE": str(tmp_path / "cache")}
    matplotlibrc = tmp_path / "home" / ".config" / "matplotlib" / "matplotlibrc"
    matplotlibrc.parent.mkdir(parents=True)
    matplotlibrc.write_text("font.size: 31\n")
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name}.py of the current folder')\n")
    for name in (".env", "setup.cfg", "pyvenv.cfg"):
        (tmp_path / name).write_text("COSTCHECK_CACHE=/nowhere\nHOME=/nowhere\n")
    (tmp_path / "matplotlibrc").write_text("font.size: 30\nsvg.hashsalt: other\nbackend: TkAgg\n")
    (tmp_path / "tmp").mkdir()
    before = written(tmp_path / "home" / ".ipython")
    done = subprocess.run(
        [COSTCHECK, *RUN, "--out", "out"],
        cwd=tmp_path,
        env=env | {"TMPDIR": str(tmp_path / "tmp")},
        capture_output=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"warning" not in done.stderr
    assert written(tmp_path / "out") == undisturbed
    assert written(tmp_path / "home" / ".ipython") == before
    assert not list((tmp_path / "tmp").iterdir())


@pytest.mark.fault("a user's files (modules of our names, .env, IPython's and Jupyter's settings)")
def test_a_module_of_the_commands_name_in_the_folder_is_what_python_m_takes_and_not_the_command(tmp_path):
    """Python looks in the current folder first for what -m names, unless it is told not to (-P)."""
    (tmp_path / "costcheck.py").write_text("print('the one of the folder')\n")
    for start, ours in (([COSTCHECK], True), (["-P", "-m", "costcheck"], True), (["-m", "costcheck"], False)):
        command = [sys.executable, *start] if start[0] != COSTCHECK else start
        done = subprocess.run([*command, "--help"], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("usage: costcheck") is ours


ODD = 'with  spaces, it\'s "quoted" $HOME %20#? 漢字\n'


@contextlib.contextmanager
def served(folder: Path, env: dict[str, str], *command: str | Path) -> Iterator[str]:
    """Start a server in a folder, give the address that it tells, and end it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    process = subprocess.Popen(
        [COSTCHECK, *command, "--no-browser", "--port", port],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    silent = threading.Timer(PATIENCE, process.kill)
    silent.start()
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\S+", line):
                yield found[0]
                break
        else:
            raise AssertionError("".join(said))
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=PATIENCE)[0]
        assert "Traceback" not in "".join(said) + rest
    finally:
        silent.cancel()
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.fault("app and lab in a folder with an odd name, in a home with settings")
def test_the_calculator_answers_in_an_odd_folder_and_follows_no_settings(tmp_path):
    (folder := tmp_path / ODD).mkdir()
    with served(folder, at_home(folder / "home", "import os; os._exit(3)"), "app") as address:
        page, _, token = address.partition("?token=")
        question = urllib.request.Request(f"{page}answer", b"{}", {"Authorization": f"token {token}"})
        with urllib.request.urlopen(question, timeout=PATIENCE) as answer:
            assert json.load(answer)["state"]["link"] == ""


@pytest.mark.fault("app and lab in a folder with an odd name, in a home with settings")
def test_the_lab_answers_in_an_odd_folder(tmp_path):
    (folder := tmp_path / ODD).mkdir()
    with served(folder, dict(os.environ), "lab", "note\" b'ooks 漢字") as address:
        page, _, token = address.partition("?token=")
        asked = page.replace("lab/tree/index.ipynb", "api/contents/index.ipynb?content=0")
        request = urllib.request.Request(asked, headers={"Authorization": f"token {token}"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            assert json.load(answer)["name"] == "index.ipynb"
    assert (folder / "note\" b'ooks 漢字" / "index.ipynb").is_file()


@pytest.fixture(scope="module")
def kept(undisturbed, tmp_path_factory):
    """A folder with a cache from which a run can read all: that of the undisturbed one."""
    return next(tmp_path_factory.getbasetemp().glob("undisturbed*"))


@pytest.mark.fault("umask 000 and 077")
@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_a_umask_changes_who_may_read_and_no_byte(mask, kept, undisturbed, tmp_path):
    before = os.umask(mask)
    try:
        done = run(kept, tmp_path / "out")
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr.decode()
    assert written(tmp_path / "out") == undisturbed
    for path in (tmp_path / "out").rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o777 if path.is_dir() else 0o666) & ~mask


NAMES = [
    pytest.param(b"latin\xe9\xff \x1b[31mred\x07", id="bytes that are not UTF-8, what a terminal obeys"),
    pytest.param("é".encode() * 127, id="254 bytes"),
    pytest.param(
        "[bold]{x}%s$(id)`id`\\ \u202eexe.\u2066fdp 漢字 'かな' \"x\"\n".encode(),
        id="what programs replace, marks that turn the order of letters, 漢字, quotes, a newline",
    ),
]


@pytest.mark.fault("file names of any kind")
@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_a_folder_will_do_for_every_command(name, kept, undisturbed, tmp_path):
    folder = tmp_path / os.fsdecode(name)
    folder.mkdir()
    out = folder / "out"
    done = run(kept, out)
    assert done.returncode == 0, done.stderr.decode()
    assert written(out) == undisturbed
    if len(name) > 250:
        return
    for command, made in (
        (["report", out, "--out", folder / "page.html"], "page.html"),
        (["compare", out, out, "--plot", folder / "compared.svg"], "compared.svg"),
        (["prices", "h100_usd", "--plot", folder / "h100.svg"], "h100.svg"),
        (["new", folder / "mine.yaml"], "mine.yaml"),
        (["check", folder / "mine.yaml"], "mine.yaml"),
    ):
        ended = subprocess.run(
            [sys.executable, "-m", "costcheck", *command], cwd=folder, capture_output=True, timeout=PATIENCE
        )
        assert (ended.returncode, b"Traceback" in ended.stderr) == (0, False), ended.stderr.decode()
        assert (folder / made).stat().st_size
        assert b"\x1b" not in ended.stderr
