"""Strangers' files: nothing in them runs, leads out of a folder, takes the machine, or passes for ours."""

from __future__ import annotations

import ast
import csv
import html.parser
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import fuzz

from costcheck import cli
from costcheck.batch import runner, scenarios
from costcheck.batch.execution import Executed
from costcheck.batch.jobs import Template
from costcheck.claims import load
from costcheck.claims.loading import Text
from costcheck.data import files, locks
from costcheck.errors import InputError, RunError, unknown
from costcheck.notebook import show
from costcheck.prices import feeds, own_file
from costcheck.prices.book import PriceBook
from costcheck.results import comparison, export, report
from costcheck.results.executed import read as read_notebook
from costcheck.results.report import reading
from costcheck.text import log
from costcheck.text.spreadsheets import csv_text, unguarded
from costcheck.text.terminal import console

PATIENCE, MOST_BYTES = 120, 2**30
"""Nothing here takes that long, however busy the machine [second], nor that much memory [byte]."""
RESULTS = fuzz.ROOT / "figures" / "results.csv"
ORDERS = "\x1b[31m\x1b]8;;https://example.org\x07\x9b\u202e\u2066\u200b\u2028\x85\x0c"
"""What a terminal obeys, what turns text around, what is not seen, and what ends a line."""
SEEN = {character for character in ORDERS if not character.isprintable()} | {"\r", "\x00"}


@pytest.fixture(autouse=True)
def _bounded():
    """End a test that hangs, and fail one that takes a gigabyte."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, lambda *_: pytest.fail(f"more than {PATIENCE} s"))
        signal.alarm(PATIENCE)
    yield
    signal.alarm(0)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < MOST_BYTES, f"{grown:,} bytes more"


# ------------------------------------------------------------------------- every reader, by its command
def run_of(path: Path) -> Path:
    """Put a file where a run has its notebook."""
    folder = path.parent / "a run"
    (folder / "notebooks").mkdir(parents=True, exist_ok=True)
    os.rename(path, folder / "notebooks" / "01_training_time.ipynb")
    return folder


def importing(feed):
    date = [] if feeds.FEEDS[feed].dated else ["--date", "2024-12-31"]

    def command(path):
        return ["prices", "import", feed, path, *date, "--book", path.parent / "of_mine.csv", "--yes"]

    return command


def running(suffix):
    def command(path):
        named = path.parent / f"mine{suffix}"
        os.rename(path, named)
        # a notebook that there is not: what a right file of scenarios would lead to is no part of this
        return ["run", "--scenarios", named, "--out", path.parent / "out", "no such notebook"]

    return command


def results_of_a_run(path: Path) -> list[object]:
    folder = path.parent / "a run"
    (folder / "notebooks").mkdir(parents=True)
    os.rename(path, folder / "results.csv")
    return ["report", folder]


COMMANDS = {
    "article": lambda path: ["check", path],
    **{f"scenarios_{suffix[1:]}": running(suffix) for suffix in (".csv", ".yaml", ".json", ".xlsx")},
    "book": lambda path: ["check", "--book", path],
    **{f"feed_{name}": importing(name) for name in feeds.FEEDS},
    "results": lambda path: ["compare", path, RESULTS],
    "notebook": lambda path: ["report", run_of(path)],
    "prices of a notebook": lambda path: ["compare", run_of(path), RESULTS],
    "results of a run": results_of_a_run,
}


def told(arguments, capsys, status=(0, 1, 2)):
    """Run a command; hold what it says to being ours, line by line."""
    given = [str(one) for one in arguments]
    assert cli.main(given) in status
    out, err = capsys.readouterr()
    assert not set(out) & SEEN
    for line in err.splitlines():
        assert line.startswith("costcheck: ")
        assert line.isprintable()
        assert len(line) < 5000
    return out, err


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def fifo(path: Path) -> None:
    os.mkfifo(path)


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(5 * 10**9)  # a hole, which takes no room


def memory(path: Path) -> None:
    path.symlink_to("/proc/self/mem")


def itself(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.fault("a file that never ends: a device, a pipe, 5 GB")
@pytest.mark.skipif(
    not Path("/dev/zero").exists() or not hasattr(os, "mkfifo"), reason="needs devices and pipes"
)
@pytest.mark.parametrize("made", [endless, fifo, huge, memory, itself])
@pytest.mark.parametrize("reader", COMMANDS)
def test_what_never_ends_is_refused_at_once(reader, made, tmp_path, capsys):
    path = tmp_path / "given.csv"
    made(path)
    out, err = told(COMMANDS[reader](path), capsys, status=(1, 2))
    assert err
    assert not out


BILLION = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY a%d "%s">' % (n, (b"&a%d;" % (n - 1) if n else b"&a;") * 10) for n in range(9)
)
NASTY = {
    "nothing": b"",
    "a million brackets": b"[" * 10**6,
    "a million braces": b'{"a":' * 10**6,
    "lists of nothing": b"[" + b"[]," * 200_000 + b"[]]",
    "indented ever deeper": b"".join(b" " * n + b"a:\n" for n in range(2000)),
    "a number of ten million digits": b"9" * 10**7,
    "such a number in JSON": b'{"a": ' + b"9" * 10**6 + b"}",
    "more than a computer can hold": b"1e999999999",
    "a cell of nine megabytes": b"name,h100_usd\n" + b"x" * (9 * 2**20) + b",1\n",
    "a column of nine megabytes": b"x" * (9 * 2**20) + b"\n1\n",
    "a million columns": b"x," * 10**6 + b"\n",
    "a million lines": b"name\n" + b"\n" * 10**6,
    "a quotation that never ends": b'name\n"' + b"x\n" * 10**5,
    "bytes that are no text": b"\xff\xfe\xed\xa0\x80" * 1000,
    "NUL": b"\x00" * 10**6,
    "NUL in a table": b"name,h100_usd\na\x00,1\n",
    "aliases of aliases": b"a: &a [x,x]\n" + b"".join(b"b%d: &b%d [*a,*a]\n" % (n, n) for n in range(99)),
    "an object of Python's": b"!!python/object/apply:os.system ['echo run > run']",
    "a pickle": b"cposix\nsystem\n(S'echo run > run'\ntR.",
    "entities of entities": BILLION + b"]><x>&a8;</x>",
    "orders to a terminal": f"name,{ORDERS}\n{ORDERS},1\n".encode(),
    "such orders in JSON": json.dumps({ORDERS: [{"id": ORDERS, "name": ORDERS, "pricing": ORDERS}]}).encode(),
    "such orders in YAML": json.dumps({"article": ORDERS, "claims": ORDERS}, ensure_ascii=False).encode(),
    "a second line of a log": b'name\ncostcheck: fine\n"a\ncostcheck: fine",1\n',
    "the head of a ZIP": b"PK\x03\x04" + b"\x00" * 1000,
}


@pytest.mark.fault("a file made to take the machine, or to pass for another")
@pytest.mark.parametrize("what", NASTY)
@pytest.mark.parametrize("reader", COMMANDS)
def test_any_reader_refuses_any_nasty_file_in_lines_of_ours(reader, what, tmp_path, capsys, monkeypatch):
    path = tmp_path / "given.csv"
    path.write_bytes(NASTY[what])
    monkeypatch.chdir(tmp_path)
    _, err = told(COMMANDS[reader](path), capsys, status=(1, 2))
    assert err
    assert not (tmp_path / "run").exists()
    assert not (tmp_path / "of_mine.csv").exists()


VALUES = [b"1e999999999", b"NaN", b"-Infinity", b"9" * 10**5, b"0", b"-1", b"1_0", b"", b"null", b"true"]


@pytest.mark.fault("a file made to take the machine, or to pass for another")
@pytest.mark.parametrize(
    "reader", [name for name in COMMANDS if name in fuzz.TARGETS and "notebook" not in name]
)
def test_a_number_that_is_none_is_refused_or_left_out(reader, tmp_path, capsys):
    seed = next(iter(fuzz.TARGETS[reader].seeds()))
    number = re.search(rb"(?<![\w.-])\d+\.?\d*(?=[\",\n\s}\]])", seed)
    if number is None:
        assert seed.startswith(b"PK")
        return
    for nth, value in enumerate(VALUES):
        folder = tmp_path / str(nth)
        folder.mkdir()
        path = folder / "given.csv"
        path.write_bytes(seed[: number.start()] + value + seed[number.end() :])
        told(COMMANDS[reader](path), capsys)


# -------------------------------------------------------------------------------------------- workbooks
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'
HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row>'


@pytest.mark.fault("a small workbook that unpacks to a large one")
@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        pytest.param(
            f'<sheetData>{HEAD}</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
            "cells A1:XFD1048576 are merged",
            id="all cells merged",
        ),
        pytest.param(
            f'<sheetData>{HEAD}<row r="100001"><c r="CV100001"><v>1</v></c></row></sheetData>',
            "row 100001: 100 cells, but the header has 1 columns",
            id="one cell far off",
        ),
        pytest.param(
            f"<sheetData>{HEAD}{('<row>' + '<c/>' * 100 + '</row>') * 70_000}</sheetData>",
            "has more in it than 600,000 cells take",
            id="seven million cells",
        ),
        pytest.param(
            f"<sheetData>{HEAD}<row>{'<x:c/>' * 700_000}</row></sheetData>",
            "has more in it than 600,000 cells take",
            id="of another name",
        ),
        pytest.param(
            f"<sheetData>{HEAD}"
            + "".join(f'<row><c><v>1</v></c><c r="XFD{n}"/></row>' for n in range(2, 9_000))
            + "</sheetData>",
            "more than 100 columns",
            id="empty cells far to the right",
        ),
        pytest.param("<a>" * 100_000 + "</a>" * 100_000, "the workbook is empty", id="deep"),
        pytest.param(f"<sheetData>{'<row/>' * 50_000}</sheetData>", "workbook is empty", id="empty rows"),
    ],
)
def test_a_sheet_is_not_made_larger_than_what_is_read_of_it(sheet, said, tmp_path):
    path = tmp_path / "mine.xlsx"
    path.write_bytes(zipped(fuzz.workbook(SHEET.format(sheet).encode())))
    assert path.stat().st_size < 2**20
    with pytest.raises(InputError, match=re.escape(said)):
        scenarios.read(path)


@pytest.mark.fault("a small workbook that unpacks to a large one")
def test_a_million_texts_that_no_cell_shows_are_refused(tmp_path):
    parts = unzipped(fuzz.workbook(SHEET.format(f"<sheetData>{HEAD}</sheetData>").encode()))
    parts["xl/sharedStrings.xml"] = b"<sst>" + b"<si/>" * 1_000_000 + b"</sst>"
    path = tmp_path / "mine.xlsx"
    path.write_bytes(packed(parts))
    with pytest.raises(InputError, match=r"'xl/sharedStrings.xml' has more in it"):
        scenarios.read(path)


def unzipped(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return made.getvalue()


def zipped(content: bytes) -> bytes:
    return packed(unzipped(content))


@pytest.mark.fault("a file made to take the machine, or to pass for another")
def test_a_million_rows_are_compared_and_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr(comparison, "MOST_ROWS", 1)
    path = tmp_path / "results.csv"
    path.write_bytes(RESULTS.read_bytes())
    with pytest.raises(InputError, match="more than 1 rows"):
        comparison.read([path, path])


@pytest.mark.fault("a file made to take the machine, or to pass for another")
def test_a_feed_of_json_that_is_larger_than_any_is_not_parsed():
    with pytest.raises(InputError, match="larger than 16 MiB"):
        feeds.read("litellm", b"[" + b"[]," * (6 * 2**20), "map.json", "2024-12-31")


# ------------------------------------------------------------------------------- nothing outside of OUT
@pytest.fixture
def outside(tmp_path):
    """A folder of a user's that no command was given."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    yield folder
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]
    assert (folder / "mine.txt").read_text() == "mine"


class Stranger:
    """Executes nothing, and gives back a notebook of its own, as a worker of somebody else's could."""

    workers = 1

    def __init__(self, figure: str) -> None:
        svg = {"image/svg+xml": "<svg>"}
        output = {"data": svg, "metadata": {"costcheck": {"figure": figure, "alt": ""}}}
        self._made = json.dumps({"cells": [{"outputs": [output]}]}).encode()

    def submit(self, job, began):
        from concurrent.futures import Future

        future = Future()
        future.set_result(Executed(self._made, None, 0.1))
        return future

    def lost(self):
        return None

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        pass


TEMPLATES = [Template("a", b"source of a", ())]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("COSTCHECK_CACHE", str(tmp_path / "cache"))


@pytest.mark.fault("links and names that lead out of OUT")
@pytest.mark.parametrize("inside", ["notebooks", "figures"])
def test_a_run_writes_nothing_behind_a_link_in_its_folder(inside, outside, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / inside).symlink_to(outside)
    with pytest.raises(RunError, match="a link that leads out of"):
        runner.run(TEMPLATES, PriceBook.article(), out, executor=Stranger("fine"))


@pytest.mark.fault("links and names that lead out of OUT")
def test_a_scenarios_folder_is_none_behind_a_link(outside, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "cheap").symlink_to(outside)
    with pytest.raises(RunError, match="a link that leads out of"):
        runner.run(
            TEMPLATES,
            [scenarios.Scenario("cheap", PriceBook.article())],
            tmp_path / "out",
            executor=Stranger("fine"),
        )


@pytest.mark.fault("links and names that lead out of OUT")
@pytest.mark.parametrize(
    "name", ["results.csv", "results.parquet", "results.xlsx", "notebooks/a.ipynb", "figures/fine.svg"]
)
def test_a_link_in_the_place_of_a_result_is_replaced_not_followed(name, outside, tmp_path, monkeypatch):
    monkeypatch.setattr(runner.export, "xlsx", lambda *_: b"PK")
    monkeypatch.setattr(runner.export, "parquet", lambda *_: b"PAR1")
    path = tmp_path / "out" / name
    path.parent.mkdir(parents=True)
    path.symlink_to(outside / "mine.txt")
    runner.run(TEMPLATES, PriceBook.article(), tmp_path / "out", executor=Stranger("fine"))
    assert not path.is_symlink()


@pytest.mark.fault("links and names that lead out of OUT")
@pytest.mark.parametrize(
    "figure", ["../../outside/mine", "/tmp/x", "a/b", "..", "", "a\\b", "C:x", "x.svg\0"]
)
def test_a_figure_whose_name_is_a_path_is_not_written(figure, outside, tmp_path):
    with pytest.raises(RunError, match="no file can have"):
        runner.run(TEMPLATES, PriceBook.article(), tmp_path / "out", executor=Stranger(figure))


@pytest.fixture
def a_run(tmp_path):
    """A run of one notebook."""
    folder = tmp_path / "strangers"
    (folder / "notebooks").mkdir(parents=True)
    (folder / "notebooks" / "01_training_time.ipynb").write_bytes(
        (fuzz.ROOT / "notebooks" / "01_training_time.ipynb").read_bytes()
    )
    return folder


@pytest.mark.fault("links and names that lead out of OUT")
@pytest.mark.parametrize("link", ["notebooks", "notebooks/01_training_time.ipynb"])
def test_a_report_reads_nothing_behind_a_link_out_of_the_run(link, a_run, tmp_path, capsys):
    os.rename(a_run / link, tmp_path / "moved")
    (a_run / link).symlink_to(tmp_path / "moved")
    _, err = told(["report", a_run], capsys, status=(2,))
    assert "a link that leads out of" in err
    assert not (a_run / "report.html").exists()


@pytest.mark.fault("links and names that lead out of OUT")
def test_a_link_within_a_run_is_one_of_its_own(a_run, capsys):
    os.rename(a_run / "notebooks", a_run / "first")
    (a_run / "notebooks").symlink_to("first")
    told(["report", a_run], capsys, status=(0,))


@pytest.mark.fault("links and names that lead out of OUT")
@pytest.mark.parametrize("command", ["report", "run"])
def test_a_link_in_the_place_of_the_lock_is_not_followed(command, a_run, outside, capsys):
    (a_run / locks.LOCK).symlink_to(outside / "mine.txt")
    if command == "report":
        told(["report", a_run], capsys)
    else:
        runner.run(TEMPLATES, PriceBook.article(), a_run, executor=Stranger("fine"))


@pytest.mark.fault("links and names that lead out of OUT")
def test_the_prices_of_a_run_are_not_read_behind_a_link(a_run, outside, capsys):
    (a_run / "prices.csv").symlink_to(outside / "mine.txt")
    _, err = told(["report", a_run], capsys, status=(2,))
    assert "a link that leads out of" in err


@pytest.mark.fault("a file that never ends: a device, a pipe, 5 GB")
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
@pytest.mark.parametrize("name", ["prices.csv", "results.csv", "report.html"])
@pytest.mark.parametrize("made", [fifo, huge])
def test_no_file_of_a_run_is_waited_for(name, made, a_run, capsys):
    made(a_run / name)
    told(["report", a_run], capsys)


@pytest.mark.fault("links and names that lead out of OUT")
def test_a_report_is_written_in_the_place_of_a_link(a_run, outside, capsys):
    (a_run / "report.html").symlink_to(outside / "mine.txt")
    told(["report", a_run], capsys, status=(0,))
    assert not (a_run / "report.html").is_symlink()


@pytest.mark.fault("links and names that lead out of OUT")
@pytest.mark.parametrize("name", ["../another", "/another", "..", "another/../../another", "C:\\x"])
def test_a_scenario_named_by_results_is_a_folder_in_the_run_or_none(name, a_run, tmp_path):
    another = tmp_path / "another"
    (another / "notebooks").mkdir(parents=True)
    (another / "notebooks" / "02_entry_ticket.ipynb").write_bytes(b"{}")
    name = str(another) if name == "/another" else name
    rows = [dict.fromkeys(comparison.COLUMNS, "") | {"scenario": one} for one in (name, "b")]
    (a_run / "results.csv").write_text(csv_text(comparison.COLUMNS, rows))
    found = reading.runs(a_run)
    assert {path.parent for _, paths in found for path in paths} == {a_run / "notebooks"}


@pytest.mark.fault("links and names that lead out of OUT")
def test_results_behind_a_link_are_not_those_of_a_run(tmp_path, capsys):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "results.csv").symlink_to(RESULTS)
    _, err = told(["compare", tmp_path / "run", RESULTS], capsys, status=(2,))
    assert "a link that leads out of" in err


# --------------------------------------------------------------------------------- what a page may show
class Page(html.parser.HTMLParser):
    """Counts what could run, load or lead elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.addresses = [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attributes}
        self.addresses += [
            (tag, value) for name, value in attributes if name in ("href", "src", "action", "srcset")
        ]


def held(text: str) -> Page:
    """Hold a page to what ours has."""
    page = Page(text)
    assert page.tags.count("script") == 1
    assert not {"iframe", "object", "embed", "base", "foreignobject", "svg", "template"} & set(page.tags)
    assert not [name for name in page.attributes if name.startswith("on") or name in ("style", "srcdoc")]
    for tag, address in page.addresses:
        starts = {"img": "data:image/svg+xml,", "link": "data:,"}.get(tag, ("#", "https://", "http://"))
        assert address.startswith(starts), (tag, address[:80])
    return page


def executed(**changed):
    """The least of an executed notebook, with some outputs changed."""
    notebook = json.loads(list(fuzz.notebooks())[-1])
    shown = notebook["cells"][2]["outputs"]
    shown[0]["data"]["text/markdown"] = changed.get("finding", "fine")
    shown[1]["data"]["image/svg+xml"] = changed.get("svg", '<svg width="72pt" height="36pt"></svg>')
    shown[1]["metadata"]["costcheck"] |= {
        "figure": changed.get("figure", "one"),
        "alt": changed.get("alt", ""),
    }
    shown[2]["evalue"] = changed.get("error", "")
    notebook["cells"][0]["source"] = changed.get("head", "# A title\n\n**A question?**")
    return json.dumps(notebook, ensure_ascii=False)


def page_of(tmp_path: Path, **changed) -> str:
    folder = tmp_path / "run"
    (folder / "notebooks").mkdir(parents=True, exist_ok=True)
    (folder / "notebooks" / "mine.ipynb").write_text(executed(**changed), "utf-8")
    return report.build(folder)


TEXTS = [
    "<script>alert(1)</script>",
    "</title></style></script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)><svg onload=alert(1)><iframe srcdoc=x></iframe>",
    '" onload="alert(1)" \' onerror=\'alert(1)',
    "[x](javascript:alert(1)) [y](javascript&#58;alert(1)) [z](JaVaScRiPt:alert(1)) [v](\tvbscript:x)",
    "[x](data:text/html,<script>alert(1)</script>) <javascript:alert(1)> [f](file:///etc/passwd)",
    "![x](https://example.org/spy.png) ![y](//example.org/z)",
    "[x]: javascript:alert(1)\n\n[x]",
    "{{ 7*7 }} {% raw %} ${7*7}",
    "<!-- --> <![CDATA[ ]]> <?php ?> <base href=https://example.org>",
    ORDERS,
]


@pytest.mark.fault("a notebook whose texts or figures would run, load or lead elsewhere")
@pytest.mark.parametrize("text", TEXTS)
def test_no_text_of_a_notebook_becomes_more_than_text_in_a_report(text, tmp_path):
    made = page_of(tmp_path, finding=text, figure=text, alt=text, error=text, head=f"# {text}\n\n**{text}**")
    page = held(made)
    assert not set(made) & SEEN
    assert "49" not in made.partition('<div class="finding"')[2].partition("</div>")[0]
    assert made.count("Content-Security-Policy") == 1
    assert "default-src 'none'" in made
    assert page.tags.count("img") == 1


FIGURES = [
    "<svg><script>alert(1)</script></svg>",
    "<svg><s:script xmlns:s='http://www.w3.org/2000/svg'/></svg>",
    "<svg onload='alert(1)'/>",
    '<svg><path\nonclick = "x"/></svg>',
    "<svg><foreignObject><iframe src='//example.org'/></foreignObject></svg>",
    '<svg><a href="https://example.org"><path/></a></svg>',
    '<svg><use xlink:href="https://example.org/x.svg#a"/></svg>',
    '<svg><image href="https://example.org/spy.png"/></svg>',
    '<svg><image href="data:image/svg+xml,x"/></svg>',
    "<svg><style>@import url(//example.org/x.css)</style></svg>",
    "<svg><style>*{fill:url(//example.org/x)}</style></svg>",
    '<svg><path style="fill:u\\72l(//example.org)"/></svg>',
    '<svg><path style="fill:u&#114;l(//example.org)"/></svg>',
    '<svg><animate attributeName="href" to="javascript:alert(1)"/></svg>',
    "<svg><set/></svg>",
    '<!DOCTYPE svg [<!ENTITY a "aa">]><svg>&a;</svg>',
    '<svg><!ENTITY a "aa"></svg>',
    '<?xml-stylesheet href="//example.org"?><svg/>',
    "<svg><?xml-stylesheet href='//example.org'?></svg>",
    "<html><svg/></html>",
    "",
    "<svg><![CDATA[<script>]]></svg>",
]


@pytest.mark.fault("a notebook whose texts or figures would run, load or lead elsewhere")
@pytest.mark.parametrize("svg", FIGURES)
def test_a_figure_that_could_run_or_load_is_refused(svg, tmp_path):
    with pytest.raises(InputError, match="which no figure of costcheck has"):
        page_of(tmp_path, svg=svg)


@pytest.mark.fault("a notebook whose texts or figures would run, load or lead elsewhere")
@pytest.mark.parametrize(
    "part",
    [
        'style="',
        "<style ",
        "<style>",
        "style='",
        'style="\\',
        "<!--",
        "url (",
        " on",
        "<g ",
        "href ",
        "<feA",
        " ",
    ],
)
def test_telling_what_is_in_a_figure_takes_time_in_proportion_to_its_length(part):
    # a search that starts over at each of these would take hours
    reading._odd("<svg>" + part * (2**21 // len(part)))


@pytest.mark.fault("a notebook whose texts or figures would run, load or lead elsewhere")
def test_every_figure_of_ours_is_one_of_costcheck():
    for path in (fuzz.ROOT / "notebooks").glob("*.ipynb"):
        for svg in read_notebook(json.loads(path.read_bytes())).figures.values():
            assert reading._odd(svg) == ""


@pytest.mark.fault("a notebook whose texts or figures would run, load or lead elsewhere")
def test_a_page_that_says_it_was_made_of_the_same_notebooks_is_not_taken_for_ours(a_run, capsys):
    # who makes a run can work out all that such a page says of itself
    ours = report.build(a_run)
    body = ours.rpartition(report.SEAL)[0].replace("<body", "<body data-forged", 1)
    (a_run / "report.html").write_text(report._sealed(body), encoding="utf-8")
    assert report._is_whole((a_run / "report.html").read_text(encoding="utf-8"))
    told(["report", a_run], capsys, status=(0,))
    assert (a_run / "report.html").read_text(encoding="utf-8") == ours


@pytest.mark.fault("a notebook whose texts or figures would run, load or lead elsewhere")
@pytest.mark.parametrize(
    "shape",
    [
        {"cells": None},
        {"cells": [None]},
        {"cells": [{"outputs": [{"output_type": "display_data", "data": {"image/svg+xml": {"a": 1}}}]}]},
        {"cells": [{"cell_type": "code", "outputs": [{"output_type": "x", "data": {show.ROWS: "rows"}}]}]},
        {"cells": [{"cell_type": "code", "outputs": [{"output_type": "x", "data": {show.ROWS: [[]]}}]}]},
        {
            "cells": [
                {
                    "outputs": [
                        {
                            "output_type": "x",
                            "data": {show.SVG: "<svg>"},
                            "metadata": {"costcheck": ["figure"]},
                        }
                    ]
                }
            ]
        },
        {
            "cells": [
                {"metadata": {"tags": ["parameters"]}, "outputs": [1], "source": "h100_usd = " + "(" * 10**5}
            ]
        },
        {
            "cells": [
                {"metadata": {"tags": ["parameters"]}, "outputs": [1], "source": "x = " + "-" * 10**5 + "1"}
            ]
        },
    ],
)
def test_a_bundle_of_another_shape_is_refused(shape, tmp_path, capsys):
    path = tmp_path / "x"
    path.write_text(json.dumps(shape))
    _, err = told(["report", run_of(path)], capsys, status=(2,))
    assert "01_training_time.ipynb" in err


# ------------------------------------------------------------------------------------- on a terminal
def of_ours() -> list[dict[str, str]]:
    """Three rows of results of ours."""
    with RESULTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))[:3]


NAMES = [
    "\x1b[2J\x1b[31mx",
    "\x1b]8;;https://example.org\x07x\x1b]8;;\x07",
    "x\ncostcheck: all is fine",
    "x\rcostcheck: all is fine",
    "\u202egnp.x",
    "x\u2028y\x85z",
    "\x9b31mx",
    "[bold]x[/] [link=https://example.org]y[/link] [/nothing]",
    "x\u200by\U000e0041",
]


@pytest.mark.fault("texts that a terminal obeys, or that pass for lines of ours")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("as_json", [False, True])
def test_whatever_a_file_is_called_an_error_is_one_line_that_shows_it(name, as_json, tmp_path, capsys):
    for suffix, command in (
        (".yaml", ["check"]),
        (".csv", ["check", "--book"]),
        ("", ["report"]),
        ("", ["compare"]),
    ):
        log = ["--log-json"] if as_json else []
        path = tmp_path / f"{name}{suffix}"
        if as_json:
            command, path = ["run", "--scenarios"], tmp_path / f"{name}.csv"
        assert cli.main([*command, str(path), *log]) == 2
        _, err = capsys.readouterr()
        assert err.count("\n") == 1
        assert err.removesuffix("\n").isprintable()
        if as_json:
            assert json.loads(err)["event"] == "error"
        else:
            assert err.startswith(f"costcheck: {tmp_path}")


@pytest.mark.fault("texts that a terminal obeys, or that pass for lines of ours")
@pytest.mark.parametrize("name", NAMES)
def test_whatever_a_word_of_the_command_line_says_an_error_is_one_line(name, capsys):
    for words in (
        [name],
        *(["check", option, name] for option in ("--set", "--as-of", "--format")),
        *(["check", option] for option in (f"--set={name}=1", f"--set=pue={name}", f"--{name}")),
        *([command, name] for command in ("formulas", "prices", "sensitivity", "run")),
        ["prices", "import", name, "x"],
    ):
        assert cli.main(words) == 2
        _, err = capsys.readouterr()
        assert err.count("\n") == 1, words
        assert err.removesuffix("\n").isprintable(), words


@pytest.mark.fault("texts that a terminal obeys, or that pass for lines of ours")
def test_a_table_shows_what_a_terminal_would_obey_as_an_escape(capsys):
    from rich.table import Table
    from rich.text import Text

    table = Table()
    table.add_column(Text(ORDERS))
    table.add_row(Text(f"[bold]{ORDERS}[/bold]"))
    console().print(table)
    console().print(Text(f"a\x1b[2Jb{ORDERS}"))
    out, _ = capsys.readouterr()
    assert not set(out) & SEEN
    assert "\\x1b[2J" in out.replace("\n", "")
    assert "[bold]" in out


@pytest.mark.fault("texts that a terminal obeys, or that pass for lines of ours")
@pytest.mark.parametrize("character", sorted(SEEN - {"\r"}))
@pytest.mark.parametrize("column", ["scenario", "printed", "note", "arithmetic"])
def test_results_with_what_costcheck_writes_nowhere_are_refused(character, column, tmp_path, capsys):
    rows = of_ours()
    rows[1][column] += f"{character}x"
    path = tmp_path / "results.csv"
    path.write_text(csv_text(comparison.COLUMNS, rows), encoding="utf-8")
    for form in ("table", "csv", "json"):
        _, err = told(["compare", path, RESULTS, "--format", form], capsys, status=(2,))
        assert "line 3" in err


@pytest.mark.fault("texts that a terminal obeys, or that pass for lines of ours")
def test_a_scenario_of_two_lines_is_refused(tmp_path, capsys):
    rows = of_ours()
    for row in rows:
        row["scenario"] = "a\ncostcheck: all is fine"
    path = tmp_path / "results.csv"
    path.write_text(csv_text(comparison.COLUMNS, rows), encoding="utf-8")
    _, err = told(["compare", path, RESULTS], capsys, status=(2,))
    assert "column scenario: more than one line" in err


@pytest.mark.fault("texts that a terminal obeys, or that pass for lines of ours")
def test_a_figure_of_what_changed_takes_a_name_for_a_name(tmp_path, capsys):
    rows = of_ours()
    name = r"$\frac{$ $x^$ \n <b>&amp;"
    for row in rows:
        row |= {"scenario": name, "at_your_prices": "5e-324", "article": "$_$", "id": "$\\frac"}
    others = [row | {"scenario": "b", "at_your_prices": "1e308"} for row in rows[:1]]
    path = tmp_path / "results.csv"
    path.write_text(csv_text(comparison.COLUMNS, rows[:1] + others), encoding="utf-8")
    told(["compare", path, "--plot", tmp_path / "x.svg"], capsys, status=(0,))
    assert not reading._odd((tmp_path / "x.svg").read_text(encoding="utf-8"))


@pytest.mark.fault("texts that a terminal obeys, or that pass for lines of ours")
def test_a_message_is_not_longer_than_a_screen():
    assert len(str(unknown("price", "x" * 10**6, ["a", "b"]))) < 300
    assert len(log.one_line("x" * 10**6)) <= log.LONGEST_LINE


# ------------------------------------------------------------------------------------- in spreadsheets
FORMULAS = [
    "=1+1",
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "＝1+1",
    " =1+1",
    "\u00a0=1+1",
    "\u3000@x",
    "'=1",
]


@pytest.mark.fault("texts that a spreadsheet would compute")
@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_comes_back_from_csv_and_is_no_formula_there(text):
    written = csv_text(["a"], [{"a": text}])
    (cell,) = list(csv.reader(io.StringIO(written)))[1]
    assert cell.startswith("'")
    assert unguarded(cell) == text


@pytest.mark.fault("texts that a spreadsheet would compute")
@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_is_text_in_parquet_and_in_a_workbook(text, tmp_path):
    import openpyxl

    row = dict.fromkeys(comparison.COLUMNS, "") | {
        "id": "a",
        "printed": text,
        "note": text,
        "arithmetic": "holds",
    }
    path = tmp_path / "results.csv"
    path.write_text(csv_text(comparison.COLUMNS, [row]), encoding="utf-8")
    assert export.table(path)["printed"].to_pylist() == [text]
    book = openpyxl.load_workbook(io.BytesIO(export.xlsx(path, [])))
    for cells in book["results"].iter_rows(min_row=2):
        for cell in cells:
            assert cell.data_type in ("s", "n")
            assert cell.hyperlink is None
    assert text in [cell.value for cell in book["results"][2]]


@pytest.mark.fault("texts that a spreadsheet would compute")
@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "@x", "+1+1", " =1"])
def test_a_vendor_in_a_feed_is_no_formula_in_a_price_book(text, tmp_path):
    feed = fuzz.FEEDS["epoch"][0].replace(b",A,2.5,36000\n", f',"{text}",2.5,36000\n'.encode(), 1)
    feed = feed[: feed.index(b"https://example.org/b")].replace(b"https://example.org", b"")
    found = feeds.read("epoch", feed, "=feed.csv")
    path = tmp_path / "mine.csv"
    own_file.write(path, found.quotes)
    for cells in csv.reader(io.StringIO(path.read_text(encoding="utf-8"))):
        assert not [cell for cell in cells if cell[:1] in "=+@" and cell[:1]]
    assert {one.note for one in own_file.read(path)} == {text.strip()}


@pytest.mark.fault("texts that a spreadsheet would compute")
def test_what_no_one_sees_is_refused_in_a_price_book(tmp_path):
    (quote,) = [one for one in feeds.read("ecb", fuzz.FEEDS["ecb"][0], "x").quotes if one.key == "usd_cny"]
    from dataclasses import replace

    with pytest.raises(InputError, match=r"column note: control characters are not allowed, as U\+202E"):
        own_file.write(tmp_path / "mine.csv", [replace(quote, note="a\u202eb")])


@pytest.mark.fault("texts that a terminal obeys, or that pass for lines of ours")
@pytest.mark.parametrize("character", sorted(SEEN - {"\r", "\x00"} | {"\u200e"}))
def test_what_no_one_sees_is_refused_in_an_article(character):
    text = (
        next(iter(fuzz.articles()))
        .decode()
        .replace("language: en", f'language: en\nnote: "a{character}b"', 1)
    )
    escaped = text.replace(f"a{character}b", f"a\\u{ord(character):04x}b")
    for one in (text, escaped):
        if one is escaped or character not in "\u2028\x85\x0c":  # YAML takes some for the end of a line
            with pytest.raises(InputError, match=r"not allowed|not YAML"):
                load([Text(one, "it.yaml")])


# --------------------------------------------------------------------------------------- no code is run
@pytest.mark.fault("code in a stranger's file")
def test_nothing_in_the_source_runs_what_a_file_says():
    forbidden = {"eval", "exec", "compile", "__import__", "load_module", "system", "popen"}
    forbidden |= {"pickle", "marshal", "shelve", "dill", "cloudpickle", "read_pickle", "read_html"}
    forbidden |= {"unsafe_load", "full_load"}
    of_modules = {("re", "compile"), ("platform", "system")}
    for path in (fuzz.ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                module = getattr(getattr(node.func, "value", None), "id", "")
                allowed = (module, name) in of_modules
                assert name not in forbidden or allowed, f"{path.name}:{node.lineno} {name}"
                for keyword in node.keywords:
                    is_true = isinstance(keyword.value, ast.Constant) and keyword.value.value is True
                    assert not (keyword.arg in ("shell", "allow_pickle") and is_true), f"{path}:{node.lineno}"
                assert (module, name) != ("yaml", "load"), f"{path.name}:{node.lineno}"
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = [*(one.name for one in node.names), getattr(node, "module", "") or ""]
                assert not {name.partition(".")[0] for name in names} & forbidden, (
                    f"{path.name}:{node.lineno}"
                )


@pytest.mark.slow
@pytest.mark.fault("code in a stranger's file")
@pytest.mark.parametrize(
    "command",
    [
        pytest.param("check", id="an article"),
        pytest.param("run --out out no_notebook --scenarios", id="scenarios"),
    ],
)
def test_the_real_command_runs_nothing_and_says_one_line(command, tmp_path):
    (tmp_path / "it.yaml").write_text("!!python/object/apply:os.system ['echo run > run']\n")
    words = [sys.executable, "-m", "costcheck", *command.split(), "it.yaml"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 2
    assert done.stderr.startswith("costcheck: it.yaml, line 1: tags")
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["it.yaml"]


# ------------------------------------------------------------------------------------ what fuzzing found
@pytest.mark.fault("what fuzzing found")
@pytest.mark.parametrize(
    "case", sorted(fuzz.CASES.rglob("*.case")), ids=lambda path: f"{path.parent.name} {path.stem}"
)
def test_a_case_that_fuzzing_found_is_taken_or_refused(case, tmp_path):
    fuzz.survived(case.parent.name, case.read_bytes(), tmp_path)


@pytest.mark.fault("what fuzzing found")
@pytest.mark.parametrize("name", fuzz.TARGETS)
def test_a_target_takes_one_of_its_examples_and_a_few_changed_ones(name, tmp_path):
    import random

    seeds = list(fuzz.TARGETS[name].seeds())
    (tmp_path / "first").mkdir()
    assert fuzz.survived(name, seeds[0], tmp_path / "first")
    rng = random.Random(f"{name} {os.environ.get('PYTEST_CURRENT_TEST')}")
    words = sorted({word for seed in seeds for word in fuzz.TOKEN.findall(seed) if len(word) > 1})
    for nth in range(5):
        (tmp_path / str(nth)).mkdir()
        content = fuzz.mutated(rng.choice(seeds), words, rng)
        fuzz.survived(name, content, tmp_path / str(nth))


@pytest.mark.fault("links and names that lead out of OUT")
def test_where_a_link_leads_is_told(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    assert files.leads_out(tmp_path / "a" / "up" / "x", tmp_path / "a")
    assert not files.leads_out(tmp_path / "a" / "up" / "a" / "b", tmp_path / "a")


@pytest.mark.fault("a file made to take the machine, or to pass for another")
def test_units_that_do_not_fit_are_found_in_one_look_at_each_claim():
    from dataclasses import replace

    from costcheck.claims import dimensions
    from costcheck.claims.loading import example

    class Looked(list):
        count = 0

        def __iter__(self):
            return self._each(super().__iter__())

        def __reversed__(self):
            return self._each(super().__reversed__())

        def _each(self, of):
            for one in of:
                self.count += 1
                yield one

    (article,) = load([example("skeleton")])
    claim = replace(article.claims[0], unit="byte")
    found = dimensions.Checked(mismatches=Looked())
    for index in range(300):
        dimensions._Walk(article, index, found).claim(claim)
    assert len(found.mismatches) == 300
    assert found.mismatches.count <= 300


@pytest.mark.fault("a file made to take the machine, or to pass for another")
def test_a_feed_lists_no_more_rows_than_anybody_reads():
    from costcheck.prices.feeds.parsing import MOST_LISTED

    rows = MOST_LISTED + 2
    with pytest.raises(InputError, match="more than 100,000 such rows"):
        feeds.read("ecb", b"Date,USD,JPY,CNY\n" + b"x\n" * rows, "rates.csv")


@pytest.mark.fault("a small workbook that unpacks to a large one")
@pytest.mark.parametrize("kind", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_zip_compressed_in_an_unusual_way_is_refused(kind, tmp_path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", kind) as out:
        out.writestr("a.csv", fuzz.FEEDS["ecb"][0])
    with pytest.raises(InputError, match="compressed in another way"):
        feeds.read("ecb", made.getvalue(), "rates.zip")
    (tmp_path / "mine.xlsx").write_bytes(made.getvalue())
    with pytest.raises(InputError, match="compressed in another way"):
        scenarios.read(tmp_path / "mine.xlsx")


@pytest.mark.fault("links and names that lead out of OUT")
@pytest.mark.parametrize(
    "name", ["CON", "nul.txt", "LPT1.csv", "a.", "a ", "a:b", "..", "../x", "/x", "a\\b", "A"]
)
@pytest.mark.parametrize("suffix", [".csv", ".json", ".yaml", ".xlsx"])
def test_a_scenario_whose_name_is_no_folder_everywhere_is_refused_of_any_file(name, suffix, tmp_path):
    path = tmp_path / f"mine{suffix}"
    rows = [{"name": "a", "pue": "1.2"}, {"name": name, "pue": "1.3"}]
    if suffix == ".csv":
        path.write_text("name,pue\na,1.2\n" + f'"{name}",1.3\n')
    elif suffix == ".xlsx":
        import openpyxl

        made = openpyxl.Workbook()
        for cells in (["name", "pue"], *(list(row.values()) for row in rows)):
            made.active.append(cells)
        made.save(path)
    else:
        path.write_text(json.dumps(rows))
    with pytest.raises(InputError, match="name"):
        scenarios.read(path)
