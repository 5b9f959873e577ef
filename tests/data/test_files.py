"""Files: whole or not at all; leftovers of killed processes are swept; one process at a time in a folder."""

import contextlib
import errno
import os
import subprocess
import sys
import time

import pytest

from costcheck.data import files, locks
from costcheck.errors import RunError


def test_a_file_that_has_this_content_already_is_left_alone(tmp_path):
    path = tmp_path / "file"
    files.write(path, b"same")
    os.utime(path, (1, 1))
    files.write(path, b"same")
    assert path.stat().st_mtime == 1
    files.write(path, b"other")
    assert path.read_bytes() == b"other"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_is_interrupted_leaves_the_old_file_and_no_other(tmp_path):
    (path := tmp_path / "file").write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt), files.replacing(path) as file:  # noqa: PT012
        file.write(b"new")
        raise KeyboardInterrupt
    assert [entry.read_bytes() for entry in tmp_path.iterdir()] == [b"old"]


@pytest.mark.parametrize("fault", ["no folder", "a folder in its place", "a full disk"])
def test_an_error_names_the_file_and_leaves_the_old_one_and_no_other(fault, tmp_path):
    path = tmp_path / ("missing/file" if fault == "no folder" else "file")
    if fault == "a folder in its place":
        path.mkdir()
    with pytest.raises(OSError) as raised, files.replacing(path) as file:  # noqa: PT011, PT012  # of any kind
        file.write(b"new")
        if fault == "a full disk":
            raise OSError(errno.ENOSPC, "full")
    assert raised.value.filename == str(path)
    assert not list(tmp_path.glob(".*"))
    assert not path.is_file()


def test_a_new_file_never_replaces_another(tmp_path):
    def make(content):
        with files.replacing(tmp_path / "mine.yaml", new=True) as file:
            file.write(content)

    make(b"first")
    with pytest.raises(FileExistsError) as raised:
        make(b"second")
    assert raised.value.filename == str(tmp_path / "mine.yaml")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"first"]


def test_what_cannot_be_computed_again_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    done, fsync, replace = [], os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: done.append("on the disk") or fsync(descriptor))
    monkeypatch.setattr(os, "replace", lambda *names: done.append("named") or replace(*names))
    files.write(tmp_path / "book.csv", b"mine", lasting=True)
    files.write(tmp_path / "results.csv", b"computed")
    assert done == ["on the disk", "named", "named"]


WAIT = """
import sys
from pathlib import Path
from costcheck.data import files, locks
path = Path(sys.argv[1])
with files.replacing(path / "file") if sys.argv[2] == "writing" else locks.alone(path) as file:
    print("there", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path):
    """Another process that is writing a file in the folder, or alone in it, until it is killed."""
    with contextlib.ExitStack() as started:

        def start(what, path=tmp_path):
            words = [sys.executable, "-c", WAIT, str(path), what]
            process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            started.enter_context(process)
            started.callback(process.kill)
            assert process.stdout.readline() == b"there\n"
            return process

        yield start


def test_only_the_temporary_files_of_dead_processes_and_of_yesterday_are_swept(other, tmp_path):
    mine, today, yesterday = (
        tmp_path / name.replace("~", f".costcheck-elsewhere~{os.getpid()}~")
        for name in ("mine.tmp", "~today.tmp", "~yesterday.tmp")
    )
    for path in (mine, today, yesterday):
        path.write_bytes(b"")
    before = time.time() - files.ABANDONED_SECONDS - 60
    os.utime(yesterday, (before, before))
    writer = other("writing")
    files.sweep(tmp_path)
    (here,) = {*tmp_path.iterdir()} - {mine, today}
    assert here != yesterday
    writer.kill()
    writer.wait()
    with locks.alone(tmp_path):  # who is alone sweeps
        assert not here.exists()
    assert {*tmp_path.iterdir()} == {mine, today}


def test_who_comes_second_is_refused_with_the_first_ones_number_until_that_is_killed(other, tmp_path):
    first = other("alone")
    with pytest.raises(RunError) as raised, locks.alone(tmp_path):
        pass
    assert str(raised.value) == (
        f"{tmp_path}: process {first.pid} is writing there; wait until it has ended, or write elsewhere"
    )
    (tmp_path / locks.LOCK).write_text("\x1b[31m 1 2\n")
    with pytest.raises(RunError, match=": another process is writing there"), locks.alone(tmp_path):
        pass
    first.kill()
    first.wait()
    with locks.alone(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_file_has_a_lock_of_its_own_beside_it_and_where_there_can_be_none_there_is_none(tmp_path):
    with locks.alone(tmp_path / "book.csv"), locks.alone(tmp_path / "other.csv"), locks.alone(tmp_path):
        assert len(list(tmp_path.iterdir())) == 3
    assert list(tmp_path.iterdir()) == []
    (tmp_path / locks.LOCK).mkdir()
    with locks.alone(tmp_path):
        pass


def test_a_folder_that_was_made_anew_meanwhile_stays_its_new_holders(other, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    with locks.alone(out):
        (out / locks.LOCK).unlink()
        other("alone", out)
    with pytest.raises(RunError, match="is writing there"), locks.alone(out):
        pass
