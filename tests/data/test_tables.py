"""Reading tables: typed cells, and every refusal with file, line, column and what is allowed."""

import os
from pathlib import Path

import pytest

from costcheck.data import tables
from costcheck.data.tables import file_bytes, frame, home, names, numbered, rows, schema
from costcheck.errors import InputError

FIELDS = [
    {"name": "gpu", "type": "string", "description": "Which GPU", "constraints": {"required": True}},
    {"name": "cards", "type": "integer", "unit": "card"},
    {"name": "usd", "type": "number", "unit": "USD"},
    {"name": "sold", "type": "boolean"},
    {"name": "seen", "type": "date"},
    {"name": "memory", "type": "string"},
    {"name": "as_of", "type": "string", "constraints": {"pattern": r"\d{4}(-\d{2})?"}},
]
HEADER = "gpu,cards,usd,sold,seen,memory,as_of"


def table(tmp_path, *lines, header=HEADER):
    path = tmp_path / "cards.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def read(path):
    return [row for _, row in numbered(path, FIELDS)]


def refusal(path):
    with pytest.raises(InputError) as refused:
        read(path)
    assert str(refused.value).startswith(str(path))
    return str(refused.value).removeprefix(str(path))


def test_every_cell_comes_in_its_type_and_an_empty_one_is_none(tmp_path):
    path = table(tmp_path, "H100,8,32000.5,true,2024-07-22,HBM3,2024-07", "", " A100 ,, 3.8e25 ,false,,, ")
    first, second = read(path)
    assert list(first.values()) == ["H100", 8, 32000.5, True, "2024-07-22", "HBM3", "2024-07"]
    assert [type(cell) for cell in first.values()] == [str, int, float, bool, str, str, str]
    assert list(second.values()) == ["A100", None, 3.8e25, False, None, None, None]
    assert read(table(tmp_path)) == []


EXPECTED = f"expected {', '.join(HEADER.split(','))}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", f", line 1: column gpu is missing; {EXPECTED}"),
        (HEADER.replace("cards", "crads"), ", line 1: unknown column 'crads': did you mean 'cards'?"),
        (f"{HEADER},usd", f", line 1: duplicate column usd; {EXPECTED}"),
        ("H100,8", ", line 3: 2 cells, but the header has 7 columns"),
        ("H100,8.5,,,,,", ", line 3, column cards: '8.5' is not a whole number [card]"),
        ("H100,,dear,,,,", ", line 3, column usd: 'dear' is not a finite number [USD]"),
        ("H100,,,,2024-W30-1,,", ", line 3, column seen: '2024-W30-1' is not a date YYYY-MM-DD"),
        (",8,,,,,", ", line 3, column gpu: empty, but a value is required (Which GPU)"),
        ("H100,,,,,,July", r", line 3, column as_of: 'July' is not of the form \d{4}(-\d{2})?"),
        ("1 €,,,,,,".encode("cp1252"), ", line 3: not text in UTF-8 (invalid"),
        ('"H100,8,,,,,', ", line 3: not CSV (unexpected end"),
    ],
)
def test_a_wrong_header_or_cell_is_refused_with_its_line_its_column_and_what_is_allowed(
    tmp_path, content, message
):
    path, good = tmp_path / "cards.csv", f"{HEADER}\nA100,1,1,true,2024-01-01,HBM2e,2024\n"
    content = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(content if "line 1" in message else good.encode() + content + b"\n")
    assert refusal(path).startswith(message)


def test_what_is_no_file_or_one_byte_too_large_is_refused_without_waiting_for_it(tmp_path):
    path = tmp_path / "cards.csv"
    path.write_bytes(b"x" * 2**20)
    assert len(file_bytes(path, 2**20)) == 2**20
    with pytest.raises(InputError, match=f"^{path}: larger than 0 MiB; allowed: up to that$"):
        file_bytes(path, 2**20 - 1)
    assert refusal(tmp_path / "none.csv") == ": cannot be read (No such file or directory)"
    assert refusal(tmp_path) == ": not a file"
    assert refusal(Path("no\0file")).startswith(": cannot be read (")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert refusal(tmp_path / "pipe") == ": not a file"
        assert refusal(Path("/dev/zero")) == ": not a file"


@pytest.mark.parametrize("name", names())
def test_every_table_of_the_package_is_read_with_every_column_described(name):
    assert set(rows(name)[0]) == {field["name"] for field in schema(name)}
    assert frame(name).columns.tolist() == list(rows(name)[0])


@pytest.mark.parametrize(
    ("package", "data"), [("costcheck", "costcheck/shipped/data"), ("src/costcheck", "data")]
)
def test_the_data_lie_inside_an_installed_package_and_beside_the_source_of_a_clone(
    package, data, tmp_path, monkeypatch
):
    (tmp_path / data).mkdir(parents=True)
    monkeypatch.setattr(tables, "__file__", str(tmp_path / package / "data" / "tables.py"))
    assert home.__wrapped__("data") == tmp_path / data  # it is remembered
