"""Where nothing can be written: one message, what is finished is kept, and nothing is half-written."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
FULL = pytest.mark.fault("disk full, read-only, not permitted")


class Disk:
    """A small file system of its own, in a namespace of its own: it cannot outlast the test."""

    def __init__(self, place: Path, options: str) -> None:
        script = f'mount -t tmpfs -o {options} none "$1" && echo mounted && read end'
        self._holder = subprocess.Popen(
            ["unshare", "-rm", "sh", "-c", script, "sh", str(place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.place = place
        if self._holder.stdout.readline() != "mounted\n":
            why = self.close()
            pytest.skip(f"no file system can be mounted here: {why.strip()}")

    @property
    def seen(self) -> Path:
        """Where it can be seen from outside."""
        return Path(f"/proc/{self._holder.pid}/root{self.place}")

    @property
    def prefix(self) -> list[str]:
        """What puts a command where it is."""
        enter = ["nsenter", "-t", str(self._holder.pid), "-U", "-m", "--preserve-credentials"]
        return [*enter, "sh", "-c", 'cd "$0" && exec "$@"', str(self.place)]

    def run(self, *command: str) -> None:
        subprocess.run([*self.prefix, *command], check=True)

    def fill(self) -> None:
        """Leave not a byte."""
        subprocess.run([*self.prefix, "sh", "-c", "cat /dev/zero > full"], stderr=subprocess.DEVNULL)

    def close(self) -> str:
        return self._holder.communicate("")[1]


@pytest.fixture
def disk(tmp_path):
    """Mount: ``disk("size=64k")``."""
    with contextlib.ExitStack() as open_disks:

        def mounted(options: str) -> Disk:
            place = tmp_path / "disk"
            place.mkdir()
            made = Disk(place, options)
            open_disks.callback(made.close)
            return made

        yield mounted


@pytest.fixture
def reused(place, ran):
    """A folder for commands, with a cache that has notebook 7."""
    place.environment["COSTCHECK_CACHE"] = str(ran.with_name("cache"))
    (place.folder / "rates.csv").write_text("Date,USD,JPY,GBP,CNY\n2024-07-23,1.0857,169.65,0.8406,7.9\n")
    return place


def is_one_line(said: str, *expected: str) -> bool:
    errors = [line for line in said.splitlines() if line.startswith("costcheck: ")]
    assert len(errors) == 1, said
    assert "Traceback" not in said
    assert ".tmp" not in said
    return all(words in errors[0] for words in expected)


WRITING = {
    "run": ["run", "7", "--out", "{at}/out"],
    "report": ["report", "{ran}", "--out", "{at}/page.html"],
    "compare": ["compare", "{ran}", "{ran}", "--plot", "{at}/compared.svg"],
    "prices import": ["prices", "import", "ecb", "{feed}", "--book", "{at}/book.csv", "--yes"],
    "new": ["new", "{at}/mine.yaml"],
    "lab": ["lab", "--no-browser", "{at}/notebooks"],
}


def words(command, at, ran, place):
    return [word.format(at=at, ran=ran, feed=place.folder / "rates.csv") for word in WRITING[command]]


@FULL
@pytest.mark.parametrize(
    ("command", "kind"),
    [*((command, "full") for command in WRITING), ("run", "read-only"), ("new", "read-only")],
)
def test_what_cannot_be_written_is_one_line_and_leaves_nothing(command, kind, disk, reused, ran, files_of):
    made = disk("size=64k" if kind == "full" else "size=64k,ro")
    if kind == "full":
        made.fill()
    before = set(files_of(made.seen))
    done = reused.run(*words(command, made.place, ran, reused), prefix=made.prefix, cwd=None)
    assert done.returncode == 1, done.stderr
    assert is_one_line(
        done.stderr, str(made.place), "No space" if kind == "full" else "Read-only file system"
    )
    assert set(files_of(made.seen)) == before
    assert list(reused.temporary.iterdir()) == []
    assert reused.marked.gone()


@pytest.fixture
def forbidden(ran, tmp_path):
    """A folder in which nothing may be written; root, who may write anywhere, loses that."""
    prefix = []
    if not os.geteuid():
        prefix = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
        if not shutil.which("setpriv") or subprocess.run([*prefix, "true"]).returncode:
            pytest.skip("root, which may write anywhere, cannot be made to lose that here")
    made = tmp_path / "forbidden"
    made.mkdir()
    made.chmod(0o555)
    yield made, prefix
    made.chmod(0o755)


@FULL
@pytest.mark.parametrize("command", ["run", "prices import"])
def test_what_may_not_be_written_is_one_line(command, forbidden, reused, ran):
    folder, prefix = forbidden
    done = reused.run(*words(command, folder, ran, reused), prefix=prefix)
    assert done.returncode == 1, done.stderr
    assert is_one_line(done.stderr, str(folder), "Permission denied")
    assert list(folder.iterdir()) == []


PAGE, FOLDERS = 4096, 4


def taken(of: dict[str, bytes]) -> int:
    """How much room files and their folders take [byte]."""
    return PAGE * (sum(-(-len(each) // PAGE) for each in of.values()) + FOLDERS)


@pytest.mark.fault("disk full in the middle of a run")
@pytest.mark.parametrize("share", [0.5, 0.97])
def test_what_fits_is_kept_whole_and_the_next_run_goes_on(share, disk, reused, ran, files_of):
    undisturbed = files_of(ran)
    made = disk(f"size={int(share * taken(undisturbed))}")
    command = ["run", "7", "--png", "--out", made.place / "out"]
    done = reused.run(*command, prefix=made.prefix)
    assert done.returncode == 1
    assert is_one_line(done.stderr, f"{made.place}/out", "No space left on device")
    found = files_of(made.seen / "out")
    assert 0 < len(found) < len(undisturbed)
    assert found == {name: undisturbed[name] for name in found}
    made.run("mount", "-o", "remount,size=64m", str(made.place))
    again = reused.run(*command, prefix=made.prefix)
    assert again.returncode == 0, again.stderr
    assert files_of(made.seen / "out") == undisturbed


@pytest.mark.fault("disk full when only the report is left to write")
def test_a_report_that_does_not_fit_takes_no_results_away(disk, reused, ran, files_of):
    undisturbed = files_of(ran)
    report = len(undisturbed.pop("report.html"))
    made = disk(f"size={taken(undisturbed) + report // 2}")
    done = reused.run("run", "7", "--png", "--out", made.place / "out", prefix=made.prefix)
    assert done.returncode == 1
    assert is_one_line(
        done.stderr, "report.html was not written, the results were", "No space left on device"
    )
    assert files_of(made.seen / "out") == undisturbed


@pytest.mark.fault("the cache on a full or read-only disk")
@pytest.mark.parametrize("options", ["size=40k", "size=64k,ro"])
def test_a_cache_that_cannot_be_written_costs_a_warning(options, disk, place, ran, files_of):
    made = disk(options)
    place.environment["COSTCHECK_CACHE"] = str(made.place)
    done = place.run("run", "7", "--png", "--out", place.out, prefix=made.prefix)
    assert done.returncode == 0, done.stderr
    assert is_one_line(done.stderr, "warning", str(made.place), "nothing can be kept for the next run")
    assert files_of(place.out) == files_of(ran)
    assert files_of(made.seen) == {}


OBSTACLES = {
    "a file in OUT's place": lambda out: out.write_text("mine"),
    "a folder in the place of results.csv": lambda out: (out / "results.csv").mkdir(parents=True),
    "a folder in the place of the report": lambda out: (out / "report.html").mkdir(parents=True),
    "a folder in a notebook's place": lambda out: (out / "notebooks/07_timeline.ipynb").mkdir(parents=True),
    "a file in the place of notebooks/": lambda out: (out.mkdir(), (out / "notebooks").write_text("")),
}


@pytest.mark.fault("something else where a file or folder is to be written")
@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_what_is_in_the_way_is_named_and_stays(obstacle, reused, ran, files_of):
    OBSTACLES[obstacle](reused.out)
    done = reused.run("run", "7", "--png", "--out", reused.out)
    assert done.returncode == 1, done.stderr
    assert is_one_line(done.stderr, str(reused.out))
    found = files_of(reused.out) if reused.out.is_dir() else {}
    found.pop("notebooks", None)
    assert found == {name: files_of(ran)[name] for name in found}
    assert not list(reused.folder.rglob(".costcheck*"))


@pytest.mark.fault("OUT removed or replaced while running")
@pytest.mark.parametrize("how", ["removed", "replaced by a file"])
def test_a_folder_that_goes_while_a_run_writes_there_ends_it(how, place, until):
    out = place.out
    options = ["--jobs", "2", "--log-json", "--scenarios", place.grid(60), "--out", out]
    with place.start("run", "1", "7", *options) as process:
        until(process, "done")
        if how == "removed":
            shutil.rmtree(out, ignore_errors=True)
        else:
            out.rename(out.with_name("elsewhere"))
            out.write_text("mine")
        _, said = process.communicate()
    assert "Traceback" not in said
    events = [json.loads(line) for line in said.splitlines()]
    assert process.returncode == 1
    assert [each["event"] for each in events].count("error") == 1
    assert str(out) in events[-1]["error"]
    assert ".tmp" not in events[-1]["error"]
    assert place.marked.gone()
