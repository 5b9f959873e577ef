"""The cache against a dictionary: whatever is done to it, it gives what was put in, or nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from costcheck.batch import cache
from costcheck.results.executed import Found

KEYS = st.sampled_from([character * 64 for character in "123"])
NOTEBOOKS = st.sampled_from(["a", "b"])
ENVIRONMENTS = st.sampled_from(["e" * 64, "f" * 64])
PROCESSES = st.sampled_from([0, 1])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
KEPT = st.builds(
    lambda notebook, figures, rows: cache.Kept(notebook, Found(figures, rows)),
    st.binary(max_size=50),
    st.dictionaries(TEXT, TEXT, max_size=2),
    st.lists(st.dictionaries(TEXT, TEXT, max_size=2), max_size=2),
)
LONG_AGO = 40 * cache.SECONDS_A_DAY
Place = tuple[str, str, str]


class States(RuleBasedStateMachine):
    """Two processes with a cache of the same folder, in two versions, and somebody who damages entries."""

    @initialize()
    def open(self):
        self.folder = Path(tempfile.mkdtemp()) / "cache"
        self.model: dict[Place, cache.Kept] = {}
        self.old: set[Place] = set()
        """What has not been used for long."""
        self.damaged: set[Place] = set()
        self.warned: list[str] = []
        self.caches: dict[tuple[int, str], cache.Cache] = {}
        for process in (0, 1):
            self.begin(process)

    def begin(self, process):
        for environment in ("e" * 64, "f" * 64):
            self.caches[process, environment] = cache.Cache(self.folder, environment, self.warned.append)

    def path(self, place):
        environment, notebook, key = place
        return self.folder / environment[:16] / notebook / key

    @rule(process=PROCESSES)
    def start_again(self, process):
        self.begin(process)

    @rule(process=PROCESSES, environment=ENVIRONMENTS, notebook=NOTEBOOKS, key=KEYS, kept=KEPT)
    def put(self, process, environment, notebook, key, kept):
        self.caches[process, environment].put(notebook, key, kept)
        place = (environment, notebook, key)
        self.model[place] = kept
        self.old.discard(place)
        self.damaged.discard(place)

    @rule(process=PROCESSES, environment=ENVIRONMENTS, notebook=NOTEBOOKS, key=KEYS)
    def get(self, process, environment, notebook, key):
        place = (environment, notebook, key)
        found = self.caches[process, environment].get(notebook, key)
        if place in self.damaged:
            assert found is None
            assert not os.path.lexists(self.path(place))
            self.damaged.discard(place)
            del self.model[place]
            self.old.discard(place)
            return
        assert found == self.model.get(place)
        self.old.discard(place)

    def some(self, data):
        return data.draw(st.sampled_from(sorted(self.model)))

    @precondition(lambda self: self.model)
    @rule(data=st.data(), how=st.sampled_from(["cut", "flip", "add", "empty", "folder", "pipe", "link"]))
    def damage(self, data, how):
        place = self.some(data)
        path = self.path(place)
        if not path.is_file() or path.is_symlink():
            return  # it was damaged thoroughly before
        content = bytearray(path.read_bytes())
        if how == "cut":
            content = content[: data.draw(st.integers(0, max(0, len(content) - 1)))]
        elif how == "flip" and content:
            content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        elif how in ("add", "flip"):
            content += data.draw(st.binary(min_size=1, max_size=5))
        path.unlink()
        self.old.discard(place)
        if how == "folder":
            path.mkdir()
        elif how == "pipe":
            os.mkfifo(path)
        elif how == "link":
            path.symlink_to(path.parent)
        else:
            path.write_bytes(b"" if how == "empty" else content)
            if place in self.damaged and self.whole(place):
                self.damaged.discard(place)  # flipped back
                return
        self.damaged.add(place)

    def whole(self, place):
        try:
            return cache._unpacked(place[2], self.path(place).read_bytes()) == self.model[place]
        except (ValueError, KeyError, TypeError):
            return False

    @precondition(lambda self: self.model)
    @rule(data=st.data(), key=KEYS)
    def rename(self, data, key):
        source = self.some(data)
        target = (*source[:2], key)
        if source == target or source in self.damaged or target in self.damaged:
            return
        os.replace(self.path(source), self.path(target))
        (self.old.add if source in self.old else self.old.discard)(target)
        self.old.discard(source)
        del self.model[source]
        self.model[target] = cache.Kept(b"never to be seen", Found())
        self.damaged.add(target)

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def leave_unused(self, data):
        place = self.some(data)
        when = time.time() - LONG_AGO
        os.utime(self.path(place), (when, when), follow_symlinks=False)
        self.old.add(place)

    @rule(environment=st.one_of(st.none(), ENVIRONMENTS))
    def prune(self, environment):
        gone = {
            place
            for place in self.model
            if place in self.old or (environment is not None and place[0] != environment)
        }
        count, _ = cache.prune(self.folder, environment, cache.UNUSED_DAYS)
        assert count == len(gone)
        for place in gone:
            del self.model[place]
            self.old.discard(place)
            self.damaged.discard(place)

    @rule()
    def remove_all(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.model, self.old, self.damaged = {}, set(), set()

    @invariant()
    def what_lies_there_is_what_was_put(self):
        listed = {
            (entry.environment[0] * 64, entry.notebook, entry.path.name)
            for entry in cache.entries(self.folder)
        }
        assert listed == set(self.model)
        assert not list(self.folder.glob(".*"))
        assert self.warned == []

    def teardown(self):
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder.parent, ignore_errors=True)


TestStates = States.TestCase
TestStates.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
