"""The cache: what is kept comes back whole, or not at all."""

import os
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcheck import cli
from costcheck.batch import cache, runner
from costcheck.batch.scenarios import Scenario
from costcheck.prices.book import PriceBook
from costcheck.results.executed import Outputs

KEY, OTHER = "1" * 64, "2" * 64
ENVIRONMENT = "e" * 64
KEPT = cache.Kept(
    '{"cells": ["17亿"]}\n'.encode(),
    Outputs({"figure": "<svg>17億</svg>", "second": "<svg/>"}, [{"id": "Z51", "note": "漢"}]),
)
PACKED = cache._packed(KEY, KEPT)
UNREADABLE = (ValueError, KeyError, TypeError)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


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


def test_what_was_kept_comes_back_in_another_process_too(kept, cache_folder, warned):
    assert kept.get("b", KEY) == KEPT
    assert cache.Cache(cache_folder, ENVIRONMENT, warned.append).get("b", KEY) == KEPT
    assert warned == []


def test_another_key_notebook_or_environment_has_nothing(kept, cache_folder, warned):
    assert kept.get("b", OTHER) is None
    assert kept.get("a", KEY) is None
    assert cache.Cache(cache_folder, "f" * 64, warned.append).get("b", KEY) is None


@given(
    st.binary(max_size=50),
    st.dictionaries(TEXT, TEXT, max_size=2),
    st.lists(st.dictionaries(TEXT, TEXT, max_size=2), max_size=2),
)
def test_any_notebook_figures_and_rows_come_back(notebook, figures, rows):
    whole = cache.Kept(notebook, Outputs(figures, rows))
    assert cache._unpacked(KEY, cache._packed(KEY, whole)) == whole


@given(st.data())
def test_an_entry_that_was_cut_changed_or_lengthened_is_not_read(data):
    content = bytearray(PACKED)
    how = data.draw(st.sampled_from(["cut", "flip", "add", "other"]))
    if how == "cut":
        content = content[: data.draw(st.integers(0, len(PACKED) - 1))]
    elif how == "flip":
        content[data.draw(st.integers(0, len(PACKED) - 1))] ^= data.draw(st.integers(1, 255))
    else:
        content = content * (how == "add") + data.draw(st.binary(min_size=1, max_size=100))
    with pytest.raises(UNREADABLE):
        cache._unpacked(KEY, bytes(content))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(PACKED[:-1]), id="truncated"),
        pytest.param(lambda path: path.write_bytes(b""), id="empty"),
        pytest.param(lambda path: path.write_bytes(cache._packed(OTHER, KEPT)), id="another key's"),
        pytest.param(lambda path: path.unlink(), id="gone"),
    ],
)
def test_a_damaged_entry_counts_as_missing_and_is_replaced(damage, kept, cache_folder, warned):
    damage(entry(cache_folder))
    assert kept.get("b", KEY) is None
    kept.put("b", KEY, KEPT)
    assert kept.get("b", KEY) == KEPT
    assert warned == []


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


def test_times_are_remembered_by_notebook_and_a_damaged_file_of_them_counts_as_missing(kept, cache_folder):
    kept.put_seconds({"a": 1.0, "b": 2.0})
    kept.put_seconds({"b": 3.0})
    assert kept.seconds() == {"a": 1.0, "b": 3.0}
    for damaged in ("", "[1]", '{"a": "x"}', "{", '{"a": [1]}', "null", '{"a": 1' + "0" * 400 + "}"):
        (cache_folder / cache.SECONDS).write_text(damaged)
        assert kept.seconds() == {}


def test_pruning_removes_what_was_long_unused_or_made_by_other_versions(kept, cache_folder, warned):
    cache.Cache(cache_folder, "f" * 64, warned.append).put("b", KEY, KEPT)
    kept.put("b", OTHER, KEPT)
    long_ago = time.time() - 31 * cache.SECONDS_A_DAY
    os.utime(cache_folder / ENVIRONMENT[:16] / "b" / KEY, (long_ago, long_ago))
    assert cache.prune(cache_folder, ENVIRONMENT, cache.UNUSED_DAYS) == (2, 2 * len(PACKED))
    assert entry(cache_folder).name == OTHER
    assert not (cache_folder / ("f" * 16)).exists()


def test_using_an_entry_makes_it_recent(kept, cache_folder):
    os.utime(entry(cache_folder), (1, 1))
    kept.get("b", KEY)
    assert cache.prune(cache_folder, ENVIRONMENT, 1.0) == (0, 0)


def test_pruning_while_a_run_goes_on_changes_nothing_of_its_results(templates, fake, cache_folder, tmp_path):
    several = [
        Scenario(f"s{price}", PriceBook.article().override({"h100_usd": price}).named(f"s{price}"))
        for price in (2e4, 3e4, 4e4)
    ]

    def results(name, tell):
        runner.run(templates, several, tmp_path / name, executor=fake(hold=2), tell=tell)
        return {
            path.relative_to(tmp_path / name): path.read_bytes()
            for path in (tmp_path / name).rglob("*")
            if path.is_file()
        }

    pruned = []
    disturbed = results("disturbed", lambda event: pruned.append(cache.prune(cache_folder, None, -1)[0]))
    assert sum(pruned) >= 3
    assert disturbed == results("undisturbed", lambda event: None)


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
    ("arguments", "message"),
    [
        (["--all"], "--all goes with cache prune"),
        (["prune", "--older-than", "-1"], "'-1' is not a number of days"),
        (["prune", "--older-than", "soon"], "'soon' is not a number of days"),
        (["prune", "--older-than", "3", "--all"], "do not go together"),
        (["prnue"], "'prnue'"),
        (["prune", "--older-tahn", "3"], "did you mean '--older-than'?"),
    ],
)
def test_a_wrong_command_removes_nothing(arguments, message, kept, cache_folder, capsys):
    assert cli.main(["cache", *arguments]) == cli.WRONG_INPUT
    assert message in capsys.readouterr().err
    assert entry(cache_folder).exists()
