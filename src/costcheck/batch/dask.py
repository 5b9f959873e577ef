"""Execute jobs on a Dask cluster."""

from __future__ import annotations

import contextlib
import platform
import time
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, Self

from costcheck.batch.execution import ENGINE, TIME_LIMIT, Executed, execute
from costcheck.batch.jobs import Job, versions
from costcheck.batch.kernels import prepare
from costcheck.errors import InputError, RunError

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

    Raises:
        InputError: The address or Dask's configuration for it is wrong.
        RunError: No scheduler answers there, it has no workers, or a worker has other versions than we have.
    """

    def __init__(self, address: str, time_limit: float = TIME_LIMIT, engine: str = ENGINE) -> None:
        self._option, self._how = f"--dask {address}", (time_limit, engine)
        self._client = _connected(address)
        try:
            self._client.wait_for_workers(1, timeout=ANSWER_SECONDS)
            self._compare_versions()
        except BaseException as error:
            self._client.close(timeout=CLOSE_SECONDS)
            if isinstance(error, TimeoutError):
                start = f"start one with 'dask worker {address}'"
                raise RunError(f"{self._option}: the cluster has no workers; {start}") from None
            raise
        self._pool = self._client.get_executor(pure=False, retries=1)
        self._seen = time.monotonic()

    def _compare_versions(self) -> None:
        """Refuse workers that would not give the same, byte for byte."""
        ours = versions()
        for worker, theirs in sorted(self._client.run(versions, on_error="return").items()):
            where = f"{self._option}: worker {worker}"
            if not isinstance(theirs, dict):
                raise RunError(f"{where} cannot import costcheck ({theirs}); install the same version there")
            for item, version in ours.items():
                if (other := theirs.get(item, "missing")) != version:
                    differing = f"{item} is {version} here and {other} there"
                    raise RunError(f"{where} would not give the same results: {differing}; install the same")

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
        kept = "what was finished is kept, and the same command goes on from there once it can"
        return f"{self._option}: {what}; {kept}"

    def submit(self, job: Job, began: Callable[[], object]) -> Future[Executed]:
        """Have a job executed; when it starts on its worker is unknown, so it counts as begun."""
        began()
        try:
            future: Future[Executed] = self._pool.submit(_on_worker, versions(), job, *self._how)
        except Exception as error:
            raise RunError(self.lost() or str(error)) from None
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
        parse_host_port(place)
        if scheme == "tls" and not distributed.Security().get_connection_args("client")["ssl_context"]:
            raise ValueError("Dask's configuration names no certificates for it")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on versions that differ, which are refused in our own words
            return distributed.Client(address, timeout=ANSWER_SECONDS, set_as_default=False)
    except (ValueError, TypeError, RuntimeError) as error:
        raise InputError(
            f"--dask {address}: not an address ({error}); expected one such as tcp://10.0.0.1:8786"
        ) from None
    except OSError:
        raise RunError(
            f"--dask {address}: no scheduler answers there within {ANSWER_SECONDS} s; "
            "start one with 'dask scheduler', or give the address that it printed"
        ) from None


def _on_worker(expected: Mapping[str, str], job: Job, time_limit: float, engine: str) -> Executed:
    if versions() != expected:
        raise RunError(f"worker {platform.node()}, which came later, has other versions")
    prepare()
    return execute(job, time_limit, engine)
