"""The cache: what is kept comes back whole, or not at all."""

import os
import time

import pytest

from costcheck.batch import cache

KEY, OTHER = "1" * 64, "2" * 64
ENVIRONMENT = "e" * 64
KEPT = '{"cells": ["17亿"]}\n'.encode()


@pytest.fixture
def warned():
    return []


@pytest.fixture
def kept(cache_folder, warned):
    made = cache.Cache(cache_folder, ENVIRONMENT, warned.append)
    made.put("b", KEY, KEPT)
    return made


def entry(folder):
    (only,) = cache.entries(folder)
    return only.path


def test_what_was_kept_comes_back_and_for_another_key_notebook_or_environment_there_is_nothing(
    kept, cache_folder, warned
):
    assert kept.get("b", KEY) == KEPT
    assert cache.Cache(cache_folder, ENVIRONMENT, warned.append).get("b", KEY) == KEPT
    assert kept.get("b", OTHER) is None
    assert kept.get("a", KEY) is None
    assert cache.Cache(cache_folder, "f" * 64, warned.append).get("b", KEY) is None
    assert warned == []


def test_a_damaged_entry_counts_as_missing_and_is_replaced(kept, cache_folder):
    path = entry(cache_folder)
    content = path.read_bytes()
    kept.put("b", OTHER, KEPT)
    another = path.with_name(OTHER).read_bytes()
    for damaged in (content[:-1], content[:-3] + b"x" + content[-2:], content + b" ", another):
        path.write_bytes(damaged)
        assert kept.get("b", KEY) is None
    kept.put("b", KEY, KEPT)
    assert kept.get("b", KEY) == KEPT


def test_a_cache_that_cannot_be_written_to_warns_once_and_goes_on(tmp_path, warned):
    (tmp_path / "file").write_text("")
    made = cache.Cache(tmp_path / "file", ENVIRONMENT, warned.append)
    made.put("b", KEY, KEPT)
    made.put("b", OTHER, KEPT)
    assert made.get("b", KEY) is None
    assert len(warned) == 1
    assert "COSTCHECK_CACHE" in warned[0]


def test_pruning_removes_what_was_long_unused_or_made_by_other_versions(kept, cache_folder, warned):
    cache.Cache(cache_folder, "f" * 64, warned.append).put("b", KEY, KEPT)
    kept.put("b", OTHER, KEPT)
    kept.put("c", KEY, KEPT)
    long_ago = time.time() - 31 * cache.SECONDS_A_DAY
    for name in "bc":
        os.utime(cache_folder / ENVIRONMENT[:16] / name / KEY, (long_ago, long_ago))
    kept.get("c", KEY)  # which is to use it
    size = (cache_folder / ENVIRONMENT[:16] / "b" / OTHER).stat().st_size
    assert cache.prune(cache_folder, ENVIRONMENT, cache.UNUSED_DAYS) == (2, 2 * size)
    assert [each.path.name for each in cache.entries(cache_folder)] == [OTHER, KEY]
    assert not (cache_folder / ("f" * 16)).exists()


def test_the_command_shows_what_is_kept_and_prunes_it(kept, cache_folder, printed):
    shown = printed("cache")
    assert f"{cache_folder}: 1 notebooks, 0.0 MB" in shown
    assert "of other versions: 1" in shown
    assert "1 notebooks removed" in printed("cache", "prune", "--all")
    assert ": 0 notebooks" in printed("cache")
