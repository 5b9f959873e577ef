"""The same results, byte for byte, wherever and by whomever the program is started."""

import os
import subprocess
import sys
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
    "no docstrings or assertions": {"PYTHONOPTIMIZE": "2"},
    "warnings are errors, nothing is buffered": {"PYTHONWARNINGS": "error", "PYTHONUNBUFFERED": "1"},
}
NAMES = [
    pytest.param(b"latin\xe9\xff \x1b[31mred\x07", id="bytes that are not UTF-8, control characters"),
    pytest.param("é".encode() * 127, id="254 bytes"),
    pytest.param(
        "-rf [bold]{x}%s$(id)`id`\\ \u202eexe.\u2066fdp 漢字 'かな' \"x\"\n b%20c#d?e&".encode(),
        id="what shells and programs replace, marks that turn the order of letters, quotes, a newline",
    ),
]
SHADOWS = ("random", "yaml", "costcheck", "json", "signal", "pandas", "numpy", "matplotlib", "ipykernel")


def run(folder, out, **environment):
    env = {**os.environ, "COSTCHECK_CACHE": str(folder / "cache")} | environment
    return subprocess.run(
        [COSTCHECK, *RUN, "--out", str(out)],
        cwd=folder,
        env={name: value for name, value in env.items() if value is not None},
        capture_output=True,
        timeout=PATIENCE,
    )


def written(out):
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


@pytest.mark.fault("another time zone, locale, HOME, Python's own settings")
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


@pytest.mark.fault("a user's files (modules of our names, IPython's and Jupyter's settings)")
def test_what_lies_in_the_folder_and_at_home_changes_no_byte(undisturbed, tmp_path):
    """A notebook that papermill or nbval executes does follow the settings of the user who calls them."""
    home, changed = (
        tmp_path / "home",
        "import pandas; pandas.set_option('display.precision', 1); len = None\n",
    )
    files = {
        ".ipython/profile_default/startup/00-mine.py": changed,
        ".ipython/profile_default/ipython_config.py": "c.InteractiveShellApp.exec_lines = ['1 / 0']\n",
        ".ipython/profile_default/ipython_kernel_config.py": "c.InlineBackend.figure_formats = {'png'}\n",
        ".jupyter/jupyter_config.py": "raise SystemExit('a setting of the user')\n",
        ".jupyter/jupyter_nbclient_config.py": "raise SystemExit('a setting of the user')\n",
        ".local/share/jupyter/kernels/python3/kernel.json": '{"argv": ["/bin/false"], "language": "python"}',
        ".config/matplotlib/matplotlibrc": "font.size: 31\n",
    }
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name}.py of the current folder')\n")
    (tmp_path / "matplotlibrc").write_text("font.size: 30\nsvg.hashsalt: other\nbackend: TkAgg\n")
    (tmp_path / "tmp").mkdir()
    unset = dict.fromkeys(name for name in os.environ if name.startswith(("JUPYTER", "IPYTHON", "XDG")))
    done = run(tmp_path, tmp_path / "out", **unset, HOME=str(home), TMPDIR=str(tmp_path / "tmp"))
    assert done.returncode == 0, done.stderr.decode()
    assert b"warning" not in done.stderr
    assert written(tmp_path / "out") == undisturbed
    assert not list((tmp_path / "tmp").iterdir())


@pytest.mark.fault("file names of any kind")
@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_a_folder_will_do_for_every_command(name, undisturbed, tmp_path):
    folder = tmp_path / os.fsdecode(name)
    folder.mkdir()
    done = run(folder, folder / "out")
    assert done.returncode == 0, done.stderr.decode()
    assert written(folder / "out") == undisturbed
    if len(name) > 250:
        return
    for command, made in (
        (["report", folder / "out", "--out", folder / "page.html"], "page.html"),
        (["compare", folder / "out", folder / "out", "--plot", folder / "compared.svg"], "compared.svg"),
        (["prices", "h100_usd", "--plot", folder / "h100.svg"], "h100.svg"),
        (["new", folder / "mine.yaml"], "mine.yaml"),
        (["check", folder / "mine.yaml"], "mine.yaml"),
    ):
        ended = subprocess.run([COSTCHECK, *command], cwd=folder, capture_output=True, timeout=PATIENCE)
        assert (ended.returncode, b"Traceback" in ended.stderr) == (0, False), ended.stderr.decode()
        assert (folder / made).stat().st_size
        assert b"\x1b" not in ended.stderr
