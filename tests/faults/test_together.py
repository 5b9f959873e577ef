"""Several processes that write to the same place at once: all right, or the later one says so and stops."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from costcheck import cli
from costcheck.data import locks
from costcheck.prices import own_file

pytestmark = pytest.mark.slow
OUT = pytest.mark.fault("two runs into the same OUT at once")


@pytest.fixture
def command(place):
    return ["run", "1", "7", "--scenarios", place.grid(4), "--log-json"]


@OUT
def test_a_second_command_in_the_same_folder_stops_and_the_first_ends_undisturbed(
    command, place, files_of, until
):
    first = place.start(*command, "--out", "out", "--jobs", "1")
    until(first, "started")
    first.send_signal(signal.SIGSTOP)
    before = {path: path.stat().st_mtime_ns for path in place.out.rglob("*")}
    try:
        for second in ([*command, "--out", "out"], ["run", "2", "--out", "out"], ["report", "out"]):
            done = place.run(*second)
            assert done.returncode == 1, done.stderr
            assert done.stderr.count("\n") == 1
            assert f"out: process {first.pid} is writing there; wait until it has ended" in done.stderr
        assert {path: path.stat().st_mtime_ns for path in place.out.rglob("*")} == before
    finally:
        first.send_signal(signal.SIGCONT)
    with first:
        _, said = first.communicate()
    assert first.returncode == 0, said
    assert not (place.out / locks.LOCK).exists()
    done = place.run(*command, "--out", "other")
    assert json.loads(done.stderr.splitlines()[-1])["executed"] == 0
    assert files_of(place.out) == files_of(place.folder / "other")


@OUT
def test_a_folder_removed_for_a_second_run_ends_as_that_run_leaves_it(command, place, files_of, until):
    """As where ``make figures``, which begins by removing its folder, is given twice."""
    first = place.start(*command, "--out", "out", "--jobs", "1")
    until(first, "started")
    first.send_signal(signal.SIGSTOP)
    try:
        shutil.rmtree(place.out)
        assert place.run(*command, "--out", "out").returncode == 0
        after = files_of(place.out)
    finally:
        first.send_signal(signal.SIGCONT)
    with first:
        _, said = first.communicate()
    assert first.returncode in (0, 1)
    assert "Traceback" not in said
    assert files_of(place.out) == after


@pytest.mark.fault("two runs with the same cache at once")
def test_two_runs_with_the_same_cache_both_end_right(command, place, files_of):
    both = [place.start(*command, "--out", name) for name in ("first", "second")]
    for process in both:
        with process:
            _, said = process.communicate()
        assert process.returncode == 0, said
        assert "warning" not in said
    place.environment["COSTCHECK_CACHE"] = str(place.folder / "another")
    assert place.run(*command, "--out", "alone").returncode == 0
    alone = files_of(place.folder / "alone")
    assert files_of(place.folder / "first") == files_of(place.folder / "second") == alone
    assert place.leaves_nothing()


@pytest.mark.fault("two commands that write the same file at once")
def test_of_two_imports_into_one_book_the_later_says_so_and_no_quote_is_lost(tmp_path, monkeypatch):
    path, write, second = tmp_path / "book.csv", own_file.write, []
    for nth, day in enumerate(("2024-07-22", "2024-07-23")):
        (tmp_path / f"feed{nth}.csv").write_text(f"Date,USD,CNY,JPY,\n{day},1.0886,7.9{nth},171.{nth},\n")
    command = ["prices", "import", "ecb", str(tmp_path / "feed1.csv"), "--book", str(path), "--yes"]

    def interrupted(*given):
        second.append(
            subprocess.run([sys.executable, "-m", "costcheck", *command], capture_output=True, text=True)
        )
        write(*given)

    monkeypatch.setattr(own_file, "write", interrupted)
    assert cli.main([*command[:3], str(tmp_path / "feed0.csv"), *command[4:]]) == cli.DONE
    (later,) = second
    assert later.returncode == 1, later.stderr
    assert f"{path}: process {os.getpid()} is writing there" in later.stderr
    monkeypatch.setattr(own_file, "write", write)
    assert cli.main(command) == cli.DONE
    assert {quote.as_of for quote in own_file.read(path)} == {"2024-07-22", "2024-07-23"}
    assert {file.name for file in tmp_path.iterdir()} == {"book.csv", "feed0.csv", "feed1.csv"}
