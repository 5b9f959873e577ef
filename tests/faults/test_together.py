"""Several processes that write to the same place at once: all right, or the later one says so and stops."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from costcheck import cli
from costcheck.batch import cache
from costcheck.claims import article
from costcheck.data import files
from costcheck.errors import RunError
from costcheck.prices import own_file
from costcheck.results.executed import Found

pytestmark = pytest.mark.slow
OUT = pytest.mark.fault("two runs into the same OUT at once")
CACHE = pytest.mark.fault("two runs with the same cache at once")
FILE = pytest.mark.fault("two commands that write the same file at once")
PATIENCE = 300
LOCK = files.LOCK
ARTICLE = Path(__file__).with_name("quick.yaml").read_text("utf-8")
HOLD = """
import sys
from pathlib import Path
from costcheck.data import files
with files.alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def held(path, script=HOLD):
    """Have another process hold a folder or a file."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.stdin.close()


def is_free(path):
    with files.alone(path):
        return True


# ------------------------------------------------------------------------------------------ the lock
@OUT
def test_who_comes_second_hears_who_is_there_and_comes_in_once_that_has_ended(tmp_path):
    with held(tmp_path) as process:
        with pytest.raises(RunError) as raised:
            is_free(tmp_path)
        assert str(raised.value) == (
            f"{tmp_path}: process {process.pid} is writing there; wait until it has ended, or write elsewhere"
        )
    assert is_free(tmp_path)
    assert list(tmp_path.iterdir()) == []


@OUT
def test_a_lock_dies_with_its_process_and_what_is_left_of_it_is_taken_over(tmp_path):
    with held(tmp_path) as process:
        process.kill()
        process.wait()
        assert (tmp_path / LOCK).exists()
        assert is_free(tmp_path)
    assert list(tmp_path.iterdir()) == []


CONTEND = """
import os, sys
from pathlib import Path
from costcheck.data import files
from costcheck.errors import RunError
folder, inside, refused = Path(sys.argv[1]), Path(sys.argv[1]) / "inside", 0
sys.stdin.read()
for _ in range(2000):
    try:
        with files.alone(folder):
            os.close(os.open(inside, os.O_CREAT | os.O_EXCL))  # fails where somebody is there
            os.unlink(inside)
    except RunError:
        refused += 1
print(refused)
"""


@OUT
def test_of_many_that_come_and_go_no_two_are_ever_there_at_once(tmp_path):
    several = [
        subprocess.Popen(
            [sys.executable, "-c", CONTEND, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]
    for process in several:
        process.stdin.close()
    for process in several:
        with process:
            process.stdout.read()
    assert [process.returncode for process in several] == [0] * 4
    assert list(tmp_path.iterdir()) == []


FORK = """
import os, subprocess, sys, time
from pathlib import Path
from costcheck.data import files
with files.alone(Path(sys.argv[1])):
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], close_fds=False)
    print("held", flush=True)
    sys.stdin.read()
"""


@OUT
def test_what_a_holder_has_started_holds_nothing_once_it_is_dead(tmp_path, marked, monkeypatch):
    for name, value in marked.environment.items():
        monkeypatch.setenv(name, value)
    with held(tmp_path, FORK) as process:
        process.kill()
        process.wait()
        assert is_free(tmp_path)
        assert len(marked.processes()) == 1


@OUT
@pytest.mark.parametrize("left", ["", "1\n", "x" * 10_000, "\x1b[31m 1 2\n", "99999999999 host\n"])
def test_a_locks_content_is_nothing_that_anybody_obeys(left, tmp_path):
    with held(tmp_path):
        (tmp_path / LOCK).write_text(left)
        with pytest.raises(RunError, match=": another process is writing there") as raised:
            is_free(tmp_path)
        assert str(raised.value).isprintable()


@OUT
def test_a_thread_may_ask_again_for_what_it_holds_and_another_thread_may_not(tmp_path):
    said = []

    def other():
        try:
            is_free(tmp_path)
        except RunError as error:
            said.append(str(error))

    (tmp_path / "link").symlink_to(tmp_path)
    with files.alone(tmp_path), files.alone(tmp_path / "link"):
        assert (tmp_path / LOCK).exists()
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(said) == 1
    assert f"process {os.getpid()}" in said[0]
    assert not (tmp_path / LOCK).exists()


@OUT
def test_a_folder_that_was_made_anew_meanwhile_is_its_new_holders(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    with files.alone(out):
        shutil.rmtree(out)
        out.mkdir()
        holder = held(out)
        holder.__enter__()
    assert (out / LOCK).exists()
    with pytest.raises(RunError, match="is writing there"):
        is_free(out)
    holder.__exit__(None, None, None)


@OUT
@pytest.mark.parametrize("what", ["a folder", "a pipe", "a link to nowhere", "nothing that can be made"])
def test_where_there_can_be_no_lock_there_is_none(what, tmp_path, monkeypatch):
    lock = tmp_path / LOCK
    if what == "a folder":
        lock.mkdir()
    elif what == "a pipe":
        os.mkfifo(lock)
    elif what == "a link to nowhere":
        lock.symlink_to(tmp_path / "nowhere")
    else:
        monkeypatch.setattr(files.os, "open", lambda *_: (_ for _ in ()).throw(PermissionError(1, "no")))
    assert is_free(tmp_path)


# -------------------------------------------------------------------------------------- real commands
class Runs:
    """Runs of the real command."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment | {"COSTCHECK_CACHE": str(folder / "cache")}
        (folder / "quick.yaml").write_text(ARTICLE)
        with (folder / "scenarios.csv").open("w", newline="") as file:
            csv.writer(file).writerows([("name", "h100_usd"), *((f"s{n}", 20_000 + n) for n in range(4))])
        self.command = ["run", "--article", "quick.yaml", "--scenarios", "scenarios.csv", "--log-json"]

    def start(self, *arguments):
        return subprocess.Popen(
            [sys.executable, "-m", "costcheck", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, *arguments):
        process = self.start(*arguments)
        _, said = process.communicate(timeout=PATIENCE)
        return process.returncode, said


@pytest.fixture
def runs(tmp_path, marked):
    return Runs(tmp_path, marked.environment)


def written(out):
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def until(process, event):
    """Read what a run says up to an event."""
    for line in process.stderr:
        if f'"event": "{event}"' in line:
            return
    raise AssertionError(f"it ended before {event}")


@OUT
def test_a_second_run_into_the_same_folder_stops_and_the_first_ends_undisturbed(runs, tmp_path):
    first = runs.start(*runs.command, "--out", "out", "--jobs", "1")
    until(first, "started")
    first.send_signal(signal.SIGSTOP)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    try:
        for command in ([*runs.command, "--out", "out"], ["run", "2", "--out", "out"], ["report", "out"]):
            status, said = runs.finish(*command)
            assert status == 1, said
            assert "Traceback" not in said
            assert said.count("\n") == 1
            assert f"out: process {first.pid} is writing there; wait until it has ended" in said
        assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")} == before
    finally:
        first.send_signal(signal.SIGCONT)
    _, said = first.communicate(timeout=PATIENCE)
    assert first.returncode == 0, said
    status, said = runs.finish(*runs.command, "--out", "other")
    assert status == 0, said
    assert json.loads(said.splitlines()[-1])["executed"] == 0
    assert written(tmp_path / "out") == written(tmp_path / "other")
    assert not (tmp_path / "out" / LOCK).exists()


@CACHE
def test_two_runs_with_the_same_cache_both_end_right(runs, tmp_path):
    both = [runs.start(*runs.command, "--out", name) for name in ("first", "second")]
    for process in both:
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
        assert "warning" not in said
    runs.environment["COSTCHECK_CACHE"] = str(tmp_path / "another")
    assert runs.finish(*runs.command, "--out", "alone")[0] == 0
    alone = written(tmp_path / "alone")
    assert written(tmp_path / "first") == alone
    assert written(tmp_path / "second") == alone
    assert not list((tmp_path / "cache").glob(".*"))


@OUT
def test_a_folder_removed_for_a_second_run_ends_as_that_run_leaves_it(runs, tmp_path):
    """As where ``make figures``, which begins by removing its folder, is given twice."""
    first = runs.start(*runs.command, "--out", "out", "--jobs", "1")
    until(first, "started")
    first.send_signal(signal.SIGSTOP)
    try:
        shutil.rmtree(tmp_path / "out")
        status, said = runs.finish(*runs.command, "--out", "out")
        assert status == 0, said
        after = written(tmp_path / "out")
    finally:
        first.send_signal(signal.SIGCONT)
    _, said = first.communicate(timeout=PATIENCE)
    assert first.returncode in (0, 1)
    assert "Traceback" not in said
    assert written(tmp_path / "out") == after


CHURN = """
import random, sys
from pathlib import Path
from costcheck.batch import cache
from costcheck.results.executed import Found
folder, seed, does = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
rng, warned = random.Random(seed), []
keys = [character * 64 for character in "0123"]
def kept(key):
    return cache.Kept(key.encode() * 2000, Found({"x": key}, []))
made = cache.Cache(folder, "e" * 64, warned.append)
served = 0
for _ in range(int(sys.argv[4])):
    key = rng.choice(keys)
    if does == "prune":
        cache.prune(folder, None, 0)
        list(cache.entries(folder))
        cache.Cache(folder, "e" * 64, warned.append)
    elif rng.random() < 0.5:
        made.put("b", key, kept(key))
        made.put_seconds({key: rng.random()})
    else:
        found = made.get("b", key)
        assert found in (None, kept(key)), "not what was put"
        made.seconds()
        served += found is not None
print(warned)
assert not warned
assert served or does == "prune"
"""


@CACHE
def test_a_cache_that_is_written_read_and_pruned_by_several_at_once_serves_what_was_put(tmp_path):
    folder = tmp_path / "cache"
    several = [
        subprocess.Popen(
            [sys.executable, "-c", CHURN, str(folder), str(seed), does, str(count)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for seed, (does, count) in enumerate(
            [("use", 1000), ("use", 1000), ("use", 1000), ("prune", 300), ("prune", 300)]
        )
    ]
    for process in several:
        said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
    assert not list(folder.glob(".*"))


@CACHE
def test_an_entrys_folder_that_others_take_away_and_make_again_is_no_reason_to_stop(tmp_path, monkeypatch):
    warned, kept = [], cache.Kept(b"notebook", Found({}, []))
    made = cache.Cache(tmp_path / "cache", "e" * 64, warned.append)
    made.put("b", "0" * 64, kept)
    folder, mkdir, is_dir, seen = tmp_path / "cache" / ("e" * 16) / "b", Path.mkdir, Path.is_dir, []

    def there(path, *given, **named):
        if path == folder and not seen:
            seen.append("there")
            raise FileExistsError(17, "File exists", str(path))
        mkdir(path, *given, **named)

    def gone(path):
        if path == folder and seen == ["there"]:
            seen.append("gone, and there again")
            return False
        return is_dir(path)

    monkeypatch.setattr(Path, "mkdir", there)
    monkeypatch.setattr(Path, "is_dir", gone)
    made.put("b", "1" * 64, kept)
    monkeypatch.undo()
    assert seen == ["there", "gone, and there again"]
    assert warned == []
    assert made.get("b", "1" * 64) == made.get("b", "0" * 64) == kept


# ------------------------------------------------------------------------------------------- one file
@FILE
def test_of_two_writers_one_wins_and_a_reader_sees_one_of_both_whole(tmp_path):
    path, contents = tmp_path / "file", [b"a" * 300_000, b"b" * 200_000]
    write = (
        "import sys; from pathlib import Path; from costcheck.data import files\n"
        "for _ in range(300): files.write(Path(sys.argv[1]), sys.argv[2].encode() * int(sys.argv[3]))"
    )
    path.write_bytes(contents[0])
    writers = [
        subprocess.Popen([sys.executable, "-c", write, str(path), letter, str(count)])
        for letter, count in (("a", 300_000), ("b", 200_000))
    ]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        seen.add(path.read_bytes())
        files.sweep(tmp_path)  # takes nothing from those that live
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen <= set(contents)
    assert list(tmp_path.iterdir()) == [path]


@FILE
def test_of_two_imports_into_one_book_the_later_says_so_and_no_quote_is_lost(tmp_path, monkeypatch, capsys):
    path, write, second = tmp_path / "book.csv", own_file.write, []
    header = "Date,USD,CNY,JPY,\n"
    for nth, day in enumerate(("2024-07-22", "2024-07-23")):
        (tmp_path / f"feed{nth}.csv").write_text(f"{header}{day},1.0886,7.9{nth},171.{nth},\n")
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


@FILE
@pytest.mark.parametrize("meanwhile", ["a file", "a link to nowhere"])
def test_new_overwrites_nothing_that_was_made_meanwhile(meanwhile, tmp_path, monkeypatch, capsys):
    path, schema_file = tmp_path / "mine.yaml", article.schema_file

    def slowly():
        path.write_text("mine") if meanwhile == "a file" else path.symlink_to("nowhere")
        return schema_file()

    monkeypatch.setattr(article, "schema_file", slowly)
    assert cli.main(["new", str(path)]) == cli.WRONG_INPUT
    assert "the file exists already" in capsys.readouterr().err
    assert path.is_symlink() or path.read_text() == "mine"
    assert [file.name for file in tmp_path.iterdir()] == ["mine.yaml"]


@FILE
def test_new_is_made_where_a_file_can_have_one_name_only(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(PermissionError(1, "no links")))
    assert cli.main(["new", str(tmp_path / "mine.yaml")]) == cli.DONE
    assert cli.main(["new", str(tmp_path / "mine.yaml")]) == cli.WRONG_INPUT
    assert [file.name for file in tmp_path.iterdir()] == ["mine.yaml"]


# -------------------------------------------------------------------------------------- temporary files
LEAVE = """
import os, sys
from pathlib import Path
from costcheck.data import files
with files.replacing(Path(sys.argv[1]) / "file") as file:
    file.write(b"half")
    file.flush()
    print("held", flush=True)
    sys.stdin.read()
"""


@FILE
def test_a_temporary_file_is_its_writers_as_long_as_that_lives_whatever_the_clock_says(tmp_path):
    with held(tmp_path, LEAVE) as process:
        (left,) = tmp_path.glob(".costcheck-*")
        os.utime(left, (1, 1))
        files.sweep(tmp_path)
        assert left.exists()
        process.kill()
        process.wait()
        # another process may have its number by now: this one has
        left = left.rename(left.with_name(left.name.replace(str(process.pid), str(os.getppid()))))
        files.sweep(tmp_path)
        assert not left.exists()


@FILE
@pytest.mark.parametrize("what", ["a folder", "a pipe", "a link"])
def test_what_only_looks_like_a_temporary_file_is_passed_by(what, tmp_path):
    path = tmp_path / f".costcheck-{files._host()}~1~x.tmp"
    if what == "a folder":
        path.mkdir()
    elif what == "a pipe":
        os.mkfifo(path)
    else:
        (tmp_path / "precious").write_text("precious")
        path.symlink_to("precious")
    since = time.monotonic()
    files.sweep(tmp_path)
    assert time.monotonic() - since < PATIENCE
    if what == "a link":
        assert Path(tmp_path / "precious").read_text() == "precious"


@FILE
def test_who_is_alone_sweeps_up_after_the_killed(tmp_path):
    left = tmp_path / f".costcheck-{files._host()}~1~x.tmp"
    left.write_bytes(b"half")
    assert is_free(tmp_path / "book.csv")
    assert not left.exists()
