"""The cache: what is kept comes back whole, or not at all."""

import os
import stat
import time

import pytest

from costcheck import cli
from costcheck.batch import cache, runner
from costcheck.batch.scenarios import Scenario
from costcheck.prices.book import PriceBook
from costcheck.results.executed import Found

KEY, OTHER = "1" * 64, "2" * 64
ENVIRONMENT = "e" * 64
KEPT = cache.Kept(
    b'{"cells": []}\n',
    Found({"figure": "<svg>17億</svg>", "second": "<svg/>"}, [{"id": "Z51", "note": "漢"}]),
)


@pytest.fixture
def warned():
    return []


@pytest.fixture
def kept(cache_folder, warned):
    made = cache.Cache(cache_folder, ENVIRONMENT, warned.append)
    made.put("b", KEY, KEPT)
    return made


def entry(folder):
    (found,) = cache.entries(folder)
    return found.path


def test_what_was_kept_comes_back(kept, cache_folder, warned):
    assert kept.get("b", KEY) == KEPT
    assert cache.Cache(cache_folder, ENVIRONMENT, warned.append).get("b", KEY) == KEPT
    assert warned == []


def test_another_key_notebook_or_environment_has_nothing(kept, cache_folder, warned):
    assert kept.get("b", OTHER) is None
    assert kept.get("a", KEY) is None
    assert cache.Cache(cache_folder, "f" * 64, warned.append).get("b", KEY) is None


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: content[:-1], id="truncated"),
        pytest.param(lambda content: content[:70], id="cut in its head"),
        pytest.param(lambda content: b"", id="empty"),
        pytest.param(lambda content: content + b" ", id="longer"),
        pytest.param(lambda content: content.replace(b"Z51", b"Z52"), id="changed"),
        pytest.param(lambda content: b"\0" * len(content), id="zeros"),
    ],
)
def test_an_entry_that_is_not_whole_is_dropped(damage, kept, cache_folder):
    path = entry(cache_folder)
    path.write_bytes(damage(path.read_bytes()))
    assert kept.get("b", KEY) is None
    assert not path.exists()


def test_an_entry_under_another_key_than_its_own_is_dropped(kept, cache_folder):
    path = entry(cache_folder)
    path.rename(path.with_name(OTHER))
    assert kept.get("b", OTHER) is None


def test_a_cache_that_cannot_be_written_to_warns_once_and_goes_on(tmp_path, warned):
    (tmp_path / "file").write_text("")
    made = cache.Cache(tmp_path / "file", ENVIRONMENT, warned.append)
    made.put("b", KEY, KEPT)
    made.put("b", OTHER, KEPT)
    made.put_seconds({"b": 1.0})
    assert made.get("b", KEY) is None
    assert made.seconds() == {}
    assert len(warned) == 1
    assert "COSTCHECK_CACHE" in warned[0]


def test_times_are_remembered_by_notebook_and_a_damaged_file_of_them_is_as_good_as_none(kept, cache_folder):
    kept.put_seconds({"a": 1.0, "b": 2.0})
    kept.put_seconds({"b": 3.0})
    assert kept.seconds() == {"a": 1.0, "b": 3.0}
    for damaged in ("", "[1]", '{"a": "x"}', "{"):
        (cache_folder / cache.SECONDS).write_text(damaged)
        assert kept.seconds() == {}


def test_what_a_killed_process_left_is_swept_by_the_next_cache(kept, cache_folder, warned):
    left = cache_folder / f".costcheck-{cache.files._host()}~{os.getpid()}~x.tmp"
    left.write_bytes(b"half")
    cache.Cache(cache_folder, ENVIRONMENT, warned.append)
    assert not left.exists()


def test_pruning_removes_what_was_long_unused_or_made_by_other_versions(kept, cache_folder, warned):
    cache.Cache(cache_folder, "f" * 64, warned.append).put("b", KEY, KEPT)
    kept.put("b", OTHER, KEPT)
    long_ago = time.time() - 31 * cache.SECONDS_A_DAY
    os.utime(cache_folder / ENVIRONMENT[:16] / "b" / KEY, (long_ago, long_ago))
    count, size = cache.prune(cache_folder, ENVIRONMENT, cache.UNUSED_DAYS)
    assert count == 2
    assert size > 0
    assert entry(cache_folder).name == OTHER
    assert not (cache_folder / ("f" * 16)).exists()


def test_pruning_while_a_run_goes_on_changes_nothing_of_its_results(
    templates, fake, cache_folder, tmp_path, warned
):
    several = [
        Scenario(f"s{price}", PriceBook.article().override({"h100_usd": price}).named(f"s{price}"))
        for price in (2e4, 3e4, 4e4)
    ]

    def results(name, tell):
        runner.run(templates, several, tmp_path / name, executor=fake(hold=2), tell=tell, warn=warned.append)
        return {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }

    pruned = []
    disturbed = results("disturbed", lambda event: pruned.append(cache.prune(cache_folder, None, -1)[0]))
    assert sum(pruned) >= 3
    assert disturbed == results("undisturbed", lambda event: None)
    assert warned == []


def test_using_an_entry_makes_it_recent(kept, cache_folder):
    os.utime(entry(cache_folder), (1, 1))
    kept.get("b", KEY)
    assert cache.prune(cache_folder, ENVIRONMENT, 1.0) == (0, 0)


def test_an_entry_is_readable_like_any_other_file(kept, cache_folder):
    assert stat.S_IMODE(entry(cache_folder).stat().st_mode) & stat.S_IRUSR


def test_the_command_shows_what_is_kept_and_prunes_it(kept, cache_folder, capsys):
    assert cli.main(["cache"]) == cli.DONE
    shown = capsys.readouterr().out
    assert f"{cache_folder}: 1 notebooks, 0.0 MB" in shown
    assert "of other versions: 1;" in shown
    assert cli.main(["cache", "prune", "--all"]) == cli.DONE
    assert "1 notebooks removed" in capsys.readouterr().out
    assert cli.main(["cache"]) == cli.DONE
    assert ": 0 notebooks" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--all"], "--all goes with cache prune"),
        (["prune", "--older-than", "-1"], "'-1' is not a number of days"),
        (["prune", "--older-than", "soon"], "'soon' is not a number of days"),
        (["prune", "--older-than", "3", "--all"], "do not go together"),
        (["prnue"], "'prnue'"),
        (["prune", "--older-tahn", "3"], "did you mean '--older-than'?"),
    ],
)
def test_a_wrong_command_removes_nothing(arguments, said, kept, cache_folder, capsys):
    assert cli.main(["cache", *arguments]) == cli.WRONG_INPUT
    assert said in capsys.readouterr().err
    assert entry(cache_folder).exists()
