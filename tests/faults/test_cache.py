"""Entries of the cache damaged in every way, and put there by others: found, executed again, never served."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck import cli
from costcheck.batch import cache, runner
from costcheck.batch.execution import Executed
from costcheck.batch.jobs import Template
from costcheck.errors import RunError
from costcheck.prices.book import PriceBook
from costcheck.results.executed import Found

DAMAGED = pytest.mark.fault("a cache entry truncated, bit-flipped or replaced by something else")
PLANTED = pytest.mark.fault("a cache entry put there by somebody else")
KEY, OTHER = "1" * 64, "2" * 64
ENVIRONMENT = "e" * 64
KEPT = cache.Kept(
    '{"cells": ["17亿"]}\n'.encode(),
    Found({"figure": "<svg>17億</svg>", "second": "<svg/>"}, [{"id": "Z51", "note": "漢"}]),
)
PACKED = cache._packed(KEY, KEPT)
NOBODY = 65534
SOON = 60
"""Nothing here takes that long, on however busy a machine, unless it waits for ever [second]."""


@pytest.fixture
def warned():
    return []


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def kept(folder, warned):
    made = cache.Cache(folder, ENVIRONMENT, warned.append)
    made.put("b", KEY, KEPT)
    return made


@pytest.fixture
def entry(kept, folder):
    (found,) = cache.entries(folder)
    return found.path


def in_time(do):
    """Do something that must not wait for ever, and return what it returned."""
    returned = []
    waiting = threading.Thread(target=lambda: returned.append(do()), daemon=True)
    waiting.start()
    waiting.join(SOON)
    assert returned, "it waits"
    return returned[0]


# ---------------------------------------------------------------------------------------------- damaged
@DAMAGED
@given(at=st.integers(0, len(PACKED) - 1))
@settings(deadline=None)
def test_an_entry_cut_at_any_place_is_not_served(at):
    with pytest.raises((ValueError, KeyError, TypeError)):
        cache._unpacked(KEY, PACKED[:at])


@DAMAGED
@given(bit=st.integers(0, 8 * len(PACKED) - 1))
@settings(deadline=None)
def test_an_entry_with_any_bit_flipped_is_not_served(bit):
    content = bytearray(PACKED)
    content[bit // 8] ^= 1 << bit % 8
    with pytest.raises((ValueError, KeyError, TypeError)):
        cache._unpacked(KEY, bytes(content))


@DAMAGED
@given(rest=st.binary(max_size=300))
@settings(deadline=None)
def test_an_entry_of_any_bytes_is_not_served(rest):
    with pytest.raises((ValueError, KeyError, TypeError)):
        cache._unpacked(KEY, rest)
    with pytest.raises((ValueError, KeyError, TypeError)):
        cache._unpacked(KEY, PACKED + rest + b"x")


def a_folder(path):
    path.unlink()
    (path / "inside").mkdir(parents=True)
    (path / "inside" / "file").write_bytes(PACKED)


def a_pipe(path):
    path.unlink()
    os.mkfifo(path)


def a_link_to(target):
    def replace(path):
        (path.parents[2] / "elsewhere").write_bytes(PACKED)
        path.unlink()
        path.symlink_to(target)

    return replace


def one_of_a_terabyte(path):
    os.truncate(path, 10**12)  # of holes: the disk has none of it


REPLACED = {
    "empty": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(b"\0" * len(PACKED)),
    "a folder": a_folder,
    "a pipe": a_pipe,
    "a link to itself": lambda path: a_link_to(path.name)(path),
    "a link to a pipe without end": a_link_to("/dev/zero"),
    "a link to a whole entry": a_link_to("../../../elsewhere"),
    "a terabyte": one_of_a_terabyte,
    "another key's": lambda path: path.write_bytes(cache._packed(OTHER, KEPT)),
}


@DAMAGED
@pytest.mark.parametrize("what", REPLACED)
def test_what_is_no_whole_entry_is_dropped_and_made_again(what, kept, entry, folder, warned):
    REPLACED[what](entry)
    assert in_time(lambda: [kept.get("b", KEY)]) == [None]
    assert not os.path.lexists(entry)
    kept.put("b", KEY, KEPT)
    assert kept.get("b", KEY) == KEPT
    assert warned == []


@DAMAGED
@pytest.mark.parametrize("what", REPLACED)
def test_what_is_no_whole_entry_is_replaced_by_a_fresh_run_which_reads_nothing(what, kept, entry, warned):
    REPLACED[what](entry)
    in_time(lambda: [kept.put("b", KEY, KEPT)])
    assert kept.get("b", KEY) == KEPT
    assert warned == []


@DAMAGED
@pytest.mark.parametrize("what", REPLACED)
def test_whatever_stands_in_an_entrys_place_can_be_shown_and_pruned(
    what, kept, entry, folder, capsys, monkeypatch
):
    monkeypatch.setenv(cache.LOCATION, str(folder))
    REPLACED[what](entry)
    assert in_time(lambda: cli.main(["cache"])) == cli.DONE
    assert "1 notebooks" in capsys.readouterr().out
    assert in_time(lambda: cli.main(["cache", "prune", "--all"])) == cli.DONE
    assert "1 notebooks removed" in capsys.readouterr().out
    assert not os.path.lexists(entry)


@DAMAGED
def test_an_entry_that_was_renamed_is_dropped(kept, entry):
    entry.rename(entry.with_name(OTHER))
    assert kept.get("b", OTHER) is None
    assert not entry.with_name(OTHER).exists()


@DAMAGED
def test_another_environments_folder_copied_over_ours_serves_nothing(kept, folder, warned):
    for name, environment in (("b", "f" * 64), ("a", ENVIRONMENT)):
        other = cache.Cache(folder, environment, warned.append)
        other.put(name, OTHER, KEPT)
    shutil.copytree(folder / ("f" * 16), folder / ENVIRONMENT[:16], dirs_exist_ok=True)
    # the same bytes under the same key are the same result: a key is made of the environment too
    assert kept.get("b", KEY) == KEPT
    assert kept.get("a", KEY) is None


@DAMAGED
@pytest.mark.parametrize("place", ["environment", "notebook"])
def test_a_file_in_a_folders_place_makes_way(place, kept, entry, folder, warned):
    blocked = entry.parent if place == "notebook" else entry.parent.parent
    shutil.rmtree(blocked)
    blocked.write_text("")
    assert kept.get("b", KEY) is None
    kept.put("b", KEY, KEPT)
    assert kept.get("b", KEY) == KEPT
    assert warned == []


@DAMAGED
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b'{"a": NaN, "b": -1, "c": Infinity, "d": 2.5}', id="no numbers of seconds"),
        pytest.param(b'{"a": 1' + b"0" * 400 + b', "d": 2.5}', id="a number beyond floats"),
        pytest.param(b'{"a": ' + b"[" * 100_000, id="nested"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", id="digits"),
        pytest.param(b"\xff\xfe\x00", id="bytes"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"a": [1]}', id="a list"),
        pytest.param(b" " * (cache.LARGEST_SECONDS + 1), id="blanks without end"),
        pytest.param(None, id="a pipe"),
        pytest.param(Path("/dev/zero"), id="a link to a pipe without end"),
    ],
)
def test_nonsense_for_seconds_is_as_good_as_none(content, kept, folder):
    path = folder / cache.SECONDS
    if content is None:
        os.mkfifo(path)
    elif isinstance(content, Path):
        path.symlink_to(content)
    else:
        path.write_bytes(content)
    known = in_time(lambda: [kept.seconds()])[0]
    assert known in ({}, {"d": 2.5})
    in_time(lambda: [kept.put_seconds({"x": 1.0})])
    assert kept.seconds() == known | {"x": 1.0}


@DAMAGED
def test_a_folder_in_the_place_of_seconds_is_no_reason_to_say_anything(kept, folder, warned):
    (folder / cache.SECONDS).mkdir()
    kept.put_seconds({"x": 1.0})
    assert kept.seconds() == {}
    assert warned == []


@DAMAGED
@pytest.mark.parametrize("seconds", [-(2**40), 2**40], ids=["long before people", "long after them"])
def test_an_entry_of_any_age_can_be_shown(seconds, kept, entry, folder, monkeypatch, capsys):
    monkeypatch.setenv(cache.LOCATION, str(folder))
    try:
        os.utime(entry, (seconds, seconds))
    except OverflowError:
        pytest.skip("this file system has no such dates")
    assert cli.main(["cache"]) == cli.DONE
    assert "1 notebooks" in capsys.readouterr().out


# ------------------------------------------------------------------------------------ by somebody else
def as_nobody(script, *arguments):
    """Run Python as a user without rights, and return what it printed."""
    if os.name != "posix" or os.geteuid():
        pytest.skip("only root can act as another user")

    def drop():
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)

    # what nobody may not read (this package) is imported before
    code = "import os, sys\nfrom costcheck.batch import cache\n"
    code += f"from costcheck.results.executed import Found\n{script}"
    process = os.fork()
    if not process:
        status = 1
        try:
            drop()
            exec(compile(code, "as nobody", "exec"), {"arguments": [str(each) for each in arguments]})
            status = 0
        except BaseException as error:
            print(repr(error), file=sys.__stderr__, flush=True)
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0


PLANT = """
folder, key = arguments
from pathlib import Path
kept = cache.Kept(b'{"cells": []}', Found({"../../../planted": "<svg/>"}, []))
made = cache.Cache(Path(folder), "e" * 64, lambda text: None)
made.put("b", key, kept)
assert made.get("b", key) == kept
"""


@pytest.fixture
def open_to_all(tmp_path):
    """A folder that every user can write to, and reach."""
    folder = tmp_path / "cache"
    folder.mkdir()
    folder.chmod(0o777)
    for above in folder.parents:
        if above != Path("/tmp") and above.is_relative_to("/tmp"):
            above.chmod(above.stat().st_mode | 0o711)
    return folder


@PLANTED
def test_an_entry_of_another_user_is_not_served_though_its_checksum_is_right(open_to_all, warned):
    as_nobody(PLANT, open_to_all, KEY)
    (planted,) = cache.entries(open_to_all)
    assert cache._unpacked(KEY, planted.path.read_bytes()).found.figures == {"../../../planted": "<svg/>"}
    made = cache.Cache(open_to_all, ENVIRONMENT, warned.append)
    assert made.get("b", KEY) is None
    assert made.get("b", KEY) is None
    (said,) = warned
    assert str(planted.path) in said
    assert "COSTCHECK_CACHE" in said
    made.put("b", KEY, KEPT)
    assert made.get("b", KEY) == KEPT


@PLANTED
@pytest.mark.parametrize("mode", [0o664, 0o646, 0o666])
def test_an_entry_that_others_may_write_to_is_not_served(mode, kept, entry, warned):
    entry.chmod(mode)
    assert kept.get("b", KEY) is None
    assert len(warned) == 1
    kept.put("b", KEY, KEPT)
    assert kept.get("b", KEY) == KEPT


@PLANTED
def test_no_entry_is_open_to_others_whatever_the_umask_is(folder):
    script = (
        "import os, sys; os.umask(0); from pathlib import Path; from costcheck.batch import cache;"
        "from costcheck.results.executed import Found;"
        "made = cache.Cache(Path(sys.argv[1]), 'e' * 64, print);"
        "made.put('b', '1' * 64, cache.Kept(b'{}', Found())); assert made.get('b', '1' * 64)"
    )
    subprocess.run([sys.executable, "-c", script, str(folder)], check=True, timeout=SOON)
    (entry,) = cache.entries(folder)
    assert entry.path.stat().st_mode & 0o022 == 0


UNREADABLE = """
from pathlib import Path
warned = []
made = cache.Cache(Path(arguments[0]), "e" * 64, warned.append)
kept = cache.Kept(b"{}", Found())
assert made.get("b", "1" * 64) is None
made.put("b", "1" * 64, kept)
assert made.get("b", "1" * 64) is None
made.put_seconds({"b": 1.0})
assert len(warned) == 1 and "Permission denied" in warned[0], warned
"""


@PLANTED
@pytest.mark.parametrize("mode", [0o000, 0o700])
@pytest.mark.parametrize("inside", [True, False], ids=["the folder", "the folder it lies in"])
def test_a_cache_that_cannot_be_entered_is_done_without(mode, inside, open_to_all):
    (open_to_all / "inner").mkdir()
    (open_to_all / "inner" if inside else open_to_all).chmod(mode)
    as_nobody(UNREADABLE, open_to_all / "inner")


@PLANTED
def test_a_cache_that_cannot_be_read_is_not_shown_as_empty(open_to_all):
    (open_to_all / "inner").mkdir(mode=0o700)
    as_nobody(
        "from costcheck import cli\n"
        "os.environ['COSTCHECK_CACHE'] = arguments[0]\n"
        "assert cli.main(['cache']) == 1\n"
        "assert cli.main(['cache', 'prune', '--all']) == 1",
        open_to_all / "inner",
    )


READ_ONLY = """
from pathlib import Path
warned = []
made = cache.Cache(Path(arguments[0]), "e" * 64, warned.append)
assert made.get("b", "1" * 64) is not None
made.put("b", "2" * 64, made.get("b", "1" * 64))
made.put_seconds({"b": 1.0})
assert len(warned) == 1 and "Permission denied" in warned[0], warned
"""


@PLANTED
def test_a_cache_that_root_filled_serves_others_and_keeps_nothing_of_theirs(open_to_all):
    if os.name != "posix" or os.geteuid():
        pytest.skip("only root can act as another user")
    open_to_all.chmod(0o755)
    cache.Cache(open_to_all, ENVIRONMENT, print).put("b", KEY, KEPT)
    as_nobody(READ_ONLY, open_to_all)


# --------------------------------------------------------------------------------------- out of OUT
@pytest.mark.fault("a notebook or a cache entry with a figure named ../../x")
@pytest.mark.parametrize(
    "name", ["../../x", "/proc/x", "..", "a/b", "a\\b", "con", "x\n", "", "x" * 300, "\u202ex", "C:x", ".x"]
)
@pytest.mark.parametrize("from_cache", [False, True], ids=["executed", "from the cache"])
def test_a_figure_is_written_into_its_folder_or_not_at_all(name, from_cache, tmp_path, monkeypatch):
    monkeypatch.setenv(cache.LOCATION, str(tmp_path / "cache"))
    template = Template("a", b"source", ())
    shown = {"data": {"image/svg+xml": "<svg/>"}, "metadata": {"costcheck": {"figure": name, "alt": ""}}}
    notebook = json.dumps({"cells": [{"outputs": [shown]}]}).encode()

    class Here:
        workers = 1

        def submit(self, job, began):
            from concurrent.futures import Future

            began()
            future = Future()
            future.set_result(Executed(notebook, None, 0.1))
            return future

        def lost(self):
            return None

        def __enter__(self):
            return self

        def __exit__(self, *raised):
            pass

    if from_cache:
        environment = runner.environment()
        job = template.job(PriceBook.article(), environment)
        planted = cache.Kept(notebook, Found({name: "<svg/>"}, []))
        cache.Cache(tmp_path / "cache", environment, print).put("a", job.key, planted)
    before = {path for path in tmp_path.rglob("*") if "cache" not in path.parts}
    with pytest.raises(RunError, match="shows a figure whose name no file can have"):
        runner.run([template], PriceBook.article(), tmp_path / "deep" / "out", executor=Here())
    new = {path for path in tmp_path.rglob("*") if path.is_file() and "cache" not in path.parts} - before
    assert new == set()
