"""Where jobs are executed: in threads here, each with a kernel of its own, or on a Dask cluster."""

from __future__ import annotations

import contextlib
import math
import os
import platform
import time
import warnings
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, Self

from costcheck.batch.execution import Executed, Limits, execute
from costcheck.batch.jobs import Job, versions
from costcheck.errors import InputError, RunError
from costcheck.text import log
from warmkernels import client as kernels
from warmkernels import needs

STOP_SECONDS = 0.5
"""How long notebooks that were stopped may take to tidy up."""
ANSWER_SECONDS = 4
"""How long to wait for a scheduler, and for its first worker."""
COUNT_SECONDS = 5.0
"""How often to count a cluster's workers."""
RESTART_SECONDS = 20.0
"""How long a cluster may be without any worker: a nanny starts a dead one again within seconds."""
CLOSE_SECONDS = 2
TLS = "distributed.comm.tls"
"""Where Dask's configuration has certificates."""


class Executor(Protocol):
    """Takes jobs; a context manager that, left by an exception, stops those that run."""

    @property
    def workers(self) -> int:
        """How many jobs it executes at once."""

    def submit(self, job: Job, began: Callable[[], object]) -> Future[Executed]:
        """Have a job executed; ``began`` is called, in any thread, when that starts."""

    def lost(self) -> str | None:
        """Say why no job can end any more, or ``None``."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *raised: object) -> None: ...


class Local:
    """Threads of this process.

    Args:
        workers: How many jobs at once; by default one more than `cores`. Fewer where the limits of open files
            and threads do not allow so many.
        limits: What each job may take.
    """

    def __init__(self, workers: int | None = None, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        # while a kernel starts, the others compute
        self.workers = needs.most_jobs(workers or cores() + 1)
        self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="costcheck")
        self._running: set[Future[Executed]] = set()

    def submit(self, job: Job, began: Callable[[], object]) -> Future[Executed]:
        """Have a job executed."""

        def run() -> Executed:
            began()
            return execute(job.name, job.source, dict(job.parameters), self._limits)

        if not self._running:
            needs.hold()
            kernels.prepare(contained=True)
        future = self._threads.submit(run)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return future

    def lost(self) -> None:
        """Return ``None``: threads stay."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._threads.shutdown(wait=raised[0] is None, cancel_futures=True)
        since = time.monotonic()
        # Threads cannot be stopped, but each ends as soon as its kernel has.
        if self._running:
            kernels.none_more()
        while self._running and time.monotonic() - since < STOP_SECONDS:
            _kill_children()
            time.sleep(0.05)


class Dask:
    """Workers of a Dask cluster, which need the package and nothing else.

    A job whose worker dies is executed on another one; one that fails without an executed notebook is tried
    twice.

    Whoever reaches the port of a scheduler can have its workers execute anything, and what comes back from
    them is unpickled here. With ``tls://`` only those can who have a certificate of the cluster's authority;
    Dask's own configuration, ``distributed.comm.tls``, says where ours is.

    Args:
        address: Of the scheduler, such as ``tcp://10.0.0.1:8786`` or ``tls://10.0.0.1:8786``.
        limits: What each job may take on a worker.

    Raises:
        InputError: The package ``distributed`` is missing, that is no address, or Dask's configuration names
            no certificates for it, or wants some for another.
        RunError: No scheduler answers there, it has no workers, a worker has other versions than we have, or
            the scheduler's certificate and ours do not go together.
    """

    def __init__(self, address: str, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        try:
            import dask

            # it would report each lost connection with a traceback
            quiet = {"distributed": "critical", "distributed.client": "critical"}
            dask.config.set({"logging": quiet})
            import distributed
        except ImportError:
            raise InputError("--dask needs another package: pip install 'costcheck[dask]'") from None
        self._address = address
        try:
            from distributed.comm.addressing import parse_address, parse_host_port
            from distributed.comm.core import CommClosedError

            # a client that could not be made complains once more when it is forgotten
            scheme, place = parse_address(address)
            host, _ = parse_host_port(place)
            _hold_security(address, scheme)
            if scheme == "tcp" and not _is_loopback(host):
                log.note(
                    f"--dask {address}: nothing is encrypted, and who reaches that port can execute code "
                    "there and here; tls:// keeps others out"
                )
            with warnings.catch_warnings():
                # on versions that differ, which `_hold_versions` refuses in our own words
                warnings.simplefilter("ignore")
                self._client = distributed.Client(address, timeout=ANSWER_SECONDS, set_as_default=False)
        except InputError:
            raise
        except ValueError as error:
            raise InputError(
                f"--dask {address}: not an address ({error}); expected one such as tcp://10.0.0.1:8786"
            ) from None
        except OSError as error:
            refused = _tls_error(error)
            if not refused and scheme == "tls" and isinstance(error, CommClosedError):
                refused = "it hung up on us"
            if refused:
                raise RunError(
                    f"--dask {address}: the scheduler's certificate and ours do not go together ({refused}); "
                    f"both must be of the authority in {TLS}.ca-file of Dask's configuration"
                ) from None
            raise RunError(
                f"--dask {address}: no scheduler answers there within {ANSWER_SECONDS} s; start one with "
                "'dask scheduler', or give the address that it printed"
            ) from None
        try:
            self._hold_versions()
        except BaseException:
            self._client.close(timeout=CLOSE_SECONDS)
            raise
        self._pool = self._client.get_executor(pure=False, retries=1)
        self._threads, self._looked = self._count(), time.monotonic()
        self._seen = time.monotonic()

    def _hold_versions(self) -> None:
        """Refuse workers that would not give the same, byte for byte."""
        try:
            self._client.wait_for_workers(1, timeout=ANSWER_SECONDS)
        except TimeoutError:
            raise RunError(
                f"--dask {self._address}: the cluster has no workers; start one with "
                f"'dask worker {self._address}'"
            ) from None
        ours = versions()
        found = self._client.run(versions, on_error="return")
        for worker, theirs in sorted(found.items()):
            if isinstance(theirs, BaseException):
                raise RunError(
                    f"--dask {self._address}: worker {worker} cannot import costcheck {ours['costcheck']} "
                    f"({theirs}); install the same version there"
                )
            if not isinstance(theirs, dict):
                raise RunError(
                    f"--dask {self._address}: worker {worker} does not say what versions it has; "
                    "is it one of Dask's own?"
                )
            differing = _differing(ours, theirs)
            if differing:
                raise RunError(
                    f"--dask {self._address}: worker {worker} would not give the same results: {differing}; "
                    "install the same versions there, for example from requirements.lock"
                )

    @property
    def workers(self) -> int:
        """How many jobs the cluster executes at once, as it grows and shrinks."""
        if time.monotonic() - self._looked > COUNT_SECONDS:
            self._threads, self._looked = self._count(), time.monotonic()
        return max(1, self._threads)

    def _count(self) -> int:
        try:
            return sum(self._client.nthreads().values())
        except Exception:  # what is raised depends on how far the client has noticed
            raise RunError(self._gone("the scheduler is gone")) from None

    def _gone(self, what: str) -> str:
        return (
            f"--dask {self._address}: {what}; what was finished is kept, and the same command goes on "
            "from there once it can"
        )

    def submit(self, job: Job, began: Callable[[], object]) -> Future[Executed]:
        """Have a job executed; when it starts over there is not told, so that it begins now."""
        began()
        given = versions(), job.name, job.source, dict(job.parameters), self._limits
        try:
            future: Future[Executed] = self._pool.submit(_on_worker, *given)
        except Exception:
            if lost := self.lost():
                raise RunError(lost) from None
            raise
        return future

    def lost(self) -> str | None:
        """Say that the scheduler, or all of its workers, are gone."""
        if self._client.status != "running":
            return self._gone("the scheduler is gone")
        if self._count():
            self._seen = time.monotonic()
        elif time.monotonic() - self._seen > RESTART_SECONDS:
            return self._gone("all workers are gone")
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        with contextlib.suppress(Exception):  # the connection may be what was lost
            self._pool.shutdown(wait=raised[0] is None)
        with contextlib.suppress(Exception):
            self._client.close(timeout=CLOSE_SECONDS)


def _hold_security(address: str, scheme: str) -> None:
    """Refuse an address for which Dask's configuration has no certificates, or too little encryption."""
    from distributed import Security

    try:
        security = Security()
        found = security.get_connection_args("client")
    except (OSError, ValueError) as error:
        named = f"{TLS} of Dask's configuration: {error}"
        raise InputError(f"--dask {address}: the certificates cannot be read ({named})") from None
    if scheme == "tls" and found.get("ssl_context") is None:
        raise InputError(
            f"--dask {address}: Dask's configuration names no certificates; set {TLS}.ca-file, "
            f"{TLS}.client.cert and {TLS}.client.key, or DASK_DISTRIBUTED__COMM__TLS__CA_FILE and so on in "
            "the environment"
        )
    if scheme == "tcp" and security.require_encryption:
        raise InputError(
            f"--dask {address}: Dask's configuration asks for encryption "
            "(distributed.comm.require-encryption); give an address that begins with tls://"
        )


def _tls_error(error: BaseException | None) -> str | None:
    """Find what TLS complained of among the causes of a failure to connect."""
    import ssl

    while error is not None:
        if isinstance(error, ssl.SSLError):
            return getattr(error, "verify_message", "") or error.reason or "it hung up on us"
        error = error.__cause__ or error.__context__
    return None


def _is_loopback(host: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _on_worker(
    expected: dict[str, str], name: str, source: bytes, parameters: dict[str, float], limits: Limits
) -> Executed:
    """Execute a job on a worker; one that came after the run began was not asked for its versions before."""
    differing = _differing(expected, versions())
    if differing:
        raise RunError(f"worker {platform.node()} has other versions: {differing}")
    return execute(name, source, parameters, limits)


def _differing(ours: dict[str, str], theirs: dict[str, str]) -> str:
    return "; ".join(
        f"{item} is {ours[item]} here and {theirs.get(item, 'missing')} there"
        for item in ours
        if ours[item] != theirs.get(item)
    )


def _kill_children() -> None:
    import psutil

    for child in psutil.Process().children(recursive=True):
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue


def cores(root: Path = Path("/")) -> int:
    """Return how many cores this process may use: at least one.

    That is the smaller of its affinity and the quota of its control group, as containers and clusters set
    it, rounded up.

    Args:
        root: Where ``proc`` and ``sys`` are.
    """
    try:
        allowed = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows have none
        allowed = os.cpu_count() or 1
    return max(1, min([allowed, *_quotas(root)]))


def _quotas(root: Path) -> list[int]:
    try:
        groups = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    found = []
    for line in groups:
        _, controllers, path = line.split(":", 2)
        mounts = {"": ("", "unified"), "cpu": ("cpu",), "cpu,cpuacct": ("cpu,cpuacct",)}.get(controllers, ())
        for mount in mounts:
            # a container may see its own group as the root
            inside = Path(path.lstrip("/"))
            for group in (inside, *inside.parents):
                found += _quota(root / "sys/fs/cgroup" / mount / group)
    return found


def _quota(group: Path) -> list[int]:
    """Read version 2 or version 1 of a control group's limit; ``max`` and -1 mean that there is none."""
    for names in (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us")):
        try:
            quota, period = " ".join((group / name).read_text() for name in names).split()
        except (OSError, ValueError):
            continue
        if quota not in ("max", "-1"):
            return [math.ceil(int(quota) / int(period))]
    return []
