"""The runner killed at any moment: nothing half-written, nothing left alive, nothing done twice."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import pytest

from costcheck.batch import cache
from costcheck.results import report
from warmkernels import private

pytestmark = pytest.mark.slow
JOBS = 100
KILLED = 7
"""Of ten kills more than these come before a run has ended by itself, on however slow a machine."""
LOOK_SECONDS = 0.005
PATIENCE = 900
"""A batch takes some fifteen seconds on two quiet cores."""
ARTICLE = Path(__file__).with_name("quick.yaml").read_text("utf-8")


@dataclass
class Batch:
    """A hundred jobs, run by the real command as often as need be."""

    folder: Path
    environment: dict[str, str]
    said: list[dict[str, object]] = field(default_factory=list)
    """What the last run said, a JSON object a line."""

    def __post_init__(self) -> None:
        self.out, self.cache = self.folder / "out", self.folder / "cache"
        self.runtime = self.folder / "runtime"
        self.runtime.mkdir()
        # its name is short: sockets of kernels lie in it, whose names may have 107 characters
        self.temporary = Path(tempfile.mkdtemp(prefix="costcheck-test-"))
        (self.folder / "quick.yaml").write_text(ARTICLE)
        with (self.folder / "scenarios.csv").open("w", newline="") as file:
            csv.writer(file).writerows(
                [("name", "h100_usd"), *((f"s{nth}", 20_000 + nth) for nth in range(JOBS))]
            )

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "costcheck", "run", "--article", "quick.yaml"]
        folders = {
            "COSTCHECK_CACHE": str(self.cache),
            "TMPDIR": str(self.temporary),
            "JUPYTER_RUNTIME_DIR": str(self.runtime),
        }
        with (self.folder / "said").open("wb") as said:
            return subprocess.Popen(
                [*command, "--scenarios", "scenarios.csv", "--out", str(self.out), "--log-json"],
                cwd=self.folder,
                env=self.environment | folders,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )

    def listen(self) -> list[dict[str, object]]:
        """Read what is said so far; the line that a kill cut is none."""
        lines = (self.folder / "said").read_bytes().split(b"\n")[:-1]
        self.said = [json.loads(line) for line in lines]
        return self.said

    def named(self, *events: str) -> list[str]:
        """Which scenarios something was said of."""
        return [str(told["scenario"]) for told in self.said if told["event"] in events]

    def finish(self) -> dict[str, object]:
        started = self.start()
        assert started.wait(PATIENCE) == 0, (self.folder / "said").read_text()
        return self.listen()[-1]

    def entries(self) -> int:
        return len(list(cache.entries(self.cache)))

    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.out)): path.read_bytes()
            for path in self.out.rglob("*")
            if path.is_file()
        }

    def left_over(self) -> list[Path]:
        """List what is no result, no cache and none of the test's own files.

        A folder of kernels' sockets is removed by the process that forks them; if that was not there yet when
        the runner was killed, by the first run that begins a minute later, which here is now.
        """
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(private, "YOUNG_SECONDS", -1)
            private.sweep(self.temporary)
        hidden = [*self.out.rglob(".*"), *self.cache.rglob(".*")]
        return [*hidden, *self.temporary.iterdir(), *self.runtime.iterdir()]

    def has_temporary(self, in_cache: bool) -> bool:
        """Say whether a file is being written just now."""
        running = set(self.named("started")) - set(self.named("done"))
        inside = [self.out / name / one for name in running for one in ("notebooks", "figures")]
        for folder in [self.cache] if in_cache else inside:
            with contextlib.suppress(FileNotFoundError):
                if any(name.endswith(".tmp") for name in os.listdir(folder)):
                    return True
        return False

    def hold_whole(self) -> None:
        """Hold every file under its final name to be all of what it is."""
        for name, content in self.files().items():
            path = self.out / name
            if path.name.startswith("."):
                continue
            if path.suffix == ".ipynb":
                assert json.loads(content)["cells"], name
            elif path.suffix == ".svg":
                ElementTree.fromstring(content)
            elif path.suffix == ".csv":
                assert content.endswith(b"\n"), name
                rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
                assert {len(row) for row in rows} == {len(rows[0])}, name
            elif path.suffix == ".parquet":
                assert content.startswith(b"PAR1"), name
                assert content.endswith(b"PAR1"), name
            elif path.suffix == ".xlsx":
                with zipfile.ZipFile(path) as parts:
                    assert parts.testzip() is None, name
            else:
                assert path.suffix == ".html", name
                assert report._is_whole(content.decode()), name
        for entry in cache.entries(self.cache):
            assert cache._unpacked(entry.path.name, entry.path.read_bytes()).notebook, entry.path
        if (seconds := self.cache / cache.SECONDS).exists():
            json.loads(seconds.read_bytes())


@contextlib.contextmanager
def made(folder: Path, environment: dict[str, str]) -> Iterator[Batch]:
    batch = Batch(folder, environment)
    try:
        yield batch
    finally:
        shutil.rmtree(batch.temporary, ignore_errors=True)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """What a hundred jobs give when nobody kills anything."""
    with made(tmp_path_factory.mktemp("undisturbed"), dict(os.environ)) as batch:
        summary = batch.finish()
        assert (summary["executed"], summary["reused"]) == (JOBS, 0)
        assert batch.left_over() == []
        batch.hold_whole()
        return batch.files()


@pytest.fixture
def batch(tmp_path, marked):
    """A hundred jobs, whose processes are found by their mark."""
    with made(tmp_path, marked.environment) as batch:
        yield batch


def moments(rng: random.Random) -> list[tuple[str, int, float]]:
    """Choose when to kill: what is waited for, how often it has to be said, and how long after that.

    Jobs are executed between two kills, so that the last ones fall into the end of the batch.
    """
    return [
        ("", 0, rng.uniform(0, 1.5)),  # Python starts, files are read
        ("started", 1, rng.uniform(0, 0.3)),  # the first kernels are forked
        ("done", rng.randint(5, 15), rng.uniform(0, 0.3)),
        ("reused", rng.randint(1, 5), 0),  # the cache is read
        ("done", rng.randint(5, 15), rng.uniform(0, 0.3)),
        ("a temporary file in the cache", 10, 0),
        ("done", rng.randint(5, 15), rng.uniform(0, 0.3)),
        ("a temporary file in OUT", 10, 0),
        ("done or reused", JOBS, rng.uniform(0, 0.1)),  # results are written
        ("done or reused", JOBS, rng.uniform(0, 3)),  # the report is written
    ]


def wait_for(batch: Batch, started: subprocess.Popen[bytes], what: str, count: int, delay: float) -> None:
    """Wait for a moment, or for the end of a run that does not have it."""
    since = time.monotonic()
    while started.poll() is None and time.monotonic() - since < PATIENCE:
        batch.listen()
        if what.startswith("a temporary file"):
            # one lives for some thousandths of a second; where none is seen, a few jobs later is a moment too
            if batch.has_temporary(what.endswith("cache")) or len(batch.named("done")) >= count:
                return
            continue
        if len(batch.said) >= count and len(batch.named(*what.split(" or "))) >= count:
            time.sleep(delay)
            return
        time.sleep(LOOK_SECONDS)


@pytest.mark.fault("kill -9 of the runner")
def test_killed_again_and_again_a_batch_ends_as_if_undisturbed(undisturbed, batch, marked, tries):
    seed = secrets.randbelow(10**6)
    print(f"seed of the moments: {seed}")  # shown when this fails
    rng = random.Random(seed)
    killed = 0
    done: set[str] = set()
    """Which scenarios were told to be done, by any run."""
    for moment in moments(rng):
        print(f"kill at {moment}, {batch.entries()} kept")
        kept = batch.entries()
        started = batch.start()
        wait_for(batch, started, *moment)
        if started.poll() is None:
            (os.killpg if rng.random() < 0.5 else os.kill)(started.pid, signal.SIGKILL)
        killed += started.wait() == -signal.SIGKILL
        assert marked.gone()
        batch.listen()
        batch.hold_whole()
        again = done & set(batch.named("started", "done"))
        assert not again
        assert len(batch.named("reused")) <= kept
        done |= set(batch.named("done"))
        assert len(done) <= batch.entries()
    kept = batch.entries()
    summary = batch.finish()
    assert (summary["executed"], summary["reused"], summary["failed"]) == (JOBS - kept, kept, 0)
    assert marked.gone()
    assert batch.files() == undisturbed
    assert batch.left_over() == []
    tries(killed)
    assert killed > KILLED
