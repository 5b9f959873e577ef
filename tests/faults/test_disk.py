"""Where nothing can be written: one message, what is finished is kept, and nothing is half-written."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
COSTCHECK = [sys.executable, "-m", "costcheck"]
PATIENCE = 120
"""Nothing here takes that long, on however busy a machine [second]."""
RATES = "Date,USD,JPY,GBP,CNY\n2024-07-23,1.0857,169.65,0.8406,7.9\n"


def ended(arguments, cwd, env, *, prefix=(), **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*prefix, *COSTCHECK, *map(str, arguments)],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        stdin=subprocess.DEVNULL,
        **options,
    )


def files(folder: Path) -> dict[str, bytes]:
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


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
def disk(tmp_path) -> Iterator[object]:
    """Mount: ``disk("size=64k")``."""
    with contextlib.ExitStack() as open_disks:

        def mounted(options: str) -> Disk:
            place = tmp_path / f"disk{len(list(tmp_path.glob('disk*')))}"
            place.mkdir()
            made = Disk(place, options)
            open_disks.callback(made.close)
            return made

        yield mounted


@dataclass
class Ran:
    folder: Path
    cache: Path
    feed: Path


@pytest.fixture(scope="module")
def ran(tmp_path_factory) -> Ran:
    """A run, and the cache that it filled."""
    folder = tmp_path_factory.mktemp("ran")
    made = Ran(folder / "out", folder / "cache", folder / "rates.csv")
    made.feed.write_text(RATES)
    made.feed.with_name("scenarios.csv").write_text("name,h100_usd\na,25000\nb,30000\n")
    done = ended(["run", "7", "--png", "--out", made.folder], folder, environment(made.cache))
    assert done.returncode == 0, done.stderr
    return made


def environment(cache: Path, **more: object) -> dict[str, str]:
    return {**os.environ, "COSTCHECK_CACHE": str(cache), **{name: str(value) for name, value in more.items()}}


def one_line(said: str, *expected: str) -> None:
    errors = [line for line in said.splitlines() if line.startswith("costcheck: ")]
    assert len(errors) == 1, said
    assert "Traceback" not in said
    for words in expected:
        assert words in errors[0]


WRITING = {
    "run": ["run", "7", "--out", "{at}/out"],
    "run into the folder": ["run", "7", "--out", "{at}"],
    "scenarios": ["run", "7", "--scenarios", "{scenarios}", "--out", "{at}/out"],
    "report": ["report", "{ran}", "--out", "{at}/page.html"],
    "compare": ["compare", "{ran}", "{ran}", "--plot", "{at}/compared.svg"],
    "sensitivity": ["sensitivity", "Z51", "--plot", "{at}/tornado.png"],
    "prices": ["prices", "h100_usd", "--plot", "{at}/h100.svg"],
    "prices import": ["prices", "import", "ecb", "{feed}", "--book", "{at}/book.csv", "--yes"],
    "new": ["new", "{at}/mine.yaml"],
    "lab": ["lab", "--no-browser", "{at}/notebooks"],
}


def words(command: str, at: Path, ran: Ran) -> list[str]:
    scenarios = ran.feed.with_name("scenarios.csv")
    told = {"at": at, "ran": ran.folder, "feed": ran.feed, "scenarios": scenarios}
    return [word.format(**told) for word in WRITING[command]]


@pytest.mark.fault("disk full, out of inodes, read-only, not permitted")
@pytest.mark.parametrize(
    ("command", "kind"),
    [
        *((command, "full") for command in WRITING),
        *((command, "without inodes") for command in ("run", "report", "lab")),
        *((command, "read-only") for command in ("run", "prices import", "new")),
    ],
)
def test_what_cannot_be_written_is_one_line_and_leaves_nothing(command, kind, disk, ran, marked, tmp_path):
    options = {"full": "size=64k", "without inodes": "size=1m,nr_inodes=1", "read-only": "size=64k,ro"}
    made = disk(options[kind])
    if kind == "full":
        made.fill()
    before = set(files(made.seen))
    (temporary := tmp_path / "temporary").mkdir()
    env = {**marked.environment, **environment(ran.cache, TMPDIR=temporary)}
    done = ended(words(command, made.place, ran), tmp_path, env, prefix=made.prefix)
    assert done.returncode == 1, done.stderr
    one_line(
        done.stderr, str(made.place), "Read-only file system" if kind == "read-only" else "No space left"
    )
    assert ".tmp" not in done.stderr
    assert set(files(made.seen)) == before
    assert list(temporary.iterdir()) == []
    assert marked.gone()


def taken(of: dict[str, bytes]) -> int:
    """How much room files and their folders take [byte]."""
    return PAGE * (sum(-(-len(each) // PAGE) for each in of.values()) + FOLDERS)


PAGE, FOLDERS = 4096, 4


@pytest.mark.fault("disk full in the middle of a run")
@pytest.mark.parametrize("share", [0.5, 0.8, 0.97])
def test_what_fits_is_kept_whole_and_the_next_run_goes_on(share, disk, ran, tmp_path):
    undisturbed = files(ran.folder)
    made = disk(f"size={int(share * taken(undisturbed))}")
    command = ["run", "7", "--png", "--out", made.place / "out"]
    done = ended(command, tmp_path, environment(ran.cache), prefix=made.prefix)
    assert done.returncode == 1
    one_line(done.stderr, f"{made.place}/out", "No space left on device")
    found = files(made.seen / "out")
    assert 0 < len(found) < len(undisturbed)
    assert found == {name: undisturbed[name] for name in found}
    made.run("mount", "-o", "remount,size=64m", str(made.place))
    again = ended(command, tmp_path, environment(ran.cache), prefix=made.prefix)
    assert again.returncode == 0, again.stderr
    assert files(made.seen / "out") == undisturbed


@pytest.mark.fault("disk full when only the report is left to write")
def test_a_report_that_does_not_fit_takes_no_results_away(disk, ran, tmp_path):
    undisturbed = files(ran.folder)
    report = len(undisturbed.pop("report.html"))
    made = disk(f"size={taken(undisturbed) + report // 2}")
    command = ["run", "7", "--png", "--out", made.place / "out"]
    done = ended(command, tmp_path, environment(ran.cache), prefix=made.prefix)
    assert done.returncode == 1
    one_line(done.stderr, "report.html was not written, the results were", "No space left on device")
    assert files(made.seen / "out") == undisturbed


@pytest.mark.fault("a limit on the size of files (ulimit -f)")
def test_a_file_that_is_too_large_for_its_limit_is_named(ran, tmp_path):
    done = ended(
        ["run", "7", "--png", "--out", tmp_path / "out"],
        tmp_path,
        environment(ran.cache),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )
    assert done.returncode == 1
    one_line(done.stderr, "/out/", "File too large")
    undisturbed = files(ran.folder)
    found = files(tmp_path / "out")
    assert found == {name: undisturbed[name] for name in found}


def folder(path: Path) -> None:
    path.mkdir(parents=True)


OBSTACLES = {
    "a file in OUT's place": lambda out: out.write_text("mine"),
    "a link to nowhere in OUT's place": lambda out: out.symlink_to("nowhere"),
    "a link in a circle in OUT's place": lambda out: out.symlink_to(out),
    "a folder in the place of results.csv": lambda out: folder(out / "results.csv"),
    "a folder in the place of results.parquet": lambda out: folder(out / "results.parquet"),
    "a folder in the place of results.xlsx": lambda out: folder(out / "results.xlsx"),
    "a folder in the place of the report": lambda out: folder(out / "report.html"),
    "a folder in a notebook's place": lambda out: folder(out / "notebooks" / "07_timeline.ipynb"),
    "a file in the place of notebooks/": lambda out: (folder(out), (out / "notebooks").write_text("")),
    "a link to nowhere in the place of figures/": lambda out: (
        folder(out),
        (out / "figures").symlink_to("nowhere"),
    ),
}


@pytest.mark.fault("something else where a file or folder is to be written")
@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_what_is_in_the_way_is_named_and_stays(obstacle, ran, tmp_path):
    out = tmp_path / "out"
    OBSTACLES[obstacle](out)
    done = ended(["run", "7", "--out", out], tmp_path, environment(ran.cache))
    assert done.returncode == 1, done.stderr
    one_line(done.stderr, str(out))
    assert ".tmp" not in done.stderr
    undisturbed = files(ran.folder)
    found = files(out) if out.is_dir() else {}
    assert {name: undisturbed[name] for name in found if name != "notebooks"} == {
        name: content for name, content in found.items() if name != "notebooks"
    }
    assert not list(tmp_path.rglob(".costcheck*"))


REPLACED = {
    "removed": lambda out: shutil.rmtree(out, ignore_errors=True),
    "moved away": lambda out: out.rename(out.with_name("elsewhere")),
    "replaced by a file": lambda out: (out.rename(out.with_name("elsewhere")), out.write_text("mine")),
    "replaced by a link to nowhere": lambda out: (
        out.rename(out.with_name("elsewhere")),
        out.symlink_to("nowhere"),
    ),
}


@pytest.mark.fault("OUT removed or replaced while running")
@pytest.mark.parametrize("how", REPLACED)
def test_a_folder_that_goes_while_a_run_writes_there_ends_it(how, marked, tmp_path):
    out = tmp_path / "out"
    grid = tmp_path / "grid.yaml"
    grid.write_text(f"grid:\n  days_in_month: {[28 + nth / 60 for nth in range(60)]}\n")
    env = {**marked.environment, **environment(tmp_path / "cache")}
    command = ["run", "1", "7", "--jobs", "2", "--log-json", "--scenarios", str(grid), "--out", str(out)]
    with subprocess.Popen(
        [*COSTCHECK, *command], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr:
            if '"done"' in line:
                break
        REPLACED[how](out)
        _, said = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in said
    events = [json.loads(line) for line in said.splitlines()]
    assert process.returncode == 1
    assert [one["event"] for one in events].count("error") == 1
    assert str(out) in events[-1]["error"]
    assert ".tmp" not in events[-1]["error"]
    assert not out.is_dir() or not list(out.rglob(".costcheck-*"))
    assert marked.gone()


@pytest.fixture
def forbidden(ran, tmp_path) -> Iterator[Ran]:
    """A folder with a run, in which nothing may be written."""
    made = tmp_path / "forbidden"
    shutil.copytree(ran.folder.parent, made)
    (made / "out").rename(made / "ran")
    for path in [made, *made.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield Ran(made / "ran", made / "cache", made / "rates.csv")
    for path in [made, *made.rglob("*")]:
        path.chmod(0o755)


def powerless() -> list[str]:
    """What takes from root what it is allowed beyond other users."""
    if os.geteuid():
        return []
    prefix = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
    if not shutil.which("setpriv") or subprocess.run([*prefix, "true"]).returncode:
        pytest.skip("root, which may write anywhere, cannot be made to lose that here")
    return prefix


@pytest.mark.fault("disk full, out of inodes, read-only, not permitted")
@pytest.mark.parametrize(
    "command", ["run", "report", "compare", "prices import", "new", "lab", "run over another's"]
)
def test_what_may_not_be_written_is_one_line_and_leaves_nothing(command, forbidden, tmp_path):
    folder = forbidden.folder.parent
    arguments = words(command, folder, forbidden) if command in WRITING else ["run", "7", "--png"]
    if command not in WRITING:
        arguments += ["--lang", "zh", "--out", forbidden.folder]
    before = files(folder)
    env = environment(forbidden.cache, HOME=folder)  # nor may it be at home, or in the cache
    done = ended(arguments, tmp_path, env, prefix=powerless())
    assert done.returncode == 1, done.stderr
    one_line(done.stderr, str(folder), "Permission denied")
    assert files(folder) == before


@pytest.mark.fault("the cache on a full or read-only disk")
@pytest.mark.parametrize("options", ["size=40k", "size=64k,ro"])
def test_a_cache_that_cannot_be_written_costs_a_warning(options, disk, ran, tmp_path):
    made = disk(options)
    out = tmp_path / "out"
    done = ended(["run", "7", "--png", "--out", out], tmp_path, environment(made.place), prefix=made.prefix)
    assert done.returncode == 0, done.stderr
    one_line(done.stderr, "warning", str(made.place), "nothing can be kept for the next run")
    assert files(out) == files(ran.folder)
    assert files(made.seen) == {}


@pytest.mark.fault("TMPDIR missing, full, read-only")
@pytest.mark.parametrize("kind", ["missing", "full"])
def test_without_a_place_for_temporary_files_a_run_comes_to_its_end_or_says_so(
    kind, disk, ran, marked, tmp_path
):
    options = {"full": "size=64k", "without inodes": "size=1m,nr_inodes=1", "read-only": "size=64k,ro"}
    made = disk(options.get(kind, "size=64k,ro"))
    if kind == "full":
        made.fill()
    before = files(made.seen)
    place = made.place / "missing" if kind == "missing" else made.place
    env = {**marked.environment, **environment(tmp_path / "cache", TMPDIR=place)}
    done = ended(["run", "7", "--png", "--out", tmp_path / "out"], tmp_path, env, prefix=made.prefix)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1), done.stderr
    assert files(tmp_path / "out") == files(ran.folder)
    assert files(made.seen) == before
    assert marked.gone()
