"""The Python API's documentation, made from the docstrings."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from costcheck import formulas

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.slow
def test_make_docs_documents_every_formula_and_loads_nothing_from_elsewhere(tmp_path):
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

    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 50
    for path in pages:
        text = path.read_text("utf-8")
        assert not re.search(r"""<(?:script|img|link|iframe)[^>]*(?:src|href)=["'](?:https?:)?//""", text)
        assert not re.search(r"""(?:url\(|@import )["']?(?:https?:)?//""", text), path
