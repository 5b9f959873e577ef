"""The same results, byte for byte, wherever and by whomever the program is started."""

import os

import pytest

pytestmark = pytest.mark.slow
RUN = ("run", "2", "--png", "--xlsx", "--parquet", "--set", "h100_usd=25000")
SURROUNDINGS = {
    "another time zone, a Turkish locale, other random hashes, no HOME, warnings are errors": {
        "HOME": None,
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "tr_TR.UTF-8",
        "PYTHONHASHSEED": "4711",
        "PYTHONWARNINGS": "error",
        "PYTHONUNBUFFERED": "1",
    },
    "no such time zone, a Chinese locale that is not UTF-8, other settings of matplotlib, HOME is a file": {
        "HOME": "/etc/hostname",
        "TZ": "No/Where",
        "LC_ALL": "zh_CN.GB18030",
        "MPLCONFIGDIR": "{folder}",
    },
    "a locale without letters beyond ASCII, a HOME where nothing can be written": {
        "LC_ALL": "POSIX",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "HOME": "/proc/1/nowhere",
    },
}
NASTY = b"latin\xe9\xff \x1b[31mred\x07" + (
    "-rf [bold]{x}%s$(id)`id`\\ \u202eexe.\u2066fdp 漢字 'かな' \"x\"\n b%20c#d?e&".encode()
)
SETTINGS = {
    ".ipython/profile_default/startup/00-mine.py": "import numpy; numpy.set_printoptions(1); len = None\n",
    ".ipython/profile_default/ipython_config.py": "c.InteractiveShellApp.exec_lines = ['1 / 0']\n",
    ".ipython/profile_default/ipython_kernel_config.py": "c.InlineBackend.figure_formats = {'png'}\n",
    ".jupyter/jupyter_config.py": "raise SystemExit('a setting of the user')\n",
    ".jupyter/jupyter_nbclient_config.py": "raise SystemExit('a setting of the user')\n",
    ".local/share/jupyter/kernels/python3/kernel.json": '{"argv": ["/bin/false"], "language": "python"}',
    ".config/matplotlib/matplotlibrc": "font.size: 31\n",
}
SHADOWS = ("random", "yaml", "costcheck", "json", "signal", "pandas", "numpy", "matplotlib", "ipykernel")


@pytest.fixture
def gives_the_same(place, ran, files_of):
    """Run notebook 2 in a place with other variables; ``None`` takes one away."""

    def run(**changes):
        changed = place.environment | changes
        env = {name: value for name, value in changed.items() if value is not None}
        done = place.run(*RUN, "--out", place.out, env=env)
        assert done.returncode == 0, done.stderr
        assert "Traceback" not in done.stderr
        return files_of(place.out) == files_of(ran)

    return run


@pytest.mark.fault("another time zone, locale, HOME, Python's own settings")
@pytest.mark.parametrize("where", SURROUNDINGS)
def test_surroundings_change_no_byte(where, gives_the_same, place):
    (place.folder / "matplotlibrc").write_text("font.size: 30\nsvg.hashsalt: other\n")
    changes = {
        name: value and value.format(folder=place.folder) for name, value in SURROUNDINGS[where].items()
    }
    assert gives_the_same(**changes)


@pytest.mark.fault("a user's files (modules of our names, IPython's and Jupyter's settings)")
def test_what_lies_in_the_folder_and_at_home_changes_no_byte(gives_the_same, place):
    """A notebook that papermill or nbval executes does follow the settings of the user who calls them."""
    home = place.folder / "home"
    for name, text in SETTINGS.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    for name in SHADOWS:
        (place.folder / f"{name}.py").write_text(f"raise SystemExit('{name}.py of the current folder')\n")
    (place.folder / "matplotlibrc").write_text("font.size: 30\nbackend: TkAgg\n")
    unset = dict.fromkeys(name for name in os.environ if name.startswith(("JUPYTER", "IPYTHON", "XDG")))
    assert gives_the_same(**unset, HOME=str(home))
    assert place.leaves_nothing()


@pytest.mark.fault("file names of any kind")
def test_any_name_of_a_folder_will_do_for_every_command(reused, ran, files_of):
    folder = reused.folder / os.fsdecode(NASTY.ljust(254, b"x"))
    folder.mkdir()
    for made, *command in (
        ("out", *RUN, "--fresh", "--out"),
        ("page.html", "report", folder / "out", "--out"),
        ("compared.svg", "compare", folder / "out", folder / "out/results.csv", "--plot"),
        ("mine.yaml", "new"),
        ("mine.yaml", "check"),
    ):
        done = reused.run(*command, folder / made, cwd=folder)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
        assert "\x1b" not in done.stderr
        assert (folder / made).exists()
    assert files_of(folder / "out") == files_of(ran)
