"""The harness: each fault by its name in the table of README.md, tried as often as --count says.

``pytest tests/faults -n 0 --count 3 --write-table`` tries every fault three times and writes how often it was
survived into the table.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

TABLE = Path(__file__).with_name("README.md")
PATIENCE = 120
"""Nothing here takes that long, on however busy a machine [second]."""
MARK = "COSTCHECK_TESTED_BY"
"""A variable that all processes of a test inherit, however far they are from it."""
ROW = re.compile(r"\| (?P<fault>[^|]+?) \| (?P<holds>[^|]+) \| [^|]* \| [^|]* \|(?P<rest>.*)")


@dataclass
class Tally:
    """How often a fault was tried, survived, and could not be tried here."""

    tries: int = 0
    survived: int = 0
    skipped: list[str] = field(default_factory=list)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --write-table."""
    parser.addoption(
        "--write-table", action="store_true", help="write tries and survivals into tests/faults/README.md"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark, and what counts."""
    config.addinivalue_line(
        "markers", "fault(name): the fault that a test tries, as README.md's table names it"
    )
    config.stash[_TALLIES] = {}
    if not hasattr(config, "workerinput"):  # the process that hears of all tests
        config.pluginmanager.register(Counted(config))


_TALLIES = pytest.StashKey[dict[str, Tally]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each test say which fault it tries, in its report."""
    for item in items:
        for mark in item.iter_markers("fault"):
            item.user_properties.append(("fault", mark.args[0]))


@pytest.fixture
def tries(request: pytest.FixtureRequest) -> Callable[[int], None]:
    """Say that one test tries its fault several times."""
    return lambda count: request.node.user_properties.append(("tries", count))


class Counted:
    """Counts what the workers report."""

    def __init__(self, config: pytest.Config) -> None:
        self._tallies = config.stash[_TALLIES]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        told = dict(report.user_properties)
        if "fault" not in told or (report.when != "call" and report.passed):
            return
        tally = self._tallies.setdefault(told["fault"], Tally())
        if report.skipped:
            tally.skipped.append(str(report.longrepr[-1] if report.longrepr else ""))
            return
        tally.tries += told.get("tries", 1)
        tally.survived += told.get("tries", 1) * report.passed


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the tally, and write it into the table if asked to."""
    tallies = config.stash[_TALLIES]
    if not tallies:
        return
    terminalreporter.section("faults: tries, survived")
    for name, tally in sorted(tallies.items()):
        skipped = f"  (not tried here: {tally.skipped[0]})" if tally.skipped else ""
        terminalreporter.line(f"{tally.tries:6} {tally.survived:6}  {name}{skipped}")
    if config.getoption("write_table", False):
        TABLE.write_text(table_with(TABLE.read_text(encoding="utf-8"), tallies), encoding="utf-8")


def table_with(text: str, tallies: dict[str, Tally]) -> str:
    """Put tries and survivals into the table's rows; a fault that was not tried keeps what it has."""

    def line(row: str) -> str:
        found = ROW.fullmatch(row)
        tally = tallies.get(found["fault"]) if found else None
        if not found or tally is None:
            return row
        return f"| {found['fault']} | {found['holds']} | {tally.tries} | {tally.survived} |{found['rest']}"

    return "".join(f"{line(row)}\n" for row in text.splitlines())


@pytest.fixture
def table() -> Callable[[str, dict[str, Tally]], str]:
    """Give what writes the table."""
    return table_with


@pytest.fixture
def tally() -> type[Tally]:
    """Give what counts."""
    return Tally


@dataclass(frozen=True)
class Marked:
    """An environment by which all processes are found that were started with it."""

    value: str

    @property
    def environment(self) -> dict[str, str]:
        """This process's, and the mark."""
        return {**os.environ, MARK: self.value}

    def processes(self) -> list[psutil.Process]:
        """All that live, children of whomever; those that have ended and were not waited for do not count."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MARK) == self.value:
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return found

    def gone(self, patience: float = PATIENCE) -> bool:
        """Wait until none of them lives."""
        until = time.monotonic() + patience
        while left := self.processes():
            if time.monotonic() > until:
                print(*(f"left: {process.pid} {process.cmdline()}" for process in left), sep="\n")
                return False
            time.sleep(0.05)
        return True


@pytest.fixture
def marked() -> Iterator[Marked]:
    """Give an environment for a test's processes; whatever of them is left at the end is killed."""
    made = Marked(secrets.token_hex(8))
    yield made
    for process in made.processes():
        process.kill()
