"""Files: whole or not at all; leftovers of killed processes are swept; one process at a time in a folder."""

import errno
import os
import subprocess
import sys
import threading
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


STOPPED = """
import itertools, sys
from pathlib import Path
from costcheck.data import files

def stopping(at):
    count = 0
    def trace(frame, event, _):
        nonlocal count
        if frame.f_code.co_filename != files.__file__:
            return None
        frame.f_trace_opcodes = True
        count += event == "opcode"
        if count == at:
            sys.settrace(None)
            raise KeyboardInterrupt
        return trace
    return trace

folder, contents = Path(sys.argv[1]), []
for at in itertools.count(1):
    (folder / "file").write_bytes(b"old")
    sys._getframe().f_trace_opcodes = True  # or else Python 3.12 tells of none
    sys.settrace(stopping(at))
    try:
        with files.replacing(folder / "file") as file:
            file.write(b"new")
    except KeyboardInterrupt:
        contents.append([path.read_bytes() for path in folder.iterdir()])
        assert contents[-1] in ([b"old"], [b"new"]), contents[-1]
    else:
        break
assert contents[0] == [b"old"]
assert contents[-1] == [b"new"]
"""


def test_stopped_at_any_instruction_a_file_is_the_old_or_the_new_one_and_nothing_else_is_left(tmp_path):
    # in a process of its own, which ends with what it was stopped in the middle of
    subprocess.run([sys.executable, "-W", "ignore", "-c", STOPPED, str(tmp_path)], check=True)


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
    assert done == ["on the disk", "named"]
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
    started = []

    def start(what, path=tmp_path):
        process = subprocess.Popen(
            [sys.executable, "-c", WAIT, str(path), what], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        started.append(process)
        assert process.stdout.readline() == b"there\n"
        return process

    yield start
    for process in started:
        with process:
            process.kill()


def test_only_the_temporary_files_of_dead_processes_and_of_yesterday_are_swept(other, tmp_path):
    (tmp_path / "mine.tmp").write_bytes(b"of somebody else")
    for name in ("today", "yesterday"):
        (tmp_path / f".costcheck-elsewhere~{os.getpid()}~{name}.tmp").write_bytes(b"")
    before = time.time() - files.ABANDONED_SECONDS - 60
    os.utime(tmp_path / f".costcheck-elsewhere~{os.getpid()}~yesterday.tmp", (before, before))
    writer = other("writing")
    files.sweep(tmp_path)
    here, elsewhere, mine = sorted(
        tmp_path.iterdir(), key=lambda path: (path.name[0] != ".", "today" in path.name)
    )
    assert elsewhere.name.endswith("~today.tmp")
    writer.kill()
    writer.wait()
    with locks.alone(tmp_path):  # who is alone sweeps
        assert not here.exists()
    assert set(tmp_path.iterdir()) == {elsewhere, mine}


# --------------------------------------------------------------------------------------------- locks
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


def test_a_thread_may_ask_again_for_what_it_has_and_another_thread_may_not(tmp_path):
    refused = []

    def ask():
        try:
            with locks.alone(tmp_path):
                pass
        except RunError as error:
            refused.append(str(error))

    (tmp_path / "link").symlink_to(tmp_path)
    with locks.alone(tmp_path), locks.alone(tmp_path / "link"):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
    ask()
    assert len(refused) == 1
    assert f"process {os.getpid()}" in refused[0]


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
