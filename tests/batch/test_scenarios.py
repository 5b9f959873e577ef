"""Scenario files: what they mean, and everything that is refused before anything runs."""

import contextlib
import csv
import json
import ntpath
import unicodedata
import zipfile
from pathlib import Path, PurePosixPath, PureWindowsPath

import openpyxl
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from costcheck.batch import scenarios
from costcheck.batch.scenarios import read
from costcheck.data import tables
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys
from costcheck.results.names import refusal

EXAMPLES = Path(__file__).resolve().parents[2] / "scenarios"
ROWS = [
    {"name": "in 2023", "h100_usd": 33750, "usd_cny": 7.174145},
    {"name": "漢字, (b)+c=d_e-f.g", "h100_usd": None, "usd_cny": 7},
    {"name": "articles", "h100_usd": None, "usd_cny": None},
]


def as_csv(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def as_json(path, rows):
    path.write_text(json.dumps(rows), encoding="utf-8")


def as_yaml(path, rows):
    path.write_text(yaml.safe_dump(rows, allow_unicode=True, sort_keys=False), encoding="utf-8")


def as_xlsx(path, rows):
    book = openpyxl.Workbook()
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
        if isinstance(row["name"], str):
            book.active.cell(book.active.max_row, 1).data_type = "s"  # text, also where it begins with =
    book.save(path)


WRITERS = {".csv": as_csv, ".json": as_json, ".yaml": as_yaml, ".yml": as_yaml, ".xlsx": as_xlsx}


def written(folder, suffix, content):
    path = folder / f"mine{suffix}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def message(path):
    with pytest.raises(InputError) as refused:
        read(path)
    text = str(refused.value)
    assert text.startswith(str(path))
    assert "\n" not in text
    return text.removeprefix(str(path))


# ------------------------------------------------------------------------------------ what files mean
@pytest.mark.parametrize("suffix", WRITERS)
def test_every_kind_of_file_means_the_same_scenarios(suffix, tmp_path):
    path = tmp_path / f"mine{suffix.upper()}"
    WRITERS[suffix](path, ROWS)
    found = read(path)
    assert [(one.name, one.prices.changed) for one in found] == [
        ("in 2023", {"h100_usd": 33_750, "usd_cny": 7.174145}),
        ("漢字, (b)+c=d_e-f.g", {"usd_cny": 7}),
        ("articles", {}),
    ]
    assert [one.prices.scenario for one in found] == [one.name for one in found]
    assert found[1].prices["h100_usd"] == PriceBook.article()["h100_usd"]


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        pytest.param(".csv", "\ufeffname,h100_usd\r\n\r\n2023, 33750 \r\n,\r\n", id="CSV as Excel writes it"),
        pytest.param(".csv", "h100_usd , name\n33750 USD/GPU,2023\n", id="spaces in the header, a unit"),
        pytest.param(".yaml", "- name: 2023\n  h100_usd: 3.375e+4\n  pue:\n", id="YAML"),
        pytest.param(".json", '[{"name": 2023, "h100_usd": 33750.0, "pue": null}]', id="JSON"),
    ],
)
def test_files_as_people_and_programs_write_them(suffix, content, tmp_path):
    (found,) = read(written(tmp_path, suffix, content))
    assert (found.name, found.prices.changed) == ("2023", {"h100_usd": 33_750})


def test_a_workbook_may_have_notes_on_other_sheets_numbers_for_names_and_empty_formatted_columns(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["h100_usd asked of dealers"])
    sheet = book.create_sheet("Scenarios")
    sheet.append(["name", "h100_usd"])
    sheet.append([2023, 33750])
    sheet["F2"].font = openpyxl.styles.Font(bold=True)
    book.save(tmp_path / "mine.xlsx")
    (found,) = read(tmp_path / "mine.xlsx")
    assert (found.name, found.prices.changed) == ("2023", {"h100_usd": 33_750})


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        (".yaml", "grid:\n  h100_usd: [20000, 40000]\n  usd_cny: [7, 7.30]\n"),
        (".yaml", "grid: {h100_usd: [2e4, 4e4], usd_cny: [7.0, 7.3]}"),
        (".json", '{"grid": {"h100_usd": [20000, 40000], "usd_cny": [7.0, 7.3]}}'),
    ],
)
def test_a_grid_is_every_value_with_every_other_the_last_key_changing_fastest(suffix, content, tmp_path):
    found = read(written(tmp_path, suffix, content))
    assert [(one.name, one.prices["h100_usd"], one.prices["usd_cny"]) for one in found] == [
        ("h100_usd=20000,usd_cny=7", 20_000, 7),
        ("h100_usd=20000,usd_cny=7.3", 20_000, 7.3),
        ("h100_usd=40000,usd_cny=7", 40_000, 7),
        ("h100_usd=40000,usd_cny=7.3", 40_000, 7.3),
    ]


# ------------------------------------------------------------------------------------ what is refused
@pytest.mark.parametrize(
    ("suffix", "content", "said"),
    [
        # columns and keys
        (".csv", "name,hl00_usd\na,1\n", ", line 1: unknown column 'hl00_usd': did you mean 'h100_usd'?"),
        (".yaml", "- name: a\n  hl00_usd: 1\n", ", line 2: unknown column 'hl00_usd': did you mean"),
        (".json", '[{"name": "a", "hl00_usd": 1}]', ", scenario 1: unknown column 'hl00_usd': did you"),
        (".yaml", "grid: {hl00_usd: [1]}", ", line 1: unknown column 'hl00_usd': did you mean 'h100_usd'?"),
        (".yaml", "grid: {name: [a]}", ", line 1: unknown column 'name'"),
        (".yaml", "girds: {}", ", line 1: unknown key 'girds': did you mean 'grid'?"),
        (".yaml", "name: a\npue: 1.2\n", ", line 1: unknown key 'name'; allowed: grid; to make it a list"),
        (".csv", "name,pue,pue\na,1,1\n", ", line 1: duplicate column pue"),
        (".yaml", "- name: a\n  pue: 1\n  pue: 2\n", ", line 3: duplicate key 'pue'"),
        (".json", '[{"name": "a", "pue": 1, "pue": 2}]', ", scenario 1: duplicate key 'pue'"),
        (".csv", "name,pue,\na,1,\n", ", line 1: a column without a name"),
        (".csv", "name;pue\na;1\n", ", line 1: columns are separated by commas, not by semicolons"),
        (".csv", "h100_usd\n1000\n", ", line 1: column name is missing"),
        (".yaml", "- pue: 1.2\n", ", line 1: name is missing"),
        (".csv", "name,pue\na,1,2\n", ", line 2: 3 cells, but the header has 2 columns"),
        # names
        (".csv", "name,pue\n,1.2\n", ", line 2, column name: empty name"),
        (".yaml", "- name:\n", ", line 1, column name: empty name"),
        (".csv", "name\na\nb\na\n", ", line 4, column name: duplicate name 'a': it is in line 2"),
        (".csv", "name\nMaß\nMASS\n", ", line 3, column name: duplicate name 'MASS': 'Maß' is in line 2"),
        (".csv", "name\né\ne\u0301\n", "'é' is in line 2, one folder on some systems"),
        (".csv", "name\n../x\n", ", line 2, column name: '/' is not allowed in a name"),
        (".csv", "name,pue\npue=1.2,1.3\n", "'pue=1.2' says other prices than the row's (pue=1.3)"),
        # values
        (".csv", "name,pue\na,99\n", ", line 2, column pue: 99 is out of bounds; allowed: 1 to 5 1"),
        (".csv", 'name,h100_usd\na,"25,000"\n', "'25,000' is not a number [USD/GPU] (write 25000)"),
        (".csv", "name,h100_usd\n\na,cheap\n", ", line 3, column h100_usd: 'cheap' is not a number [USD/"),
        (".csv", "name,pue\na,nan\n", ", line 2, column pue: nan is not a finite number"),
        (".yaml", "- name: a\n  pue: .nan\n", ", line 2, column pue: '.nan' is not a number"),
        (".yaml", "- {name: a, pue: yes}", ", line 1, column pue: 'yes' is not a number"),
        (".yaml", "- name: a\n  pue: [1, 2]\n", ", line 2, column pue: a single value is expected"),
        (".json", '[{"name": "a", "pue": NaN}]', ", scenario 1, column pue: nan is not a finite number"),
        (".json", '[{"name":"a","pue":1' + "0" * 5000 + "}]", "0 is more than a computer can hold [1]"),
        (".yaml", "grid:\n  pue: [1.2,\n    99]\n", ", line 3, column pue: 99 is out of bounds"),
        (".json", '{"grid": {"pue": [1.2, 99]}}', ", value 2, column pue: 99 is out of bounds"),
        (".yaml", "grid: {pue: [1.2, 1.20]}", ", line 1, column pue: duplicate value 1.2"),
        (".yaml", "grid: {pue: [[1.2]]}", ", line 1: nested more than 3 deep"),
        (".yaml", "grid: {pue: []}", ", line 1, column pue: no values"),
        (".yaml", "grid: {pue: }", ", line 1, column pue: a list of numbers is expected"),
        # files
        (".csv", "", ": the file is empty"),
        (".csv", "name,pue\n", ": no scenarios in it"),
        (".json", "[]", ": no scenarios in it"),
        (".json", "{}", ": a grid is a mapping"),
        (".yaml", "# only a comment\n", ": nothing in it"),
        (".yaml", "cheap", ", line 1: expected a list of scenarios, or a grid; not 'cheap'"),
        (".json", "[1]", ", scenario 1: expected name and prices of a scenario"),
        (".csv", "name\nn\xe9\n".encode("latin-1"), ", line 2: not text in UTF-8"),
        (".csv", 'name\n"a"b\n', ", line 2: not CSV"),
        (".yaml", "- name: a\n  pue: [1\n", "not YAML"),
        (".yaml", "- name: a\n---\n- name: b\n", ", line 2: a second document"),
        (".json", '[\n{"name": "a",}]', ", line 2: not JSON"),
        (".xlsx", "no zip", ": not an XLSX workbook"),
        (".cvs", "name\na\n", ": unknown kind of file '.cvs': did you mean '.csv'?"),
        ("", "name\na\n", ": unknown kind of file ''; allowed: .csv, .json, .xlsx, .yaml, .yml"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_place_and_what_is_allowed(suffix, content, said, tmp_path):
    assert said in message(written(tmp_path, suffix, content))


@pytest.mark.parametrize(
    ("suffix", "content", "said"),
    [
        pytest.param(".yaml", "a: &a [x]\nb: [*a, *a]\n", ", line 1: anchors", id="anchors and aliases"),
        pytest.param(".yaml", "[" * 100_000, ", line 1: nested more than 3 deep", id="deep YAML"),
        pytest.param(".json", "[" * 100_000, ": nested more than 3 deep", id="deep JSON"),
        pytest.param(".json", "[" * 50 + "]" * 50, "nested more than 3 deep", id="fairly deep JSON"),
        pytest.param(".csv", b"x" * (scenarios.LARGEST + 1), ": larger than 8 MiB", id="large"),
        pytest.param(".csv", "name\n1\n2\n3\n4\n", ": more than 3 scenarios", id="many"),
    ],
)
def test_a_file_of_more_than_scenarios_take_is_refused(suffix, content, said, tmp_path, monkeypatch):
    monkeypatch.setattr(scenarios, "MOST_SCENARIOS", 3)
    assert said in message(written(tmp_path, suffix, content))


def test_a_grid_of_a_million_is_counted_not_made(tmp_path, monkeypatch):
    axes = {
        "h100_usd": [1000 + n for n in range(100)],
        "gpus": list(range(1, 101)),
        "days_in_month": list(range(1, 101)),
    }
    monkeypatch.setattr(scenarios, "Scenario", None)
    said = message(written(tmp_path, ".json", json.dumps({"grid": axes})))
    assert said == (
        ": a grid of 1,000,000 scenarios (100 h100_usd x 100 gpus x 100 days_in_month); at most 100,000"
    )


def test_a_grid_whose_names_would_be_too_long_asks_for_names(tmp_path):
    keys = [key for key in price_keys() if key.endswith("_usd_per_mtok")]
    said = message(written(tmp_path, ".json", json.dumps({"grid": {key: [2] for key in keys}})))
    assert f"a name made of {len(keys)} prices" in said
    assert "write a list of scenarios" in said


# ------------------------------------------------------------------------------------------- workbooks
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda sheet: sheet.cell(2, 2, "=2*20000"), ", sheet Sheet, row 2, cell B2: a formula; paste its"),
        (lambda sheet: sheet.merge_cells("A2:B2"), ", sheet Sheet: cells A2:B2 are merged"),
        (lambda sheet: sheet.cell(1, 16_384, "pue"), ", sheet Sheet, row 1: a column without a name"),
        (lambda sheet: sheet.cell(1_048_576, 1, "b"), ", sheet Sheet: more than 100,001 rows"),
        (lambda sheet: sheet.cell(2, 2, "#DIV/0!"), ", row 2, column h100_usd: '#DIV/0!' is not a number"),
        (lambda sheet: sheet.cell(2, 3, 3), ", sheet Sheet, row 2: 3 cells, but the header has 2 columns"),
        (lambda sheet: sheet.parent.create_sheet("more").append([1]), ": several sheets (Sheet, more); call"),
        (lambda sheet: sheet.delete_rows(1, 2), ": the workbook is empty"),
    ],
)  # fmt: skip
def test_a_workbook_is_refused_with_its_sheet_row_and_column(change, said, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["name", "h100_usd"])
    book.active.append(["a", 25000])
    change(book.active)
    book.save(tmp_path / "mine.xlsx")
    assert said in message(tmp_path / "mine.xlsx")


def test_a_workbook_that_unpacks_to_far_more_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "mine.xlsx", "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", b"\0" * (scenarios.LARGEST_UNPACKED + 1))
    assert message(tmp_path / "mine.xlsx") == ": unpacks to more than 32 MiB"


# ----------------------------------------------------------------------------------------------- names
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("..", "begins with a dot"),
        (".hidden", "begins with a dot"),
        (" a", "begins with a space"),
        ("a ", "ends with a space"),
        ("a.", "ends with a dot"),
        ("/etc", "'/' is not allowed"),
        ("C:\\x", "':' is not allowed"),
        ("a\\b", r"'\\' is not allowed"),
        ("a\0", r"'\x00' is not allowed"),
        ("a\u202eb", r"'\u202e' is not allowed"),
        ("CON", "is a device on Windows"),
        ("nul.csv", "is a device on Windows"),
        ("aux .x", "is a device on Windows"),
        ("Results.csv", "is what costcheck itself calls something"),
        ("notebooks", "is what costcheck itself calls something"),
        ("x" * 101, "a name of 101 characters; at most 100"),
        ("漢" * 67, "200 bytes in UTF-8"),
    ],
)
def test_a_name_that_is_no_folder_everywhere_is_refused(name, said):
    assert said in refusal(name)
    for fine in ("2025", "Miete in München", "हिन्दी", "a-b_c.d,e=f+g(h)", "x" * 100, "com10"):
        assert refusal(fine) is None


DEVICE = st.builds(
    "{}{}{}".format, st.sampled_from(["con", "Nul", "COM1", "lpt0"]), st.text(max_size=1), st.text("a. ")
)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=30) | st.text("./\\: ~aCONUL1é", max_size=8) | DEVICE)
@example("C:")
@example("conin$")
@example("COM¹")
def test_a_name_is_refused_or_stays_one_folder_inside_out(name):
    if refusal(name) is not None:
        return
    for out in (PurePosixPath("/data/OUT"), PureWindowsPath("C:/data/OUT")):
        joined = out / name
        assert joined.parent == out
        assert joined.name == name
        assert joined.relative_to(out).parts == (name,)
    assert ntpath.normpath(ntpath.join("C:\\OUT", name)) == f"C:\\OUT\\{name}"
    reserved = getattr(ntpath, "isreserved", None)
    assert not (reserved(name) if reserved else PureWindowsPath(name).is_reserved())
    assert len(name.encode()) < 255


# ------------------------------------------------------------------------------------ whatever is in it
KEYS = ["name", "h100_usd", "pue", "grid", "x"]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("1.2")
TREES = st.recursive(
    SCALARS,
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.sampled_from(KEYS), parts, max_size=3),
)
TEXT = st.text("namepu,;:=-[]{}&*#'\"\n\t 1.~|>!%", max_size=40)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("any")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([".csv", ".json", ".yaml", ".xlsx"]),
    st.binary(max_size=60)
    | TEXT.map(str.encode)
    | TEXT.map(lambda text: f"name,pue\n{text}".encode())
    | TREES.map(lambda tree: json.dumps(tree).encode())
    | TREES.map(lambda tree: yaml.safe_dump(tree, allow_unicode=True).encode("utf-8", "replace")),
)
def test_any_content_is_read_or_refused_and_nothing_else(folder, suffix, content):
    path = written(folder, suffix, content)
    try:
        found = read(path)
    except InputError:
        return
    assert found
    assert len({one.name.casefold() for one in found}) == len(found)
    assert all(refusal(one.name) is None for one in found)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(0, 3000), st.binary(max_size=4), st.integers(0, 30))
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(folder, data, at, put_in, cut):
    path = folder / "damaged.xlsx"
    as_xlsx(path, ROWS)
    with zipfile.ZipFile(path) as parts:
        damaged = {name: parts.read(name) for name in parts.namelist()}
    part = data.draw(st.sampled_from(sorted(damaged)))
    damaged[part] = damaged[part][:at] + put_in + damaged[part][at + cut :]
    with zipfile.ZipFile(path, "w") as parts:
        for name, value in damaged.items():
            parts.writestr(name, value)
    with contextlib.suppress(InputError):
        assert read(path)


# ------------------------------------------------------------------------------- one table, any kind of file
# A workbook holds fifteen figures of a number, so these have no more.
PRICES = {
    key: st.floats(described.minimum, described.maximum)
    .map(lambda value: float(f"{value:.15g}"))
    .filter(lambda value, described=described: described.minimum <= value <= described.maximum)
    for key, described in price_keys().items()
}
NAME = (
    st.from_regex(r"[A-Za-z漢é][A-Za-z0-9_.,=+() -]{0,12}[a-z0-9]", fullmatch=True)
    | st.text(st.characters(categories=["L", "N"], include_characters=" -_.,=+()"), min_size=1, max_size=9)
    | st.sampled_from(
        ["yes", "null", "1e3", "0x1F", "2024-07-22", "1_000", "~", ".5", "=1+1", "+1", "-x", "007"]
    )
)


@st.composite
def drawn(draw):
    """Rows of one table: names, and for each key a number or nothing."""
    keys = draw(st.lists(st.sampled_from(sorted(PRICES)), min_size=1, max_size=4, unique=True))
    row = st.fixed_dictionaries({"name": NAME, **{key: PRICES[key] | st.none() for key in keys}})
    made = draw(st.lists(row, min_size=1, max_size=4))
    return [{name: row[name] for name in ("name", *keys)} for row in made]


def meaning(path):
    """What a file means, or that it is refused."""
    try:
        return [(one.name, dict(one.prices), one.prices.given) for one in read(path)]
    except InputError:
        return "refused"


@settings(max_examples=60, deadline=None)
@given(drawn())
def test_a_table_means_the_same_in_every_kind_of_file(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("kinds")
    meant = {}
    for suffix, write in WRITERS.items():
        write(folder / f"mine{suffix}", rows)
        meant[suffix] = meaning(folder / f"mine{suffix}")
    assert all(other == meant[".csv"] for other in meant.values()), meant
    if meant[".csv"] != "refused":
        for row, (name, prices, given_) in zip(rows, meant[".csv"], strict=True):
            assert unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", row["name"].strip())
            wanted = {key: value for key, value in row.items() if key != "name" and value is not None}
            assert given_ == wanted
            assert prices == dict(PriceBook.article()) | wanted


# -------------------------------------------------------------------------------------------- examples
def dated():
    """Every price in data/ that an example may use, with its date."""
    found = {(quote["key"], quote["value"], quote["as_of"]) for quote in tables.rows("prices")}
    for row in tables.rows("gpu_purchase_prices"):
        found.add(("h100_usd", row["usd_per_gpu"], row["date"]))
    for row in tables.rows("gpu_rental_prices"):
        found.add(("rental_usd_per_gpu_hour", row["on_demand_usd_per_gpu_hour"], row["date"]))
    for row in tables.rows("exchange_rates"):
        found |= {(key, row[key], row["date"]) for key in ("usd_cny", "usd_jpy")}
    return found


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.[!m]*")), ids=lambda path: path.name)
def test_each_price_of_an_example_is_a_dated_one_of_the_data(path):
    known = {(key, value) for key, value, _ in dated()}
    for scenario in read(path):
        assert set(scenario.prices.changed.items()) <= known


def test_the_prices_of_a_year_are_of_that_year():
    found = read(EXAMPLES / "by_year.csv")
    assert [one.name for one in found] == ["2023", "2024", "2025"]
    for one in found:
        years = {(key, value, day[:4]) for key, value, day in dated()}
        assert {(key, value, one.name) for key, value in one.prices.changed.items()} <= years


@pytest.mark.parametrize("name", ["grid.yaml", "rental_instead_of_purchase.yaml"])
def test_the_date_beside_a_price_is_that_of_its_row(name):
    known = {(value, day[:7]) for _, value, day in dated()} | {(value, day[:4]) for _, value, day in dated()}
    lines = [line for line in (EXAMPLES / name).read_text("utf-8").splitlines() if "  # 2" in line]
    assert lines
    for line in lines:
        value, _, comment = line.split(":")[-1].lstrip(" -").partition("  # ")
        assert (float(value), comment[:7].rstrip(", lowhig;")) in known
