"""The report on the command line: of a run, and made again."""

import webbrowser

import pytest

from costcheck import cli


def test_a_report_goes_into_the_folder_of_the_run_or_where_it_is_told_to(
    run, tmp_path, printed, refused, monkeypatch
):
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    assert printed("report", run) == f"{run / 'report.html'}\n"
    assert printed("report", run, "--quiet") == ""
    at = f"Open in a browser: {(run / 'report.html').as_uri()}\n"
    assert printed("report", run, "--open").endswith(at)
    other = tmp_path / "mine.html"
    printed("report", run, "--lang", "zh", "--out", other)
    assert '<html lang="zh">' in other.read_text("utf-8")
    assert '<html lang="en">' in (run / "report.html").read_text("utf-8")
    message = refused("report", run, "--out", tmp_path / "no" / "r.html", status=cli.NOT_EXECUTED)
    assert "r.html: cannot be written (" in message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.html", "run"]


def test_a_damaged_notebook_leaves_the_last_good_report(run, printed, refused):
    printed("report", run)
    good = (run / "report.html").read_bytes()
    path = run / "notebooks" / "01_training_time.ipynb"
    path.write_bytes(path.read_bytes()[:5000])
    assert "01_training_time.ipynb: damaged" in refused("report", run)
    assert (run / "report.html").read_bytes() == good


@pytest.mark.slow
def test_a_run_of_scenarios_writes_the_one_report_that_costcheck_report_makes_from_its_notebooks(
    tmp_path, printed
):
    scenarios, out = tmp_path / "s.yaml", tmp_path / "out"
    scenarios.write_text("grid:\n  h100_usd: [25000, 50000]\n", "utf-8")
    printed("run", "2", "--scenarios", scenarios, "--lang", "ja", "--out", out)
    made = (out / "report.html").read_bytes()
    assert "1.075 billion USD" in made.decode()
    assert [path.parent for path in out.rglob("report.html")] == [out]
    for name in ("report.html", "results.csv"):
        (out / name).unlink()
    printed("report", out, "--lang", "ja", "--out", tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == made
    printed("report", out / "h100_usd=25000")
