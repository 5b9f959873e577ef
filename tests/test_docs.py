"""The documentation: what its pages tell a reader to type works, and the API's is made from docstrings."""

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from costcheck import formulas

ROOT = Path(__file__).resolve().parents[1]
PAGES = {path.name: path.read_text("utf-8") for path in [ROOT / "README.md", *ROOT.glob("docs/*.md")]}
SHELL, SESSION, PYTHON = "sh", "console", "python"


def blocks(page, *kinds):
    """The code of some kinds on a page, and files by their names; a plain block waits for somebody."""
    found = re.findall(r"^```(\w*)(?: (\S+))?\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    return [(name or kind, text) for kind, name, text in found if name or kind in kinds]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in PAGES if blocks(PAGES[name], SHELL, SESSION)])
def test_each_command_of_a_page_works_in_the_order_given_and_prints_what_the_page_says(name, tmp_path):
    env = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    for kind, text in blocks(PAGES[name], SHELL, SESSION):
        if kind not in (SHELL, SESSION):
            (tmp_path / kind).write_text(text, "utf-8")
            continue
        prompts = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:] if kind == SESSION else text.splitlines()
        for prompt in prompts:
            command, _, expected = prompt.partition("\n")
            done = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=tmp_path, env=env)
            assert done.returncode == 0, f"{command}\n{done.stderr}"
            flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
            if kind == SESSION:
                assert doctest.OutputChecker().check_output(expected, done.stdout, flags), done.stdout


@pytest.mark.parametrize("name", [name for name in PAGES if blocks(PAGES[name], PYTHON)])
def test_each_session_of_python_gives_what_the_page_says(name):
    for text in (text for kind, text in blocks(PAGES[name], PYTHON) if kind == PYTHON):
        test = doctest.DocTestParser().get_doctest(text, {}, name, name, 0)
        assert test.examples
        assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.slow
def test_make_docs_documents_every_formula(tmp_path):
    makefile = (ROOT / "Makefile").read_text("utf-8")
    command = shlex.split(re.search(r"^docs:.*\n(?:\t@.*\n)*\t\S+/python (.*)$", makefile, re.MULTILINE)[1])
    command[command.index("--output-directory") + 1] = str(tmp_path)
    made = subprocess.run([sys.executable, *command], capture_output=True, text=True, cwd=ROOT)
    assert (made.returncode, made.stderr) == (0, "")
    page = (tmp_path / "costcheck" / "formulas.html").read_text("utf-8")
    for name in formulas.__all__:
        assert f'id="{name}"' in page, name
    assert "amortised_usd_per_gpu_hour" in formulas.__all__
    text = re.sub(r"<[^>]+>", "", page)
    assert "GPUs that must run side by side" in text
    assert "round(gpus_for_deadline(30.84e6, days=30))" in text
