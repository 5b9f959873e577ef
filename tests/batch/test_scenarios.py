"""Scenario files: what they mean, and everything that is refused before anything runs."""

import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck.batch import scenarios
from costcheck.batch.scenarios import read
from costcheck.data import tables
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.results.names import refusal

EXAMPLES = Path(__file__).resolve().parents[2] / "scenarios"
ROWS = [
    {"name": "in 2023", "h100_usd": 33750, "usd_cny": 7.174145},
    {"name": "漢字, (b)+c=d_e-f.g", "h100_usd": None, "usd_cny": 7},
    {"name": "articles", "h100_usd": None, "usd_cny": None},
]


CSV = 'name,h100_usd,usd_cny\nin 2023,33750,7.174145\n"漢字, (b)+c=d_e-f.g",,7\narticles,,\n'
YAML = yaml.safe_dump(ROWS, allow_unicode=True, sort_keys=False)
TEXTS = {".CSV": CSV, ".json": json.dumps(ROWS), ".yaml": YAML, ".yml": YAML, ".xlsx": None}


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
@pytest.mark.parametrize("suffix", TEXTS)
def test_every_kind_of_file_means_the_same_scenarios(suffix, tmp_path):
    path = tmp_path / f"mine{suffix}"
    if TEXTS[suffix]:
        path.write_text(TEXTS[suffix], encoding="utf-8")
    else:
        book = openpyxl.Workbook()
        book.active.append(["h100_usd asked of dealers"])
        sheet = book.create_sheet("Scenarios")
        for row in (list(ROWS[0]), *(list(row.values()) for row in ROWS)):
            sheet.append(row)
        sheet["F2"].font = openpyxl.styles.Font(bold=True)
        book.save(path)
    scenarios = read(path)
    assert [(scenario.name, scenario.prices.changed) for scenario in scenarios] == [
        ("in 2023", {"h100_usd": 33_750, "usd_cny": 7.174145}),
        ("漢字, (b)+c=d_e-f.g", {"usd_cny": 7}),
        ("articles", {}),
    ]
    assert [scenario.prices.scenario for scenario in scenarios] == [scenario.name for scenario in scenarios]
    assert scenarios[1].prices["h100_usd"] == PriceBook.article()["h100_usd"]


@pytest.mark.parametrize(
    ("suffix", "content"),
    [
        pytest.param(".csv", "\ufeffname,h100_usd\r\n\r\n2023, 33750 \r\n,\r\n", id="CSV as Excel writes it"),
        pytest.param(
            ".csv", "\ufeffScenario;h100_usd;\r\n2023;33750,0;\r\n ; ;\r\n", id="where decimals have a comma"
        ),
        pytest.param(".csv", ';;\n"name";"h100_usd";"pue"\n2023;33.750,00;""\n', id="semicolons and quotes"),
        pytest.param(".csv", " \n,,\nname,h100_usd,,\n2023,33750,,\n , , ,\n", id="blanks around it"),
        pytest.param(".csv", "name\th100_usd\n2023\t33750\n", id="tabs"),
        pytest.param(".yaml", "- Scenario: 2023\n  h100_usd: 33750\n", id="another word for name"),
        pytest.param(".yaml", "- name: 2023\n  h100_usd: 3.375e+4\n  pue:\n", id="YAML"),
        pytest.param(".json", '[\t{"name": 2023, "h100_usd":33750.0, "pue": null}]', id="JSON"),
    ],
)
def test_files_as_people_and_programs_write_them(suffix, content, tmp_path):
    (scenario,) = read(written(tmp_path, suffix, content))
    assert (scenario.name, scenario.prices.changed) == ("2023", {"h100_usd": 33_750})


def test_a_grid_is_every_value_with_every_other_the_last_key_changing_fastest(tmp_path):
    grid = "grid:\n  h100_usd: [20000, 4e4]\n  usd_cny: [7, 7.30]\n"
    scenarios = read(written(tmp_path, ".yaml", grid))
    assert [(each.name, *each.prices.changed.values()) for each in scenarios] == [
        ("h100_usd=20000,usd_cny=7", 20_000, 7),
        ("h100_usd=20000,usd_cny=7.3", 20_000, 7.3),
        ("h100_usd=40000,usd_cny=7", 7),  # an H100 at the articles' price
        ("h100_usd=40000,usd_cny=7.3", 7.3),
    ]


# ------------------------------------------------------------------------------------ what is refused
@pytest.mark.parametrize(
    ("suffix", "content", "problem"),
    [
        # columns and keys
        (".csv", "name,hl00_usd\na,1\n", ", line 1: unknown column 'hl00_usd': did you mean 'h100_usd'?"),
        (".yaml", "- name: a\n  hl00_usd: 1\n", ", line 2: unknown column 'hl00_usd': did you mean"),
        (".yaml", "girds: {}", ", line 1: unknown key 'girds': did you mean 'grid'?"),
        (".yaml", "grid: {pue: [1]}\nname: a", ", line 1: expected a list of scenarios, or a grid alone"),
        (".csv", "name,pue,pue\na,1,1\n", ", line 1: duplicate column pue"),
        (".json", '[{"name": "a", "pue": 1, "pue": 2}]', ", line 1: duplicate key 'pue'"),
        (".yaml", "- name: a\n  scenario: b\n", ", line 2: duplicate column name"),
        (".csv", "name;h100_usd\na;25.000\n", ", column h100_usd: '25.000' has two readings; write 25000 or"),
        (".csv", "h100_usd\n1000\n", ", line 1: column name is missing"),
        # names
        (".csv", "name,pue\n,1.2\n", ", line 2, column name: empty name"),
        (".csv", "name\nMaß\nMASS\n", ", line 3, column name: duplicate name 'MASS': scenario 1 is 'Maß'"),
        (".csv", "name\né\ne\u0301\n", "scenario 1 is 'é', the same folder on some systems"),
        (".csv", "name\n../x\n", ", line 2, column name: '/' is not allowed in a name"),
        (".csv", "name,pue\npue=1.2,1.3\n", "'pue=1.2' says other prices than the row's (pue=1.3)"),
        # values
        (".csv", "name,pue\na,99\n", ", line 2, column pue: 99 is out of bounds; allowed: 1 to 5"),
        (".csv", 'name,h100_usd\na,"25,000"\n', "'25,000' is not a number [USD/GPU] (write 25000)"),
        (".json", '[{"name": "a", "pue": NaN}]', ", line 1, column pue: nan is not a finite number"),
        (".yaml", "- name: a\n  pue: [1, 2]\n", ", line 2, column pue: a single value is expected"),
        (".yaml", "grid:\n  pue: [1.2,\n    99]\n", ", line 3, column pue: 99 is out of bounds"),
        (".yaml", "grid: {}", ", line 1: a grid is a mapping of keys of the price book to lists of values"),
        # files
        (".csv", "name,pue\n", ": no scenarios in it"),
        (".json", "[1]", ", line 1: expected name and prices of a scenario"),
        (".json", "1", ", line 1: expected a list of scenarios, or a grid alone"),
        (".yaml", "- pue: 1", ", line 1: name is missing"),
        (".json", '[{"name": "a"', ", line 2: not YAML"),
        (".xlsx", "no zip", ": not an XLSX workbook"),
        (".cvs", "name\na\n", ": unknown kind of file '.cvs': did you mean '.csv'?"),
        (".csv", b"x" * (scenarios.LARGEST + 1), ": larger than 8 MiB"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_place_and_what_is_allowed(suffix, content, problem, tmp_path):
    assert problem in message(written(tmp_path, suffix, content))


def test_more_scenarios_than_allowed_are_refused_and_those_of_a_grid_counted_not_made(tmp_path, monkeypatch):
    axes = {"h100_usd": [*range(101, 201)], "gpus": [*range(1, 101)], "days_in_month": [*range(1, 101)]}
    monkeypatch.setattr(scenarios.itertools, "product", None)
    grid = written(tmp_path, ".json", json.dumps({"grid": axes}))
    assert message(grid) == ", line 1: a grid of 1,000,000 scenarios; at most 100,000"
    monkeypatch.setattr(scenarios, "MOST_SCENARIOS", 3)
    assert message(written(tmp_path, ".csv", "name\n1\n2\n3\n4\n")) == ": more than 3 scenarios"


# ------------------------------------------------------------------------------------------- workbooks
def workbook(path, change=lambda sheet: None, edit=lambda text: text):
    """Write a workbook after a change of its sheet, and edit the text of that."""
    book = openpyxl.Workbook()
    for row in (["name", "h100_usd"], ["a", 25000], ["b", 30000]):
        book.active.append(row)
    change(book.active)
    book.save(made := io.BytesIO())
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(path, "w") as after:
        for name in before.namelist():
            text = before.read(name).decode()
            after.writestr(name, edit(text) if name.endswith("sheet1.xml") else text)
    return path


def replacing(before, after):
    def edit(text):
        assert before in text
        return text.replace(before, after)

    return edit


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param({}, id="as openpyxl writes it"),
        pytest.param({"edit": replacing("<v>25000<", "<f>5*5000</f><v>25000<")}, id="a saved formula"),
        pytest.param({"change": lambda sheet: sheet.insert_rows(1, 2)}, id="blank rows first"),
        pytest.param({"change": lambda sheet: sheet.cell(2, 9, " ")}, id="a blank cell far to the right"),
        pytest.param({"change": lambda sheet: sheet.append([" ", "  "])}, id="a row of blanks"),
        pytest.param({"change": lambda sheet: sheet.cell(1, 1, "Scenario")}, id="another word for name"),
    ],
)
def test_a_workbook_as_programs_and_people_leave_it_is_read(edits, tmp_path):
    scenarios = read(workbook(tmp_path / "mine.xlsx", **edits))
    prices = {scenario.name: scenario.prices.changed for scenario in scenarios}
    assert prices == {"a": {"h100_usd": 25_000}, "b": {"h100_usd": 30_000}}


@pytest.mark.parametrize(
    ("edits", "problem"),
    [
        ({"change": lambda sheet: sheet.cell(2, 2, "=4e4/2")}, ", row 2: cell B2 is a formula without a"),
        ({"change": lambda sheet: sheet.merge_cells("A2:B2")}, ", sheet Sheet: cells are merged"),
        ({"change": lambda sheet: sheet.cell(2, 2, "#DIV/0!")}, ", row 2, column h100_usd: '#DIV/0!' is not"),
        ({"edit": replacing('<row r="2"', '<row r="4"')}, ": row 2 is there twice or out of order; save it"),
        ({"edit": replacing("</row>", "")}, ": not an XLSX workbook (ParseError: mismatched tag"),
    ],
)  # fmt: skip
def test_a_workbook_is_refused_with_its_sheet_row_and_column(edits, problem, tmp_path):
    assert problem in message(workbook(tmp_path / "mine.xlsx", **edits))


# ----------------------------------------------------------------------------------------------- names
@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("..", "begins with a dot"),
        ("a ", "ends with a space"),
        ("a\u202eb", r"'\u202e' is not allowed"),
        ("nul.csv", "is a device on Windows"),
        ("Results.csv", "is what costcheck itself calls something"),
        ("x" * 101, "a name of 101 characters; at most 100"),
        ("漢" * 67, "200 bytes in UTF-8"),
    ],
)
def test_a_name_that_is_no_folder_everywhere_is_refused(name, problem):
    assert problem in refusal(name)
    for fine in ("2025", "Miete in München", "हिन्दी", "a-b_c.d,e=f+g(h)", "x" * 100, "com10"):
        assert refusal(fine) is None


# ------------------------------------------------------------------------------------ whatever is in it
TEXT = st.text("namepu,;:=-[]{}&*#'\"\n\t 1.~|>!%", max_size=40)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("any")


@settings(max_examples=100)
@given(
    st.sampled_from([".csv", ".json", ".yaml", ".xlsx"]),
    st.binary(max_size=60) | TEXT.map(str.encode) | TEXT.map(lambda text: f"name,pue\n{text}".encode()),
)
def test_any_content_is_read_or_refused_and_nothing_else(folder, suffix, content):
    path = written(folder, suffix, content)
    try:
        names = [scenario.name for scenario in read(path)]
    except InputError:
        return
    assert names
    assert len({name.casefold() for name in names}) == len(names)
    assert all(refusal(name) is None for name in names)


# -------------------------------------------------------------------------------------------- examples
def test_an_example_goes_by_its_name_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read(Path("by_year")) == read(EXAMPLES / "by_year.csv")
    assert message(Path("by_yaer")) == (
        ": no such file, and no example; examples: by_year, grid, rental_instead_of_purchase"
    )


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.[!m]*")), ids=lambda path: path.name)
def test_each_price_of_an_example_is_a_dated_one_of_the_data(path):
    dated = {(quote["key"], quote["value"], quote["as_of"]) for quote in tables.rows("prices")}
    for table, key, column in (
        ("gpu_purchase_prices", "h100_usd", "usd_per_gpu"),
        ("gpu_rental_prices", "rental_usd_per_gpu_hour", "on_demand_usd_per_gpu_hour"),
        ("exchange_rates", "usd_cny", "usd_cny"),
        ("exchange_rates", "usd_jpy", "usd_jpy"),
    ):
        dated |= {(key, row[column], row["date"]) for row in tables.rows(table)}
    for scenario in read(path):
        year = scenario.name if path.name == "by_year.csv" else ""
        known = {(key, value) for key, value, day in dated if day.startswith(year)}
        assert set(scenario.prices.changed.items()) <= known
