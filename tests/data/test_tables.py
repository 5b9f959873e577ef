"""Reading tables: typed cells, and every refusal with file, line, column and what is allowed."""

import contextlib
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck.data import tables
from costcheck.data.tables import file_bytes, frame, home, names, read, rows, schema
from costcheck.errors import InputError

FIELDS = [
    {
        "name": "gpu",
        "type": "string",
        "description": "Which GPU",
        "constraints": {"required": True, "unique": True},
    },
    {"name": "cards", "type": "integer", "unit": "card", "constraints": {"minimum": 1, "maximum": 72}},
    {"name": "usd", "type": "number", "unit": "USD", "constraints": {"minimum": 0.5}},
    {"name": "sold", "type": "boolean"},
    {"name": "seen", "type": "date"},
    {"name": "memory", "type": "string", "constraints": {"enum": ["HBM2e", "HBM3", "GDDR6X"]}},
    {"name": "as_of", "type": "string", "constraints": {"pattern": r"\d{4}(-\d{2})?"}},
]
HEADER = "gpu,cards,usd,sold,seen,memory,as_of"


def table(tmp_path, *lines, header=HEADER):
    path = tmp_path / "cards.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def refusal(path, fields=FIELDS):
    with pytest.raises(InputError) as refused:
        read(path, fields)
    said = str(refused.value)
    assert said.startswith(str(path))
    return said.removeprefix(str(path))


# --------------------------------------------------------------------------- reading
def test_every_cell_comes_in_its_type(tmp_path):
    path = table(tmp_path, "H100,8,32000.5,true,2024-07-22,HBM3,2024-07")
    (row,) = read(path, FIELDS)
    assert row == {
        "gpu": "H100",
        "cards": 8,
        "usd": 32000.5,
        "sold": True,
        "seen": "2024-07-22",
        "memory": "HBM3",
        "as_of": "2024-07",
    }
    assert [type(cell) for cell in row.values()] == [str, int, float, bool, str, str, str]


def test_an_empty_cell_is_none(tmp_path):
    (row,) = read(table(tmp_path, "H100,,,,,,"), FIELDS)
    assert row == {"gpu": "H100"} | dict.fromkeys(HEADER.split(",")[1:])


def test_false_is_false(tmp_path):
    assert read(table(tmp_path, "H100,,,false,,,"), FIELDS)[0]["sold"] is False


def test_a_number_may_have_an_exponent_and_a_cell_blanks_around_it(tmp_path):
    (row,) = read(table(tmp_path, " H100 ,, 3.8e25 ,,, HBM3 ,  "), FIELDS)
    assert (row["gpu"], row["usd"], row["memory"], row["as_of"]) == ("H100", 3.8e25, "HBM3", None)


def test_columns_may_stand_in_another_order(tmp_path):
    path = table(tmp_path, "8,H100,,,,,", header="cards,gpu,usd,sold,seen,memory,as_of")
    assert read(path, FIELDS)[0]["cards"] == 8


def test_rows_come_in_the_order_of_the_file_and_blank_lines_do_not_count(tmp_path):
    path = table(tmp_path, "B,,,,,,", "", "A,,,,,,")
    assert [row["gpu"] for row in read(path, FIELDS)] == ["B", "A"]


def test_a_quoted_cell_may_hold_a_comma_and_a_quotation_mark(tmp_path):
    path = table(tmp_path, '"DGX, ""large""",,,,,,')
    assert read(path, FIELDS)[0]["gpu"] == 'DGX, "large"'


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path):
    path = tmp_path / "cards.csv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\nH100,8,,,,,\n".encode())
    assert read(path, FIELDS)[0]["gpu"] == "H100"


def test_windows_line_ends_are_fine(tmp_path):
    path = tmp_path / "cards.csv"
    path.write_bytes(f"{HEADER}\r\nH100,8,,,,,\r\n".encode())
    assert read(path, FIELDS)[0]["as_of"] is None


def test_a_header_alone_is_a_table_without_rows(tmp_path):
    assert read(table(tmp_path), FIELDS) == []


# --------------------------------------------------------------------------- refusing the header
def test_an_empty_file_is_refused_with_the_columns_it_should_have(tmp_path):
    path = tmp_path / "cards.csv"
    path.write_bytes(b"")
    assert refusal(path) == f": the file is empty; expected the columns {', '.join(HEADER.split(','))}"


def test_a_missing_column_is_named(tmp_path):
    path = table(tmp_path, "H100,8", header="gpu,cards")
    assert refusal(path).startswith(", line 1: column usd is missing; expected gpu, cards, usd")


def test_an_unknown_column_is_answered_with_the_nearest(tmp_path):
    path = table(tmp_path, header=HEADER.replace("cards", "crads"))
    assert refusal(path) == ", line 1: unknown column 'crads': did you mean 'cards'?"


def test_a_doubled_column_is_refused(tmp_path):
    assert refusal(table(tmp_path, header=f"{HEADER},usd")) == ", line 1: column usd stands there twice"


# --------------------------------------------------------------------------- refusing a cell
@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("H100,8", ": 2 cells, but the header has 7 columns", id="too few cells"),
        pytest.param(
            "H100,8,1,true,,HBM3,2024,x", ": 8 cells, but the header has 7 columns", id="too many cells"
        ),
        pytest.param(
            "H100,8.5,,,,,", ", column cards: '8.5' is not a whole number [card]", id="not a whole number"
        ),
        pytest.param(
            "H100,,dear,,,,", ", column usd: 'dear' is not a finite number [USD]", id="not a number"
        ),
        pytest.param(
            'H100,,"40,000",,,,',
            ", column usd: '40,000' is not a finite number [USD]",
            id="thousands separators",
        ),
        pytest.param("H100,,NaN,,,,", ", column usd: 'NaN' is not a finite number [USD]", id="NaN"),
        pytest.param("H100,,inf,,,,", ", column usd: 'inf' is not a finite number [USD]", id="infinity"),
        pytest.param("H100,,1e999,,,,", ", column usd: '1e999' is not a finite number [USD]", id="too large"),
        pytest.param("H100,,,yes,,,", ", column sold: 'yes' is not true or false", id="not true or false"),
        pytest.param(
            "H100,,,,22.07.2024,,", ", column seen: '22.07.2024' is not a date YYYY-MM-DD", id="not a date"
        ),
        pytest.param(
            "H100,,,,2024-02-30,,",
            ", column seen: '2024-02-30' is not a date YYYY-MM-DD",
            id="a day that is not",
        ),
        pytest.param(
            "H100,,,,2024-W30-1,,", ", column seen: '2024-W30-1' is not a date YYYY-MM-DD", id="a week"
        ),
        pytest.param(
            "H100,,,,20240722,,", ", column seen: '20240722' is not a date YYYY-MM-DD", id="no dashes"
        ),
        pytest.param(
            "H100,0,,,,,", ", column cards: 0 is out of bounds; minimum 1 card", id="below an integer minimum"
        ),
        pytest.param(
            "H100,,0.4,,,,", ", column usd: 0.4 is out of bounds; minimum 0.5 USD", id="below the minimum"
        ),
        pytest.param(
            "H100,73,,,,,", ", column cards: 73 is out of bounds; maximum 72 card", id="above the maximum"
        ),
        pytest.param(
            "H100,,,,,HBM3e,",
            ", column memory: unknown value 'HBM3e': did you mean 'HBM3'?",
            id="near the enum",
        ),
        pytest.param(
            "H100,,,,,disk,",
            ", column memory: unknown value 'disk'; allowed: GDDR6X, HBM2e, HBM3",
            id="not in the enum",
        ),
        pytest.param(
            ",8,,,,,",
            ", column gpu: empty, but a value is required (Which GPU)",
            id="a required cell left empty",
        ),
        pytest.param(
            "H100,,,,,,July",
            r", column as_of: 'July' is not of the form \d{4}(-\d{2})?",
            id="another form than the pattern",
        ),
        pytest.param(
            "A100,,,,,,", ", column gpu: 'A100' stands in line 2 already", id="a unique cell a second time"
        ),
    ],
)
def test_a_bad_cell_is_refused_with_its_line_its_column_and_what_is_allowed(tmp_path, line, said):
    assert refusal(table(tmp_path, "A100,1,1,true,2024-01-01,HBM2e,2024", line)) == f", line 3{said}"


@pytest.mark.parametrize("cards", ["1", "72"])
def test_a_bound_itself_is_allowed(tmp_path, cards):
    assert read(table(tmp_path, f"H100,{cards},,,,,"), FIELDS)[0]["cards"] == int(cards)


def test_an_integer_too_large_for_a_float_is_refused_by_its_bound(tmp_path):
    assert "out of bounds" in refusal(table(tmp_path, f"H100,{'9' * 400},,,,,"))


def test_a_unique_column_may_be_empty_more_than_once(tmp_path):
    """As in the Table Schema specification: unique speaks of values, and an empty cell has none."""
    fields = [
        {"name": "gpu", "type": "string"},
        {"name": "nick", "type": "string", "constraints": {"unique": True}},
    ]
    assert len(read(table(tmp_path, "A,", "B,", header="gpu,nick"), fields)) == 2


# --------------------------------------------------------------------------- refusing a file
def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert refusal(tmp_path / "none.csv") == ": cannot be read (No such file or directory)"


def test_a_folder_is_no_table(tmp_path):
    assert refusal(tmp_path) == ": not a file"


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no such device")
def test_a_device_is_no_table_and_that_is_said_once():
    assert refusal(Path("/dev/zero")) == ": not a file"


def test_a_file_one_byte_too_large_is_refused_and_that_is_said_once(tmp_path):
    path = tmp_path / "cards.csv"
    path.write_bytes(b"x" * (2**20 + 1))
    with pytest.raises(InputError) as refused:
        file_bytes(path, 2**20)
    assert str(refused.value) == f"{path}: larger than 1 MiB; allowed: up to that"


def test_a_file_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "cards.csv"
    path.write_bytes(HEADER.encode() + "\nGrafikkarte für 1 €,,,,,,\n".encode("cp1252"))
    assert re.match(r": not a CSV file in UTF-8 \('utf-8' codec can't decode byte 0xfc", refusal(path))


def test_a_quotation_mark_that_never_ends_is_refused(tmp_path):
    assert refusal(table(tmp_path, '"H100,8,,,,,')).startswith(": not a CSV file in UTF-8 (unexpected end")


@settings(max_examples=60)
@given(st.binary(max_size=120))
def test_no_bytes_whatever_raise_anything_but_an_input_error(tmp_path_factory, junk):
    path = tmp_path_factory.getbasetemp() / "junk.csv"
    path.write_bytes(HEADER.encode() + b"\n" + junk)
    with contextlib.suppress(InputError):
        read(path, FIELDS)


@settings(max_examples=60)
@given(st.integers(1, 72), st.floats(0.5, 1e300), st.booleans(), st.dates())
def test_what_is_written_within_bounds_is_read_back(tmp_path_factory, cards, usd, sold, seen):
    path = tmp_path_factory.getbasetemp() / "round.csv"
    path.write_text(f"{HEADER}\nH100,{cards},{usd!r},{str(sold).lower()},{seen},,\n", encoding="utf-8")
    (row,) = read(path, FIELDS)
    assert (row["cards"], row["usd"], row["sold"], row["seen"]) == (cards, usd, sold, seen.isoformat())


# --------------------------------------------------------------------------- the package's own tables
@pytest.mark.parametrize("name", names())
def test_every_table_of_the_package_is_read_with_every_column_described(name):
    found = rows(name)
    assert found
    assert set(found[0]) == {field["name"] for field in schema(name)}


def test_a_table_is_read_once():
    assert rows("gpus") is rows("gpus")


def test_every_file_of_data_has_a_name():
    assert sorted(names()) == sorted(path.stem for path in home("data").glob("*.csv"))


@pytest.mark.parametrize("ask", [rows, schema, frame])
def test_an_unknown_table_is_answered_with_the_nearest(ask):
    with pytest.raises(InputError, match=r"^unknown table 'gpuss': did you mean 'gpus'\?$"):
        ask("gpuss")


def test_a_frame_holds_the_rows():
    table = frame("books")
    assert [dict(row) for row in table.to_dict("records")] == [dict(row) for row in rows("books")]


def test_an_installed_package_reads_the_data_it_carries(tmp_path, monkeypatch):
    installed = tmp_path / "costcheck"
    (installed / "shipped" / "data").mkdir(parents=True)
    monkeypatch.setattr(tables, "__file__", str(installed / "data" / "tables.py"))
    assert home("data") == installed / "shipped" / "data"


def test_a_clone_reads_the_data_beside_its_source(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "__file__", str(tmp_path / "src" / "costcheck" / "data" / "tables.py"))
    assert home("data") == tmp_path / "data"
