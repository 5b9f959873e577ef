"""Strangers' files: nothing in them runs, leads out of a folder, takes the machine, or passes for ours."""

from __future__ import annotations

import json
import os
import resource
import signal
from pathlib import Path

import pytest

from costcheck import cli
from costcheck.prices import feeds

PATIENCE, MOST_BYTES = 120, 2**30
"""Nothing here takes that long, however busy the machine [second], nor that much memory [byte]."""
ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "figures" / "results.csv"
ORDERS = "\x1b[31m\x1b]8;;https://example.org\x07\x9b\u202e\u2066\u200b\u2028\x85\x0c"
"""What a terminal obeys, what turns text around, what is not seen, and what ends a line."""
UNSEEN = {character for character in ORDERS if not character.isprintable()} | {"\r", "\x00"}


@pytest.fixture(autouse=True)
def _bounded(tmp_path, monkeypatch):
    """End a test that hangs, and fail one that takes a gigabyte."""
    monkeypatch.setenv("COSTCHECK_CACHE", str(tmp_path / "cache"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    signal.signal(signal.SIGALRM, lambda *_: pytest.fail(f"more than {PATIENCE} s"))
    signal.alarm(PATIENCE)
    yield
    signal.alarm(0)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < MOST_BYTES, f"{grown:,} bytes more"


# ------------------------------------------------------------------------- every reader, by its command
def command(kind: str, path: Path) -> list[object]:
    """Return the command that reads a kind of file, with the file where that command looks for it."""
    if kind.startswith("scenarios"):
        path = path.rename(path.with_suffix(kind.removeprefix("scenarios")))
        # with a notebook that does not exist, in case the file should be accepted
        return ["run", "--scenarios", path, "--out", path.parent / "out", "none"]
    if kind.startswith("feed "):
        feed = kind.removeprefix("feed ")
        date = [] if feeds.FEEDS[feed].dated else ["--date", "2024-12-31"]
        return ["prices", "import", feed, path, *date, "--book", path.parent / "of_mine.csv", "--yes"]
    if kind == "notebook":
        (folder := path.parent / "a run" / "notebooks").mkdir(parents=True)
        path.rename(folder / "01_training_time.ipynb")
        return ["report", folder.parent]
    return {
        "article": ["check", path],
        "book": ["check", "--book", path],
        "results": ["compare", path, RESULTS],
    }[kind]


def refused(kind: str, path: Path, capsys) -> None:
    """Give a file to the command that reads its kind; it must be refused in lines of ours."""
    assert cli.main([str(word) for word in command(kind, path)]) in (1, 2)
    out, err = capsys.readouterr()
    assert not set(out) & UNSEEN
    assert err
    for line in err.splitlines():
        assert line.startswith("costcheck: ")
        assert line.isprintable()
        assert len(line) < 5000


KINDS = {
    "YAML": ["article", "scenarios.yaml"],
    "JSON": ["feed openrouter", "feed litellm", "scenarios.json", "notebook"],
    "CSV": ["book", "feed ecb", "feed epoch", "scenarios.csv", "results"],
    "XLSX": ["scenarios.xlsx"],
}
ANY = [kind for kinds in KINDS.values() for kind in kinds]
UNENDING = {
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a pipe": os.mkfifo,
    "5 GB": lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), 5 * 10**9),  # a hole
    "a link to itself": lambda path: path.symlink_to(path),
}
BILLION = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY a%d "%s">' % (n, (b"&a%d;" % (n - 1) if n else b"&a;") * 10) for n in range(9)
)
PARAMETERS = {"metadata": {"tags": ["parameters"]}, "outputs": [1], "source": "h100_usd = " + "(" * 10**5}
NASTY = {
    "any": {
        "nothing": b"",
        "a million brackets": b"[" * 10**6,
        "the head of a ZIP": b"PK\x03\x04" + b"\x00" * 1000,
    },
    "YAML": {
        "lists of nothing": b"[" + b"[]," * 200_000 + b"[]]",
        "an object of Python's": b"!!python/object/apply:os.system ['echo run > run']",
        "orders to a terminal": json.dumps(
            {"article": ORDERS, "claims": ORDERS}, ensure_ascii=False
        ).encode(),
    },
    "JSON": {
        "a million braces": b'{"a":' * 10**6,
        "a number of ten million digits": b"9" * 10**7,
        "orders to a terminal": json.dumps(
            {ORDERS: [{"id": ORDERS, "name": ORDERS, "pricing": ORDERS}]}
        ).encode(),
        "a notebook of another shape": b'{"cells": [{"outputs": [{"data": {"image/svg+xml": 1}}]}]}',
        "deep Python": json.dumps({"cells": [PARAMETERS]}).encode(),
    },
    "CSV": {
        "a cell of nine megabytes": b"name,h100_usd\n" + b"x" * (9 * 2**20) + b",1\n",
        "a million lines": b"name\n" + b"\n" * 10**6,
        "orders to a terminal": f"name,{ORDERS}\n{ORDERS},1\n".encode(),
        "a second line of a log": b'name\ncostcheck: fine\n"a\ncostcheck: fine",1\n',
    },
    "XLSX": {"entities of entities": BILLION + b"]><x>&a8;</x>"},
}


@pytest.mark.fault("a file that never ends: a device, a pipe, 5 GB")
@pytest.mark.parametrize(
    ("kind", "what"),
    [*(("book", what) for what in UNENDING), *((kind, "a device") for kind in ANY if kind != "book")],
)
def test_what_never_ends_is_refused_at_once(kind, what, tmp_path, capsys):
    path = tmp_path / "given.csv"
    UNENDING[what](path)
    refused(kind, path, capsys)


@pytest.mark.fault("a file made to take the machine, or to pass for another")
@pytest.mark.fault("code in a stranger's file")
@pytest.mark.parametrize(
    ("kind", "form", "what"),
    [(kind, form, what) for form, files in NASTY.items() for kind in KINDS.get(form, ANY) for what in files],
)
def test_any_reader_refuses_any_nasty_file_in_lines_of_ours(kind, form, what, tmp_path, capsys, monkeypatch):
    path = tmp_path / "given.csv"
    path.write_bytes(NASTY[form][what])
    monkeypatch.chdir(tmp_path)
    refused(kind, path, capsys)
    assert not (tmp_path / "run").exists()
    assert not (tmp_path / "of_mine.csv").exists()


# --------------------------------------------------------------------------------- what a page may show


NAMES = [
    "\x1b[2J\x1b[31mx",
    "x\ncostcheck: all is fine\rcostcheck: all is fine",
    "\x1b]8;;https://example.org\x07x\x1b]8;;\x07\u202egnp.x\u2028y\x85z",
    "[bold]x[/] [link=https://example.org]y[/link] [/nothing]",
]


@pytest.mark.fault("texts that a terminal obeys, or that pass for lines of ours")
@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_file_or_a_word_of_the_command_line_is_called_an_error_is_one_line(name, tmp_path, capsys):
    for words in (
        [name],
        ["check", f"{tmp_path / name}.yaml"],
        ["check", "--book", f"{tmp_path / name}.csv"],
        *([command, str(tmp_path / name)] for command in ("report", "compare")),
        *(["check", option, name] for option in ("--set", "--as-of", "--format")),
        *(["check", option] for option in (f"--set={name}=1", f"--set=pue={name}", f"--{name}")),
        *([command, name] for command in ("formulas", "prices", "sensitivity", "run")),
        ["prices", "import", name, "x"],
        ["run", "--log-json", "--scenarios", f"{tmp_path / name}.csv"],
    ):
        assert cli.main(words) == 2, words
        _, err = capsys.readouterr()
        assert err.count("\n") == 1, words
        assert err.removesuffix("\n").isprintable(), words
    assert json.loads(err)["event"] == "error"
