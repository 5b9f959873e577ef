"""With little to run on, a run comes to its end or says in one line what it needs."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
COSTCHECK = [sys.executable, "-m", "costcheck"]
PATIENCE = 120
"""Nothing here takes that long, on however busy a machine [second]."""
MIB = 2**20


def run(folder: Path, env, *arguments, prefix=(), **options) -> subprocess.CompletedProcess[str]:
    command = [*prefix, *COSTCHECK, "run", "7", "--out", str(folder / "out"), *arguments]
    env = {**env, "COSTCHECK_CACHE": str(folder / "cache")}
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=PATIENCE, **options
    )


def limited(kind: int, soft: int, hard: int | None = None) -> dict[str, object]:
    return {"preexec_fn": lambda: resource.setrlimit(kind, (soft, soft if hard is None else hard))}


def files(folder: Path) -> dict[str, bytes]:
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A run's folder, and beside it the cache that it filled."""
    folder = tmp_path_factory.mktemp("undisturbed")
    done = run(folder, os.environ)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.fault("fewer file descriptors (ulimit -n)")
@pytest.mark.parametrize(
    ("soft", "hard"), [pytest.param(64, None, id="64, and as many as wanted"), (128, 128), (96, 96)]
)
def test_with_few_files_open_a_run_comes_to_its_end(soft, hard, undisturbed, marked, tmp_path):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1] if hard is None else hard
    done = run(tmp_path, marked.environment, **limited(resource.RLIMIT_NOFILE, soft, hard))
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "out") == files(undisturbed / "out")
    assert marked.gone()


@pytest.mark.fault("fewer file descriptors (ulimit -n)")
@pytest.mark.parametrize("count", [64, 32])
def test_with_too_few_for_a_kernel_a_run_says_so_in_one_line(count, marked, tmp_path):
    done = run(tmp_path, marked.environment, **limited(resource.RLIMIT_NOFILE, count))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "costcheck: to execute a notebook takes up to 96 open files a process, "
        f"and {count} are allowed here; raise the limit (ulimit -n 1024)\n"
    )
    assert marked.gone()


@pytest.mark.fault("fewer file descriptors (ulimit -n)")
def test_what_needs_no_kernel_needs_few_files(undisturbed):
    done = run(undisturbed, os.environ, **limited(resource.RLIMIT_NOFILE, 32))
    assert done.returncode == 0, done.stderr


@pytest.mark.fault("fewer file descriptors (ulimit -n)")
@pytest.mark.parametrize("command", ["app", "lab"])
def test_a_server_says_what_its_kernels_need_before_anything_starts(command, tmp_path, free_port):
    done = subprocess.run(
        [*COSTCHECK, command, "--no-browser", "--port", str(free_port())],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        **limited(resource.RLIMIT_NOFILE, 64),
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("costcheck: to execute a notebook takes up to 96 open files")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def without(what: str) -> list[str]:
    """What takes something from a command, or skip."""
    prefix = {
        "a second core": ["taskset", "-c", str(min(os.sched_getaffinity(0)))],
        "a network": ["unshare", "-rn"],
        "/dev/shm": ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o ro none /dev/shm && exec "$@"', "sh"],
        "a stack of more than 256 KiB": ["prlimit", "--stack=262144"],
    }[what]
    if not shutil.which(prefix[0]) or subprocess.run([*prefix, "true"], capture_output=True).returncode:
        pytest.skip(f"{prefix[0]} does not work here")
    return prefix


@pytest.mark.fault("one core, no network, no /dev/shm, a small stack")
@pytest.mark.parametrize("what", ["a second core", "a network", "/dev/shm", "a stack of more than 256 KiB"])
def test_what_a_run_does_without(what, undisturbed, marked, tmp_path):
    done = run(tmp_path, marked.environment, prefix=without(what))
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert files(tmp_path / "out") == files(undisturbed / "out")
    assert marked.gone()


@pytest.mark.fault("512 MB of memory")
@pytest.mark.parametrize(
    ("kind", "size", "said"),
    [
        pytest.param(resource.RLIMIT_AS, 512, "1.5 GiB of addresses a process, and 0.5 are", id="ulimit -v"),
        pytest.param(
            resource.RLIMIT_DATA, 512, "0.75 GiB of memory to reserve a process, and 0.5 are", id="-d"
        ),
    ],
)
def test_a_limit_on_what_may_be_reserved_is_said_before_a_kernel_fails_of_it(
    kind, size, said, marked, tmp_path
):
    done = run(tmp_path, marked.environment, **limited(kind, size * MIB))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"costcheck: to execute a notebook takes {said} allowed here; raise")
    assert done.stderr.count("\n") == 1
    assert marked.gone()


@pytest.mark.fault("512 MB of memory")
@pytest.mark.parametrize("size", [60, 130, 200])
def test_a_command_that_runs_out_of_memory_says_so(size, tmp_path):
    done = subprocess.run(
        [*COSTCHECK, "sensitivity", "Z51", "--plot"],
        cwd=tmp_path,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        **limited(resource.RLIMIT_AS, size * MIB),
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "memory" in done.stderr.lower()  # OpenBLAS says it by itself, and ends the process
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


GROUPS = Path("/sys/fs/cgroup")


@pytest.fixture
def group():
    """A control group with 512 MB of memory, of either version, or skip."""
    made = next(
        (
            (parent / f"costcheck-{os.getpid()}", file)
            for parent, file in (
                (GROUPS / "memory", "memory.limit_in_bytes"),
                (GROUPS, "memory.max"),
            )
            if os.access(parent / "cgroup.procs", os.W_OK) and (parent / file.replace("max", "stat")).exists()
        ),
        None,
    )
    if made is None:
        pytest.skip("no control group of memory can be made here")
    folder, file = made
    try:
        folder.mkdir()
        (folder / file).write_text(str(512 * 10**6))
    except OSError as error:
        pytest.skip(f"no control group of memory can be made here ({error.strerror})")
    yield folder
    folder.rmdir()


@pytest.mark.fault("512 MB of memory")
def test_in_512_megabytes_a_run_comes_to_its_end(group, undisturbed, marked, tmp_path):
    inside = ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh"]
    done = run(tmp_path, marked.environment, prefix=inside)
    assert done.returncode == 0, done.stderr
    assert files(tmp_path / "out") == files(undisturbed / "out")
    assert marked.gone()
