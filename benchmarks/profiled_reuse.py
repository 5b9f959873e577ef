"""Where the time of a run goes in which nothing is executed again, for `reuse`.

    python benchmarks/profiled_reuse.py RESULT.json ARGUMENT...

Runs ``costcheck run`` with these arguments in this process, and writes the CPU seconds of each part.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

taken: dict[str, float] = {"Python starts": time.process_time()}
inside: list[float] = []
"""What was counted already within each part that goes on."""


def counted(part: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """Count the time of a function but for that of other parts which it calls."""

    @wraps(call)
    def counting(*arguments: Any, **options: Any) -> Any:
        since = time.process_time()
        inside.append(0.0)
        try:
            return call(*arguments, **options)
        finally:
            whole = time.process_time() - since
            taken[part] = taken.get(part, 0.0) + whole - inside.pop()
            if inside:
                inside[-1] += whole

    return counting


def main() -> None:
    """Run, and write what took how long."""
    from costcheck import cli

    @lambda load: counted("packages are imported", load)()
    def modules() -> Any:
        from costcheck.batch import cache, local, runner
        from costcheck.cli import run
        from costcheck.data import files
        from costcheck.results import report
        from costcheck.results.report import page, run_folder

        report.prepare()
        return cache, local, runner, run, files, page, run_folder

    cache, _, runner, _, files, page, run_folder = modules
    from costcheck.claims import articles

    counted("the articles are read", articles)()
    for owner, name, part in (
        (cache.Cache, "get", "the cache is read and its checksums are compared"),
        (runner, "_read", "JSON is read, once to write results and once for the report"),
        (run_folder, "read_notebook", "JSON is read, once to write results and once for the report"),
        (files, "write", "files are compared with what they would be"),
        (page, "html", "the report's page is made"),
    ):
        setattr(owner, name, counted(part, getattr(owner, name)))
    result, *arguments = sys.argv[1:]
    status = counted("all else", cli.main)(["run", *arguments])
    Path(result).write_text(json.dumps(taken))
    sys.exit(status)


if __name__ == "__main__":
    main()
