"""What is read from the docstrings of formulas, and how `costcheck formulas` shows it."""

import csv
import inspect
import io
import json
import re
import subprocess
import sys

import pytest

from costcheck import cli, formulas
from costcheck.errors import InputError
from costcheck.formulas import signatures
from costcheck.formulas.signatures import described
from costcheck.units import notation

NAMES = signatures.names()
LETTERS = ("A", "B", "C")


def test_there_are_as_many_formulas_as_the_package_makes_public():
    assert set(NAMES) == set(formulas.__all__) - {"FormulaError"}
    assert len(NAMES) == 62


@pytest.mark.parametrize("name", NAMES)
def test_every_formula_is_described_completely(name):
    formula = described(name)
    parameters = inspect.signature(getattr(formulas, name)).parameters
    assert [argument.name for argument in formula.arguments] == list(parameters)
    said = [argument.description for argument in formula.arguments]
    for text in (formula.summary, formula.returns, formula.raises, formula.source, *said):
        assert text
        assert "\n" not in text
    assert formula.example.startswith(">>> ")
    assert formula.subject in signatures.subjects()


@pytest.mark.parametrize("name", NAMES)
def test_every_unit_of_a_formula_can_be_read(name):
    formula = described(name)
    for unit in (formula.unit, *(argument.unit for argument in formula.arguments)):
        if unit not in notation.NO_QUANTITY:
            notation.split(unit, also=LETTERS)


@pytest.mark.parametrize("name", NAMES)
def test_the_letters_of_a_result_are_letters_of_its_arguments(name):
    formula = described(name)
    asked = " ".join(argument.unit for argument in formula.arguments)
    assert set(re.findall(r"\b[ABC]\b", formula.unit)) <= set(re.findall(r"\b[ABC]\b", asked))


@pytest.mark.parametrize("name", NAMES)
def test_the_units_asked_for_are_accepted_as_they_are_asked_for(name):
    # one unit for each letter; a trillion of a unit takes a prefix
    given = {"A": "USD", "B": "CNY", "C": "EUR", "1e12 A": "TFLOP/s"}
    inputs = {}
    for argument in described(name).arguments:
        if argument.unit not in notation.NO_QUANTITY:
            unit = given.get(argument.unit) or re.sub(r"\b[ABC]\b", lambda m: given[m[0]], argument.unit)
            inputs[argument.name] = unit
    _, factors = notation.of_call(name, inputs)
    assert factors == {}


def test_a_description_is_what_its_docstring_says():
    # read off the docstring of activation_bytes_per_layer by eye: text before and after the sections, a
    # default of each kind, a description that runs over two lines
    formula = described("activation_bytes_per_layer")
    assert formula.subject == "training"
    assert formula.unit == "byte"
    assert [argument.unit for argument in formula.arguments] == [
        "1", "token", "element", "head", "GPU", "bool", "name",
    ]  # fmt: skip
    assert [argument.default for argument in formula.arguments] == [None, None, None, None, 1, False, "none"]
    assert formula.arguments[-1].description.startswith('``"none"`` keeps everything; ``"selective"``')
    assert formula.arguments[-1].description.endswith("whole on every GPU")
    assert formula.source == "Korthikanti et al. (arXiv:2205.05198), section 4."
    assert formula.notes.startswith("For a GPT with an MLP four times its width")
    assert formula.notes.endswith("With every size 1: 34 + 5.")
    assert formula.example == ">>> activation_bytes_per_layer(1, 1, 1, 1)\n39.0"


def test_an_unknown_formula_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match="unknown formula 'gpu_hour': did you mean 'gpu_hours'"):
        described("gpu_hour")


@pytest.mark.parametrize(
    ("docstring", "said"),
    [
        (
            "Ratio.\n\nArgs:\n    a: One.\n\nReturns:\n    It [1].",
            "argument a: 'One.' does not end with a unit",
        ),
        ("Ratio.\n\nArgs:\n    b: One [1].\n\nReturns:\n    It [1].", "does not describe the argument a"),
        (
            "Ratio.\n\nArgs:\n    a: One [1].\n\nReturns:\n    It [1], not rounded.",
            "result: .* does not end with",
        ),
    ],
)
def test_a_docstring_that_breaks_the_notation_is_refused(monkeypatch, docstring, said):
    def broken(a):
        return a

    broken.__doc__ = docstring
    monkeypatch.setattr(formulas, "ratio", broken)
    described.cache_clear()
    try:
        with pytest.raises(InputError, match=said):
            described("ratio")
    finally:
        described.cache_clear()


# --------------------------------------------------------------------------- the command
def test_the_command_lists_every_formula_by_subject(capsys):
    assert cli.main(["formulas"]) == 0
    out = capsys.readouterr().out
    for name in NAMES:
        assert re.search(rf"^ {name} ", out, re.MULTILINE), name
    headings = [line.strip() for line in out.splitlines() if line.strip() in signatures.subjects()]
    assert headings == list(signatures.subjects())
    assert "days_in_year [day] = 365" in out


def test_a_formula_named_is_described_in_full(capsys):
    assert cli.main(["formulas", "gpu_years"]) == 0
    out = capsys.readouterr().out
    for part in (
        "gpu_years(gpu_hours, days_in_year)",
        "gpu_hours [GPU-hour]: Budget",
        "days_in_year [day] = 365: Days counted as a year",
        "[year]: Years on one GPU",
        "An argument is not positive and finite.",
        "The division behind the articles' 3,500 years",
        ">>> round(gpu_years(30.84e6), 1)\n  3520.5",
    ):
        assert part in out


def test_the_marks_around_names_are_left_out_in_a_terminal(capsys):
    assert cli.main(["formulas", "weight_bytes"]) == 0
    assert "Weights; see bytes_to_gb and bytes_to_gib" in capsys.readouterr().out


def test_the_command_refuses_a_formula_that_does_not_exist(capsys):
    assert cli.main(["formulas", "convrt"]) == 2
    assert capsys.readouterr().err == "costcheck: unknown formula 'convrt': did you mean 'convert'?\n"


def test_csv_has_a_row_for_each_argument_and_result(capsys):
    assert cli.main(["formulas", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == sum(len(described(name).arguments) + 1 for name in NAMES)
    assert {
        "formula": "gpu_years",
        "subject": "training",
        "argument": "days_in_year",
        "unit": "day",
        "default": "365",
        "description": "Days counted as a year: 365, or 365.25 with leap years",
    } in rows
    assert {row["unit"] for row in rows if row["formula"] == "convert"} == {"A", "B/A", "B"}


def test_json_has_all_of_a_description(capsys):
    assert cli.main(["formulas", "purchase", "purchase", "--format", "json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["arguments"][1]["unit"] == "USD/GPU"
    assert found["arguments"][1]["default"] is None
    assert found["source"] == described("purchase").source


def test_the_command_imports_nothing_heavy():
    code = (
        "import sys; from costcheck import cli; cli.main(['formulas']);"
        "found = {'numpy', 'pandas', 'pydantic', 'pint', 'scipy', 'yaml'} & sys.modules.keys();"
        "sys.exit(str(found) if found else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_the_subjects_are_in_the_order_of_the_package_and_hold_every_formula_once():
    found = signatures.subjects()
    assert list(found) == ["training", "serving", "money", "language", "scores", "ratios", "units"]
    assert sorted(name for named in found.values() for name in named) == signatures.names()
