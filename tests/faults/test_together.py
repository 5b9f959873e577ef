"""Several processes that write to the same place at once: all right, or the later one says so and stops."""

import os

import pytest

from costcheck import cli
from costcheck.data import locks
from costcheck.prices import own_file

pytestmark = pytest.mark.slow
OUT = pytest.mark.fault("two runs into the same OUT at once")


@OUT
def test_a_second_command_in_the_same_folder_stops_and_the_first_ends_undisturbed(place, waiting):
    first = place.start("run", waiting.path, "--log-json", "--out", "out")
    waiting.kernel()
    before = {path: path.stat().st_mtime_ns for path in place.out.rglob("*")}
    for second in (["run", waiting.path, "--out", "out"], ["run", "2", "--out", "out"], ["report", "out"]):
        done = place.run(*second)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1, done.stderr
        assert f"out: process {first.pid} is writing there; wait until it has ended" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in place.out.rglob("*")} == before
    waiting.go_on()
    place.rest(first)
    assert first.returncode == 0
    assert not (place.out / locks.LOCK).exists()
    assert (place.out / "notebooks" / "waits.ipynb").exists()
    assert place.leaves_nothing()


@pytest.mark.fault("two runs with the same cache at once")
def test_two_runs_with_the_same_cache_both_end_right(place, files_of):
    command = place.scenarios(3)
    for process in [place.start(*command, "--out", name) for name in ("first", "second")]:
        assert not [event for event in place.rest(process) if event["event"] == "warning"]
        assert process.returncode == 0
    assert place.rest(place.start(*command, "--out", "third"))[-1]["executed"] == 0
    first, second, third = (files_of(place.folder / name) for name in ("first", "second", "third"))
    assert first == second == third
    assert place.leaves_nothing()


@pytest.mark.fault("two commands that write the same file at once")
def test_of_two_imports_into_one_book_the_later_says_so_and_no_quote_is_lost(place, monkeypatch):
    write, later = own_file.write, []
    for nth, day in enumerate(("2024-07-22", "2024-07-23")):
        (place.folder / f"feed{nth}.csv").write_text(f"Date,USD,CNY,JPY,\n{day},1.0886,7.9{nth},171.{nth},\n")
    monkeypatch.chdir(place.folder)
    command = ["prices", "import", "ecb", "feed1.csv", "--book", "book.csv", "--yes"]

    def interrupted(*given):
        later.append(place.run(*command))
        write(*given)

    monkeypatch.setattr(own_file, "write", interrupted)
    assert cli.main(["feed0.csv" if word == "feed1.csv" else word for word in command]) == cli.DONE
    assert later[0].returncode == 1
    assert f"book.csv: process {os.getpid()} is writing there" in later[0].stderr
    assert place.run(*command).returncode == 0
    assert {quote.as_of for quote in own_file.read(place.folder / "book.csv")} == {"2024-07-22", "2024-07-23"}
    assert place.leaves_nothing()
