"""The shape of the source: which way imports run, and how long modules are."""

import subprocess
import sys
from pathlib import Path

SRC = Path(__file__).parent.parent / "src"
MODULES = {str(path.relative_to(SRC)): path.read_text("utf-8") for path in sorted(SRC.rglob("*.py"))}
LONGEST = 500


def test_imports_run_one_way_and_in_no_circle():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=SRC.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_module_is_longer_than_500_lines():
    assert [name for name, text in MODULES.items() if len(text.splitlines()) > LONGEST] == []


def test_every_module_is_in_the_package_of_its_subject():
    names = {path.name for path in (SRC / "costcheck").glob("*.py")}
    assert names == {"__init__.py", "__main__.py", "errors.py"}
