"""Where nothing can be written: one message, what is finished is kept, and nothing is half-written."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
FULL = pytest.mark.fault("disk full, read-only, not permitted")
RUN = ["run", "2", "--png", "--xlsx", "--parquet", "--set", "h100_usd=25000", "--out"]


class Disk:
    """A small file system of its own, in a namespace of its own: it cannot outlast the test."""

    def __init__(self, place: Path, options: str) -> None:
        script = f'mount -t tmpfs -o {options} none "$1" && echo mounted && read end'
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        self._holder = subprocess.Popen(
            ["unshare", "-rm", "sh", "-c", script, "sh", str(place)], text=True, **pipes
        )
        self.place = place
        if self._holder.stdout.readline() != "mounted\n":
            pytest.skip(f"no file system can be mounted here: {self.close().strip()}")
        self.seen = Path(f"/proc/{self._holder.pid}/root{place}")  # from outside
        enter = ["nsenter", "-t", str(self._holder.pid), "-U", "-m", "--preserve-credentials"]
        self.prefix = [*enter, "sh", "-c", 'cd "$0" && exec "$@"', str(place)]

    def run(self, *command: str) -> None:
        subprocess.run([*self.prefix, *command], stderr=subprocess.DEVNULL)

    def close(self) -> str:
        return self._holder.communicate("")[1]


@pytest.fixture
def disk(tmp_path):
    """Mount: ``disk("size=64k")``."""
    mounted = []

    def mount(options: str) -> Disk:
        (place := tmp_path / "disk").mkdir()
        mounted.append(Disk(place, options))
        return mounted[0]

    yield mount
    for made in mounted:
        made.close()


def is_one_line(messages: str, *expected: str) -> bool:
    errors = [line for line in messages.splitlines() if line.startswith("costcheck: ")]
    assert len(errors) == 1, messages
    assert "Traceback" not in messages
    assert ".tmp" not in messages
    return all(words in errors[0] for words in expected)


WRITING = {
    "run": [*RUN, "{at}/out"],
    "report": ["report", "{ran}", "--out", "{at}/page.html"],
    "compare": ["compare", "{ran}", "{ran}/results.csv", "--plot", "{at}/compared.svg"],
    "prices import": ["prices", "import", "ecb", "rates.csv", "--book", "{at}/book.csv", "--yes"],
    "new": ["new", "{at}/mine.yaml"],
    "lab": ["lab", "--no-browser", "{at}/notebooks"],
}


@pytest.fixture
def writes(reused, ran):
    """Run a command that writes at a place: ``writes(command, at)``."""
    feed = reused.folder / "rates.csv"
    feed.write_text("Date,USD,JPY,GBP,CNY\n2024-07-23,1.0857,169.65,0.8406,7.9\n")

    def run(command, at, **options):
        words = [word.format(at=at, ran=ran) for word in WRITING[command]]
        return reused.run(*(str(feed) if word == feed.name else word for word in words), **options)

    return run


@FULL
@pytest.mark.parametrize(
    ("command", "kind"),
    [*((command, "full") for command in WRITING), ("run", "read-only"), ("new", "read-only")],
)
def test_what_cannot_be_written_is_one_line_and_leaves_nothing(command, kind, disk, writes, reused, files_of):
    made = disk("size=64k" if kind == "full" else "size=64k,ro")
    made.run("sh", "-c", "cat /dev/zero > full")
    before = set(files_of(made.seen))
    done = writes(command, made.place, prefix=made.prefix)
    assert done.returncode == 1, done.stderr
    assert is_one_line(
        done.stderr, str(made.place), "No space" if kind == "full" else "Read-only file system"
    )
    assert set(files_of(made.seen)) == before
    assert list(reused.temporary.iterdir()) == []
    assert reused.all_ended()


PAGE, FOLDERS = 4096, 4


def room_for(files: dict[str, bytes]) -> int:
    """How much room files and their folders take [byte]."""
    return PAGE * (sum(-(-len(content) // PAGE) for content in files.values()) + FOLDERS)


@pytest.mark.fault("disk full in the middle of a run")
@pytest.mark.parametrize("share", [0.5, 0.97])
def test_what_fits_is_kept_whole_and_the_next_run_goes_on(share, disk, reused, ran, files_of):
    undisturbed = files_of(ran)
    made = disk(f"size={int(share * room_for(undisturbed))}")
    done = reused.run(*RUN, made.place / "out", prefix=made.prefix)
    assert done.returncode == 1
    assert is_one_line(done.stderr, f"{made.place}/out", "No space left on device")
    kept = files_of(made.seen / "out")
    assert 0 < len(kept) < len(undisturbed)
    assert kept == {name: undisturbed[name] for name in kept}
    made.run("mount", "-o", "remount,size=64m", str(made.place))
    again = reused.run(*RUN, made.place / "out", prefix=made.prefix)
    assert again.returncode == 0, again.stderr
    assert files_of(made.seen / "out") == undisturbed


@pytest.mark.fault("disk full when only the report is left to write")
def test_a_report_that_does_not_fit_takes_no_results_away(disk, reused, ran, files_of):
    undisturbed = files_of(ran)
    report = len(undisturbed.pop("report.html"))
    made = disk(f"size={room_for(undisturbed) + report // 2}")
    done = reused.run(*RUN, made.place / "out", prefix=made.prefix)
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
    done = place.run(*RUN, place.out, prefix=made.prefix)
    assert done.returncode == 0, done.stderr
    assert is_one_line(done.stderr, "warning", str(made.place), "nothing can be kept for the next run")
    assert files_of(place.out) == files_of(ran)
    assert files_of(made.seen) == {}


@pytest.mark.fault("OUT removed or replaced while running")
def test_a_folder_that_is_replaced_while_a_run_writes_there_ends_it(place, waiting):
    process = place.start("run", waiting.path, "--log-json", "--out", place.out)
    waiting.kernel()
    place.out.rename(place.out.with_name("elsewhere"))
    place.out.write_text("mine")
    waiting.go_on()
    events = place.rest(process)
    assert process.returncode == 1
    assert [event["event"] for event in events].count("error") == 1
    assert str(place.out) in events[-1]["error"]
    assert ".tmp" not in events[-1]["error"]
    assert place.all_ended()
