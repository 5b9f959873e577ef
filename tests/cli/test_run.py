"""What ``costcheck run`` reports where notebooks fail: each by name, and nothing of what there is none of."""

from pathlib import Path

import pytest

from costcheck import cli
from costcheck.batch import local
from costcheck.batch.events import Failure
from costcheck.batch.execution import Executed

ENDED = "time limit: not done within 1 s (--time-limit)"


@pytest.fixture
def failing(monkeypatch, tmp_path):
    """Have notebooks at some prices of an H100 end at the time limit before they have computed anything."""
    (tmp_path / "two.csv").write_text("name,h100_usd\nok,30001\nbad,30002\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COSTCHECK_CACHE", str(tmp_path / "cache"))
    execute = local.execute

    def at(*prices):
        def ended(job, time_limit, engine):
            if dict(job.parameters).get("h100_usd", 40_000) in prices:
                return Executed(job.source, Failure(job.name, "3", ENDED), 1.0)
            return execute(job, time_limit, engine)

        monkeypatch.setattr(local, "execute", ended)

    return at


@pytest.mark.slow
@pytest.mark.parametrize("prices", [(30_001, 30_002), (30_002,)], ids=["all", "all but one"])
def test_scenarios_of_which_fewer_than_two_have_a_result_are_reported_as_others_are(prices, failing, capsys):
    failing(*prices)
    assert cli.main(["run", "2", "--scenarios", "two.csv", "--out", "out"]) == cli.NOT_EXECUTED
    out, err = capsys.readouterr()
    assert f"2 notebooks executed, {len(prices)} failed, 0 reused" in out
    for name in ("ok", "bad")[-len(prices) :]:
        assert f"{name}: 02_entry_ticket, cell 3: {ENDED}" in err
    if len(prices) == 1:
        assert "missing below: bad (02_entry_ticket)" in Path("out/report.html").read_text("utf-8")
    assert not any(part in err for part in ("no rows", "holds one scenario"))


def test_of_a_run_without_a_result_no_claims_are_counted(failing, capsys):
    failing(40_000)
    assert cli.main(["run", "2", "--out", "out"]) == cli.NOT_EXECUTED
    out, err = capsys.readouterr()
    assert "1 notebook executed, 1 failed, 0 reused" in out
    assert "0 claims:" not in out
    assert ENDED in err
