"""Running notebooks: what is written, what survives a failure, and that ordinary tools work on them too."""

import csv
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from costcheck import cli
from costcheck.batch import runner
from costcheck.prices.book import PriceBook
from costcheck.results.executed import read

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def tool(*arguments, **options):
    """Run a program of the environment, its own stderr with it."""
    command = [str(arguments[0]), *map(str, arguments[1:])]
    environment = os.environ | {"PATH": f"{os.path.dirname(sys.executable)}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, **options)


def test_a_run_writes_notebooks_figures_and_results_the_same_bytes_each_time(files_of, tmp_path):
    out = tmp_path / "second run 漢字"
    templates = runner.templates(["07_timeline"])
    runner.run(templates, PriceBook.article(), out, also=["parquet", "xlsx"], fresh=True)
    made = files_of(out)
    assert set(made) == {
        *("prices.csv", "results.csv", "results.parquet", "results.xlsx"),
        *("figures/timeline.svg", "notebooks/07_timeline.ipynb"),
    }
    for name in ("figures/timeline.svg", "notebooks/07_timeline.ipynb"):
        assert made[name] == (ROOT / name).read_bytes()


def test_a_new_price_reaches_the_notebook_and_png_is_written_at_print_size(tmp_path):
    outcome = runner.run(
        runner.templates(["01_training_time"]),
        PriceBook.article().override({"days_in_month": 31}),
        tmp_path,
        also=["png"],
    )
    assert outcome.failed == []
    with (tmp_path / "results.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert rows["Z49"]["at_your_prices"].startswith("41451.6")
    assert rows["Z49"]["arithmetic"] == "holds"
    assert rows["Z49"]["scenario"] == "days_in_month=31"
    png = (tmp_path / "figures" / "gpus_against_deadline.png").read_bytes()
    assert int.from_bytes(png[16:20], "big") == round(6.8 * 300)  # pixels: inches wide times dots an inch
    assert png[37:41] == b"pHYs"
    assert int.from_bytes(png[41:45], "big") == 11_811  # dots a metre: 300 an inch of 25.4 mm


def test_a_failing_cell_is_named_its_notebook_is_kept_and_the_others_still_run(tmp_path, capsys):
    cells = [nbformat.v4.new_code_cell(code) for code in ("1 + 1", "{}['h100']")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "broken.ipynb")
    out = tmp_path / "out"
    assert cli.main(["run", str(tmp_path / "broken.ipynb"), "7", "--out", str(out)]) == cli.NOT_EXECUTED
    printed, err = capsys.readouterr()
    assert "broken, cell 2: KeyError: 'h100'" in err
    assert str(out / "notebooks" / "broken.ipynb") in err
    kept = nbformat.read(out / "notebooks" / "broken.ipynb", 4)
    assert kept.cells[-3].outputs[0].data["text/plain"] == "2"
    assert "Z01" in printed
    assert (out / "figures" / "timeline.svg").exists()


def test_plain_papermill_takes_a_price(tmp_path):
    notebook = ROOT / "notebooks" / "02_entry_ticket.ipynb"
    ended = tool("papermill", notebook, "out.ipynb", "-p", "h100_usd", "25000", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    executed = json.loads((tmp_path / "out.ipynb").read_text("utf-8"))
    assert "1,075,000,000" in json.dumps(executed) or "1.075 billion USD" in json.dumps(executed)
    rows = {row["id"]: row for row in read(executed).rows}
    assert rows["Z51"]["at_your_prices"] == "1075000000"
    assert rows["Z51"]["arithmetic"] == "holds"


def test_the_wheel_holds_data_and_notebooks_and_works_from_an_empty_directory(tmp_path):
    built = tool(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist", cwd=ROOT)
    assert built.returncode == 0, built.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    (tmp_path / "empty").mkdir()
    code = "import sys; from costcheck import cli; from costcheck.data import tables; "
    code += "print(tables.home('data')); sys.exit(cli.main())"
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "installed")}
    for arguments in (["check"], ["run", "7"], ["new", "mine.yaml"]):
        ended = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=tmp_path / "empty",
            env=environment,
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 0, ended.stderr
        assert str(tmp_path / "installed") in ended.stdout
    for name in ("results.csv", "report.html"):
        assert (tmp_path / "empty" / "out" / name).exists()
    assert (tmp_path / "installed" / "costcheck" / "shipped" / "scenarios" / "by_year.csv").exists()
