"""The folder of a site: what is in it, and what is refused."""

import re
import zipfile

import pytest

from costcheck.apps.site import folder
from costcheck.claims import verdicts
from costcheck.claims.verdict import distinct


@pytest.fixture
def pyodide_stand_in(tmp_path):
    """A folder with files of the names of Pyodide's."""
    (made := tmp_path / "pyodide").mkdir()
    for name in (*folder.PYODIDE, folder.WASM):
        (made / name).write_text(name)
    return made


@pytest.fixture
def written(pyodide_stand_in, printed, tmp_path):
    printed("site", tmp_path / "site", "--pyodide", pyodide_stand_in)
    return tmp_path / "site"


def test_every_link_leads_to_a_file_of_the_site_whatever_its_address(written):
    pages = list(written.rglob("*.html"))
    assert len(pages) == 4 + 10  # index, report, calculator, check; notebooks but the calculator
    for page in pages:
        for address in re.findall(r'\s(?:href|src)="(.*?)"', page.read_text("utf-8")):
            if not re.match(r"(https?|data):|#", address):
                assert (page.parent / re.sub("[#?].*", "", address)).is_file(), f"{page}: {address}"
    assert '<a href="index.html">' in (written / "report.html").read_text("utf-8")


def test_the_first_page_counts_every_statement_once(written):
    counts = re.findall(r"<b>(\d+)</b>", (written / "index.html").read_text("utf-8"))
    different = distinct(verdicts())
    assert sum(map(int, counts)) == len(different) < len(verdicts())
    assert int(counts[0]) == sum(  # those that hold, but measure the wrong thing
        verdict.arithmetic.kind.is_right and verdict.premise == "wrong category" for verdict in different
    )


def test_two_sites_have_the_same_bytes_and_an_earlier_one_is_replaced(written, pyodide_stand_in):
    before = {path: path.read_bytes() for path in written.rglob("*.*")}
    (written / "index.html").write_text("")
    (written / "CNAME").write_text("example.org")  # of the reader's
    folder.write(written, pyodide_stand_in)
    assert {path: path.read_bytes() for path in before} == before
    assert (written / "CNAME").exists()


def test_it_carries_the_licences_and_no_program_compiled_for_this_machine(written):
    packed = zipfile.ZipFile(written / "engine/costcheck.zip")
    assert {file.date_time[0] for file in packed.infolist()} == {1980}  # not when it was made
    names = packed.namelist()
    assert {"costcheck/cli/check.py", "costcheck/shipped/data/gpus.csv", "yaml/scanner.py"} <= set(names)
    assert {name.rpartition(".")[2] for name in names} == {"py", "csv", "yaml", "json", "md", "ipynb"}
    licences = (written / "engine/licences.txt").read_text("utf-8")
    assert "Mozilla Public License" in licences
    assert licences.count("Permission is hereby granted, free of charge") == 2  # costcheck's and PyYAML's


def test_other_peoples_files_are_left_alone(pyodide_stand_in, tmp_path, refused):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").write_text("mine")
    for name, why in (
        ("mine", "has other files than a site's (index.html); name a new folder"),
        ("mine/index.html", "not a folder"),
    ):
        message = refused("site", tmp_path / name, "--pyodide", pyodide_stand_in)
        assert message == f"costcheck: {tmp_path / name}: {why}\n"
    assert (tmp_path / "mine" / "index.html").read_text() == "mine"


def test_without_pyodide_nothing_is_written_and_it_says_how_to_get_it(tmp_path, monkeypatch, refused):
    (tmp_path / "empty").mkdir()
    message = refused("site", tmp_path / "out", "--pyodide", tmp_path / "empty")
    assert f"{tmp_path / 'empty'}: pyodide.mjs is missing; expected the npm package pyodide" in message
    monkeypatch.setattr(folder, "HERE", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "npm is needed, to fetch Pyodide: install Node.js, or" in refused("site", tmp_path / "out")
    (npm := tmp_path / "npm").write_text("#!/bin/sh\necho 'npm error network' >&2\nexit 3\n")
    npm.chmod(0o700)
    message = refused("site", tmp_path / "out", status=1)
    assert f"npm could not fetch pyodide {folder.VERSION}: npm error network\n" in message
    assert not (tmp_path / "out").exists()
