"""Where the CPU time of `costcheck run` goes, for `cpu`.

    python benchmarks/profiled_run.py SCENARIOS NOTEBOOK... OUT RESULT.json

Runs the scenarios in this process. Probes before each notebook's first cell and behind its last tell the CPU
time that its kernel has used since it was forked. The system tells that of the fork server and, in all, of
its kernels. This process's main thread reads and writes results, its other threads talk to kernels.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil

from costcheck.batch import scenarios
from costcheck.batch.jobs import Template
from costcheck.batch.runner import chosen, run, templates

PROBE = "import time as _time\nprint('PROBE', _time.process_time())"


def probed(template: Template) -> Template:
    """Put a probe before the first cell and behind the last."""
    notebook = json.loads(template.source)
    probe: dict[str, object] = {
        "cell_type": "code",
        "metadata": {},
        "source": PROBE,
        "outputs": [],
        "execution_count": None,
    }
    notebook["cells"] = [{**probe, "id": "first"}, *notebook["cells"], {**probe, "id": "last"}]
    return replace(template, source=json.dumps(notebook).encode())


def probes(path: Path) -> list[float]:
    """Read what the probes of an executed notebook said [second]."""
    texts = (
        "".join(output["text"])
        for cell in json.loads(path.read_bytes())["cells"]
        for output in cell.get("outputs", ())
        if output["output_type"] == "stream"
    )
    return [float(text.split()[1]) for text in texts if text.startswith("PROBE")]


def main() -> None:
    """Run one job to start everything, then all of them, and write CPU seconds once and per job."""
    file, *numbers, out, result = sys.argv[1:]
    read = scenarios.read(Path(file))
    probes_in = [probed(template) for template in templates(chosen(numbers))]
    run(probes_in[:1], read[:1], Path(out), fresh=True)
    ours, main_thread = time.process_time(), time.thread_time()
    (server,) = psutil.Process().children()
    then = server.cpu_times()
    since = time.perf_counter()
    outcome = run(probes_in, read, Path(out), fresh=True)
    wall = time.perf_counter() - since
    now = server.cpu_times()
    if outcome.failed:
        sys.exit(str(outcome.failed[0]))
    writing = time.thread_time() - main_thread
    talking = time.process_time() - ours - writing
    forking = now.user + now.system - then.user - then.system
    kernels = now.children_user + now.children_system - then.children_user - then.children_system
    told = [probes(path) for path in sorted(Path(out).glob("*/notebooks/*.ipynb"))]
    boot = sum(first for first, _ in told)
    cells = sum(last - first for first, last in told)
    jobs = outcome.executed
    taken = {
        "job: the fork server forks": forking,
        "job: the kernel starts": boot,
        "job: the kernel runs the cells, renders and sends": cells,
        "job: the kernel ends": kernels - boot - cells,
        "job: the client talks to kernels and cleans notebooks": talking,
        "job: the client reads results and writes them": writing,
    }
    told_once = {
        "once: the client imports, and executes a first job": ours,
        "once: the fork server imports": then.user + then.system,
        "wall": wall / jobs,
    }
    each = {what: seconds / jobs for what, seconds in taken.items()}
    Path(result).write_text(json.dumps(each | told_once))


if __name__ == "__main__":
    main()
