"""Files: whole or not at all, and what a killed process left is swept."""

import errno
import os
import subprocess
import sys
import time

import pytest

from costcheck.data import files


def test_a_file_that_has_this_content_already_is_left_alone(tmp_path):
    path = tmp_path / "file"
    files.write(path, b"same")
    os.utime(path, (1, 1))
    files.write(path, b"same")
    assert path.stat().st_mtime == 1
    files.write(path, b"other")
    assert path.read_bytes() == b"other"
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_halfway_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def interrupted():
        with files.replacing(path) as file:
            file.write(b"half of the new")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"old"
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

folder, new = Path(sys.argv[1]), sys.argv[2] == "new"
path, old, found = folder / "file", [] if new else [b"old"], []
for at in itertools.count(1):
    path.unlink(missing_ok=True)
    for content in old:
        path.write_bytes(content)
    sys._getframe().f_trace_opcodes = True  # or else Python 3.12 tells of none
    sys.settrace(stopping(at))
    try:
        with files.replacing(path, new=new) as file:
            file.write(b"new")
    except KeyboardInterrupt:
        found.append([each.read_bytes() for each in folder.iterdir()])
        assert found[-1] in (old, [b"new"]), found[-1]
    else:
        break
assert found[0] == old
assert found[-1] == [b"new"]
"""


@pytest.mark.parametrize("kind", ["new", "replaced"])
def test_stopped_at_any_instruction_a_file_is_the_old_or_the_new_one_and_nothing_else_is_left(kind, tmp_path):
    """A signal may come between any two: just as the temporary file is there, or has its name."""
    # in a process of its own, which ends with what it was stopped in the middle of
    subprocess.run([sys.executable, "-W", "ignore", "-c", STOPPED, str(tmp_path), kind], check=True)


def test_a_file_is_readable_as_the_umask_says(tmp_path):
    files.write(tmp_path / "file", b"")
    (tmp_path / "plain").write_bytes(b"")
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("fault", ["no folder", "a folder in its place", "a full disk", "no descriptor left"])
def test_an_error_names_the_file_and_not_its_temporary_one(fault, tmp_path, monkeypatch):
    path = tmp_path / "file"
    if fault == "no folder":
        path = tmp_path / "missing" / "file"
    elif fault == "a folder in its place":
        path.mkdir()
    elif fault == "no descriptor left":
        monkeypatch.setattr(os, "dup", lambda _: (_ for _ in ()).throw(OSError(errno.EMFILE, "too many")))

    def writing():
        with files.replacing(path) as file:
            if fault == "a full disk":
                raise OSError(errno.ENOSPC, "full")
            file.write(b"new")

    with pytest.raises(OSError) as raised:  # noqa: PT011  # of any kind
        writing()
    assert raised.value.filename == str(path)
    assert not list(tmp_path.glob(".*"))


def test_what_cannot_be_computed_again_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    done, fsync, replace = [], os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda descriptor: done.append("on the disk") or fsync(descriptor))
    monkeypatch.setattr(os, "replace", lambda *names: done.append("named") or replace(*names))
    files.write(tmp_path / "book.csv", b"mine", lasting=True)
    assert done == ["on the disk", "named"]
    files.write(tmp_path / "results.csv", b"computed")
    assert done == ["on the disk", "named", "named"]


def test_a_file_is_written_where_files_have_no_modes(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "chmod", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOTSUP, "no modes")))
    files.write(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"


LEAVE = """
import os, sys
from pathlib import Path
from costcheck.data import files
with files.replacing(Path(sys.argv[1])) as file:
    file.write(b"half")
    print("half", flush=True)
    sys.stdin.read()
"""


def test_only_the_temporary_files_of_dead_processes_are_swept(tmp_path):
    (tmp_path / "mine.tmp").write_bytes(b"of somebody else")
    started = subprocess.Popen(
        [sys.executable, "-c", LEAVE, str(tmp_path / "file")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with started:
        started.stdout.readline()
        files.sweep(tmp_path)
        (left,) = tmp_path.glob(".costcheck-*")
        started.kill()
        started.wait()
        files.sweep(tmp_path)
    assert not left.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["mine.tmp"]


def test_what_another_machine_left_a_day_ago_is_swept(tmp_path):
    for name in ("today", "yesterday"):
        (tmp_path / f".costcheck-elsewhere~{os.getpid()}~{name}.tmp").write_bytes(b"")
    before = time.time() - files.ABANDONED_SECONDS - 60
    os.utime(tmp_path / f".costcheck-elsewhere~{os.getpid()}~yesterday.tmp", (before, before))
    files.sweep(tmp_path)
    assert [path.name.split("~")[-1] for path in tmp_path.iterdir()] == ["today.tmp"]
