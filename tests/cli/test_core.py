"""What the package without extras can do: in a Python that has its dependencies and nothing else."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def costcheck(tmp_path):
    """Run the command in a Python with PyYAML and no other package, and return how it ended."""
    (site := tmp_path / "site").mkdir()
    packages = Path(yaml.__file__).parents[1]
    for path in (packages / "yaml", packages / "_yaml", *packages.glob("costcheck-*")):
        (site / path.name).symlink_to(path)
    places = [str(site), str(ROOT / "src")]
    code = f"import sys; sys.path += {places}; from costcheck.cli import main; sys.exit(main())"
    command = [sys.executable, "-I", "-S", "-c", code]  # -S: without site-packages
    env = {"COSTCHECK_CACHE": str(tmp_path / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    return lambda *arguments: subprocess.run(
        [*command, *arguments], capture_output=True, text=True, cwd=tmp_path, env=env
    )


@pytest.mark.parametrize(
    "command",
    [
        ["check"],
        ["prices"],
        ["new", "mine.yaml"],
        ["read", str(ROOT / "tests/reading/texts/03_herd_budget.html"), "--out", "mine.html"],
        ["formulas", "purchase"],
        ["compare", str(ROOT / "figures/results.csv"), "same.csv"],
    ],
    ids=lambda command: " ".join(Path(word).name for word in command),
)
def test_a_command_of_the_core_needs_no_extra(command, costcheck, tmp_path):
    shutil.copy(ROOT / "figures/results.csv", tmp_path / "same.csv")
    ended = costcheck(*command)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (["run"], "notebooks"),
        (["prices", "h100_usd", "--plot"], "notebooks"),
        (["lab"], "lab"),
        (["sensitivity", "Z51"], "sensitivity"),
        (["prices", "import", "ecb", "https://example.org/rates.zip", "--yes"], "feeds"),
        (["run", "--scenarios", "some.xlsx"], "export"),
        (["run", "--dask", "tcp://127.0.0.1:8786"], "dask"),
    ],
)
def test_a_command_that_lacks_its_extra_says_what_installs_it(command, extra, costcheck, tmp_path):
    (tmp_path / "some.xlsx").touch()
    ended = costcheck(*command)
    assert not (tmp_path / "notebooks").exists()
    assert ended.returncode == 2
    assert ended.stderr == f"costcheck: this needs more packages: pip install 'costcheck[{extra}]'\n"
