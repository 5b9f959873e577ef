"""The shape of the source: which way imports run, names and lengths of modules, who opens files."""

import ast
import collections
import subprocess
import sys
from pathlib import Path

import pytest

SRC = Path(__file__).parent.parent / "src"
MODULES = {str(path.relative_to(SRC)): path for path in sorted(SRC.rglob("*.py"))}
LONGEST = 500
TOO_LONG = {"results/report/page.py"}

# A command and what it runs, a chart and what it draws.
MIRRORED = {
    "cache", "comparison", "lab", "language", "money", "prices", "printed", "scores", "sensitivity",
    "serving", "training",
}  # fmt: skip
FUNCTIONS_TO_RENAME = {"progress", "run"}
# What a notebook calls, one module a function.
CALLED_IN_NOTEBOOKS = {"chapter", "parameters", "ranges", "scoreboard", "show", "timeline"}

# Who opens files. Those of a reader come in by `tables.file_bytes` and `files.read`; the others read what the
# package wrote or holds itself, or what the system says.
DOORS = {"costcheck/data/files.py", "costcheck/data/tables.py"}
READ_OUR_OWN = {
    "costcheck/apps/calculator/web.py",  # the page
    "costcheck/batch/cache.py",
    "costcheck/batch/local.py",  # the cores that a control group allows
    "costcheck/batch/runner.py",
    "costcheck/claims/checks.py",  # notebooks of the package
    "costcheck/claims/loading.py",  # hashes of the package's articles
    "costcheck/cli/new.py",
    "costcheck/cli/process.py",  # /dev/null
    "costcheck/cli/run.py",
    "costcheck/data/locks.py",  # who has a lock
    "costcheck/data/source.py",
    "costcheck/formulas/signatures.py",
    "costcheck/results/export.py",
    "costcheck/results/report/page.py",
    "costcheck/results/report/words.py",
}
OPENING = {"open", "fdopen", "read_bytes", "read_text"}


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def test_imports_run_one_way_and_in_no_circle():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=SRC.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("module", MODULES)
def test_no_module_is_longer_than_500_lines(module):
    lines = len(MODULES[module].read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST or module.removeprefix("costcheck/") in TOO_LONG


def test_every_module_is_in_the_package_of_its_subject():
    assert {path.name for path in (SRC / "costcheck").glob("*.py")} == {
        "__init__.py",
        "__main__.py",
        "errors.py",
    }


def test_two_modules_share_a_name_only_where_one_mirrors_the_other():
    stems = collections.Counter(path.stem for path in MODULES.values() if not path.stem.startswith("_"))
    assert {stem for stem, count in stems.items() if count > 1} <= MIRRORED


@pytest.mark.parametrize("module", MODULES)
def test_no_function_bears_the_name_of_a_module_beside_it(module):
    path = MODULES[module]
    beside = {other.stem for other in path.parent.glob("*.py")} | {path.parent.name}
    defined = {node.name for node in parsed(path).body if isinstance(node, ast.FunctionDef)}
    assert defined & beside <= CALLED_IN_NOTEBOOKS | FUNCTIONS_TO_RENAME


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith("costcheck/")])
def test_files_of_a_reader_are_opened_at_the_doors_alone(module):
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(parsed(MODULES[module]))
        if isinstance(node, ast.Call) and not _opens_no_file(node.func)
    }
    assert not called & OPENING or module in DOORS | READ_OUR_OWN


def _opens_no_file(function):
    """A web browser, a socket or a calculator is opened by a method of the same name."""
    of = getattr(function, "value", None)
    return isinstance(of, ast.Call) or getattr(of, "id", "") in {"webbrowser", "calculator"}
