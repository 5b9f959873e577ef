"""The same results, byte for byte, wherever and by whomever the program is started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.fault("another surrounding")]
CLOCK = """
import os, time
real, back = time.time, float(os.environ["SECONDS_BACK"])
time.time = lambda: real() - back
"""
SURROUNDINGS = {
    "another time zone": {"TZ": "Pacific/Kiritimati"},
    "a time zone that does not exist": {"TZ": "No/Where"},
    "a Turkish locale": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    "a Chinese locale that is not UTF-8": {"LC_ALL": "zh_CN.GB18030", "LANG": "zh_CN.GB18030"},
    "a locale without letters beyond ASCII": {
        "LC_ALL": "POSIX",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    },
    "no HOME": {"HOME": None},
    "a HOME where nothing can be written": {"HOME": "/proc/1/nowhere"},
    "a HOME that is a file": {"HOME": "/etc/hostname"},
    "other random hashes": {"PYTHONHASHSEED": "4711"},
    "another user's settings of matplotlib": {"MPLCONFIGDIR": "{elsewhere}"},
}


def run(folder: Path, out: Path, **environment: str | None) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "COSTCHECK_CACHE": str(folder / "cache")}
    for name, value in environment.items():
        env.pop(name, None)
        if value is not None:
            env[name] = value
    command = [sys.executable, "-m", "costcheck", "run", "2", "5", "--png", "--set", "h100_usd=25000"]
    return subprocess.run(
        [*command, "--out", str(out)], cwd=folder, env=env, capture_output=True, timeout=300
    )


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


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("with some  spaces ", id="spaces"),
        pytest.param('it\'s "quoted" `here` $HOME', id="quotes"),
        pytest.param("two\nlines", id="a newline"),
        pytest.param("漢字とかな", id="漢字"),
        pytest.param("a%20b#c?d&e", id="what addresses escape"),
        pytest.param("-rf", id="what looks like an option"),
        pytest.param("x" * 200, id="200 characters"),
    ],
)
def test_a_folders_name_changes_no_byte(name, undisturbed, tmp_path):
    folder = tmp_path / name
    folder.mkdir()
    done = run(folder, folder / "out")
    assert done.returncode == 0, done.stderr.decode()
    assert written(folder / "out") == undisturbed


@pytest.mark.parametrize("years", [-30, 40], ids=["in the past", "in the future"])
def test_a_wrong_clock_changes_no_byte(years, undisturbed, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(CLOCK)
    done = run(
        tmp_path,
        tmp_path / "out",
        PYTHONPATH=str(tmp_path / "site"),
        SECONDS_BACK=str(-years * 365.25 * 86_400),
    )
    assert done.returncode == 0, done.stderr.decode()
    assert written(tmp_path / "out") == undisturbed
