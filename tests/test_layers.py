"""The shape of the source: which way imports run, names and lengths of modules, who opens files."""

import ast
import subprocess
import sys
from pathlib import Path

SRC = Path(__file__).parent.parent / "src"
MODULES = {str(path.relative_to(SRC)): path.read_text("utf-8") for path in sorted(SRC.rglob("*.py"))}
TREES = {name: ast.parse(text) for name, text in MODULES.items()}
LONGEST = 500

# Who opens files. Those of a reader come in by `tables.file_bytes` and `files.read`; the others read what the
# package wrote or holds itself, or what the system says.
DOORS = {"costcheck/data/files.py", "costcheck/data/tables.py"}
READ_OUR_OWN = {
    "costcheck/apps/calculator/web.py",  # the page
    "costcheck/apps/site/folder.py",
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
    "costcheck/results/report/article_page.py",
    "costcheck/results/report/page.py",
    "costcheck/results/report/words.py",
}
OPENING = {"open", "fdopen", "read_bytes", "read_text"}


def test_imports_run_one_way_and_in_no_circle():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=SRC.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_module_is_longer_than_500_lines():
    assert [name for name, text in MODULES.items() if len(text.splitlines()) > LONGEST] == []


def test_every_module_is_in_the_package_of_its_subject():
    names = {path.name for path in (SRC / "costcheck").glob("*.py")}
    assert names == {"__init__.py", "__main__.py", "errors.py"}


def test_files_of_a_reader_are_opened_at_the_doors_alone():
    opening = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if name.startswith("costcheck/") and isinstance(node, ast.Call) and _opens_a_file(node.func)
    }
    assert opening <= DOORS | READ_OUR_OWN


def _opens_a_file(function):
    of = getattr(function, "value", None)
    # a web browser, a socket or a calculator is opened by a method of the same name
    if isinstance(of, ast.Call) or getattr(of, "id", "") in {"webbrowser", "calculator"}:
        return False
    return getattr(function, "attr", getattr(function, "id", "")) in OPENING
