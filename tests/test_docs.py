"""The Python API's documentation, made from the docstrings."""

import ast
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from costcheck import formulas

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(path for path in (ROOT / "src").rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT / "src").as_posix())
def test_every_module_has_a_docstring(path):
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """What make docs makes, with its own command."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    command = shlex.split(re.search(r"^docs:.*\n(?:\t@.*\n)*\t\S+/python (.*)$", makefile, re.MULTILINE)[1])
    folder = tmp_path_factory.mktemp("docs")
    command[command.index("--output-directory") + 1] = str(folder)
    made = subprocess.run([sys.executable, *command], capture_output=True, text=True, cwd=ROOT)
    assert (made.returncode, made.stderr) == (0, "")
    return folder


@pytest.mark.slow
def test_every_public_formula_stands_in_the_documentation_with_its_source(pages):
    page = (pages / "costcheck" / "formulas.html").read_text("utf-8")
    for name in formulas.__all__:
        assert f'id="{name}"' in page, name
    assert "amortised_usd_per_gpu_hour" in formulas.__all__
    text = re.sub(r"<[^>]+>", "", page)
    assert "GPUs that must run side by side" in text
    assert "round(gpus_for_deadline(30.84e6, days=30))" in text


@pytest.mark.slow
def test_the_pages_load_nothing_from_elsewhere(pages):
    made = list(pages.rglob("*.html"))
    assert len(made) > 50
    for path in made:
        text = path.read_text("utf-8")
        assert not re.search(r"""<(?:script|img|link|iframe)[^>]*(?:src|href)=["'](?:https?:)?//""", text), (
            path
        )
        assert not re.search(r"""(?:url\(|@import )["']?(?:https?:)?//""", text), path
