"""Execute jobs on a Dask cluster."""

from __future__ import annotations

import contextlib
import platform
import time
import warnings
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Self

from costcheck.batch.execution import TIME_LIMIT, Executed, execute
from costcheck.batch.jobs import Job, versions
from costcheck.batch.kernels import prepare
from costcheck.errors import InputError, RunError
from costcheck.text import log

ANSWER_SECONDS = 4
"""How long to wait for a scheduler, and for its first worker."""
RESTART_SECONDS = 20.0
"""How long a cluster may be without any worker: a nanny starts a dead one again within seconds."""
CLOSE_SECONDS = 2


class Dask:
    """Workers of a Dask cluster, which need the package and nothing else.

    A job whose worker dies is executed on another one. Whoever reaches the port of a scheduler can have its
    workers, and this process, execute anything; ``tls://`` keeps others out, with the certificates that
    Dask's own configuration names.

    Args:
        address: Of the scheduler, such as ``tcp://10.0.0.1:8786`` or ``tls://10.0.0.1:8786``.
        time_limit: How long each job may take on a worker [second].

    Raises:
        InputError: The package ``distributed`` is missing, or the address or Dask's configuration for it is
            wrong.
        RunError: No scheduler answers there, it has no workers, or a worker has other versions than we have.
    """

    def __init__(self, address: str, time_limit: float = TIME_LIMIT) -> None:
        self._address, self._time_limit = address, time_limit
        self._client = _connected(address)
        try:
            self._compare_versions()
        except BaseException:
            self._client.close(timeout=CLOSE_SECONDS)
            raise
        self._pool = self._client.get_executor(pure=False, retries=1)
        self._seen = time.monotonic()

    def _compare_versions(self) -> None:
        """Refuse workers that would not give the same, byte for byte."""
        try:
            self._client.wait_for_workers(1, timeout=ANSWER_SECONDS)
        except TimeoutError:
            raise RunError(
                f"--dask {self._address}: the cluster has no workers; start one with "
                f"'dask worker {self._address}'"
            ) from None
        ours = versions()
        for worker, theirs in sorted(self._client.run(versions, on_error="return").items()):
            where = f"--dask {self._address}: worker {worker}"
            if not isinstance(theirs, dict):
                raise RunError(
                    f"{where} cannot import costcheck {ours['costcheck']} ({theirs}); install the same "
                    "version there"
                )
            if differing := _differing(ours, theirs):
                raise RunError(
                    f"{where} would not give the same results: {differing}; install the same versions there, "
                    "for example from requirements.lock"
                )

    @property
    def workers(self) -> int:
        """How many jobs the cluster executes at once, as it grows and shrinks."""
        return max(1, self._count())

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
        """Have a job executed; when it starts on its worker is unknown, so it counts as begun."""
        began()
        given = versions(), job.name, job.source, dict(job.parameters), self._time_limit, job.folder
        try:
            future: Future[Executed] = self._pool.submit(_on_worker, *given)
        except Exception:
            if lost := self.lost():
                raise RunError(lost) from None
            raise
        return future

    def lost(self) -> str | None:
        """Return that the scheduler, or all of its workers, are gone, or ``None``."""
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


def _connected(address: str) -> Any:
    import dask

    # it would report each lost connection with a traceback
    dask.config.set({"logging": {"distributed": "critical", "distributed.client": "critical"}})
    import distributed
    from distributed.comm.addressing import parse_address, parse_host_port

    try:
        # a client that could not be made complains once more when it is forgotten
        scheme, place = parse_address(address)
        host, _ = parse_host_port(place)
        if scheme == "tcp" and host not in ("localhost", "127.0.0.1", "::1"):
            log.note(
                f"--dask {address}: nothing is encrypted, and who reaches that port can execute code "
                "there and here; tls:// keeps others out"
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on versions that differ, which are refused in our own words
            return distributed.Client(address, timeout=ANSWER_SECONDS, set_as_default=False)
    except (ValueError, TypeError, RuntimeError) as error:
        raise InputError(
            f"--dask {address}: not an address ({error}); expected one such as tcp://10.0.0.1:8786"
        ) from None
    except OSError as error:
        raise RunError(
            f"--dask {address}: no scheduler answers there within {ANSWER_SECONDS} s ({_innermost(error)}); "
            "start one with 'dask scheduler', or give the address that it printed"
        ) from None


def _innermost(error: BaseException) -> str:
    while error.__cause__:
        error = error.__cause__
    return next(iter(str(error).splitlines()), "") or type(error).__name__


def _on_worker(
    expected: dict[str, str],
    name: str,
    source: bytes,
    parameters: dict[str, float | str],
    time_limit: float,
    folder: str | None,
) -> Executed:
    """Execute a job on a worker, which may have come after the versions were compared."""
    if differing := _differing(expected, versions()):
        raise RunError(f"worker {platform.node()} has other versions: {differing}")
    prepare()
    return execute(name, source, parameters, time_limit=time_limit, folder=folder)


def _differing(ours: dict[str, str], theirs: dict[str, str]) -> str:
    return "; ".join(
        f"{item} is {ours[item]} here and {theirs.get(item, 'missing')} there"
        for item in ours
        if ours[item] != theirs.get(item)
    )
