"""What is read from the docstrings of formulas, and how `costcheck formulas` shows it."""

import inspect
import re

import pytest

from costcheck import formulas
from costcheck.errors import InputError
from costcheck.formulas import signatures
from costcheck.formulas.signatures import described
from costcheck.units import notation, of_formulas

NAMES = signatures.names()


@pytest.mark.parametrize("name", NAMES)
def test_every_formula_is_described_completely_in_units_that_can_be_read(name):
    formula = described(name)
    assert [argument.name for argument in formula.arguments] == list(
        inspect.signature(getattr(formulas, name)).parameters
    )
    descriptions = [argument.description for argument in formula.arguments]
    texts = (formula.summary, formula.returns, formula.source, *descriptions)
    assert all(text and "\n" not in text for text in texts)
    assert formula.example.startswith(">>> ")
    asked = [argument.unit for argument in formula.arguments]
    for unit in (formula.unit, *asked):
        if unit not in of_formulas.NO_QUANTITY:
            notation.parse(unit, also=of_formulas.LETTERS)
    letters = re.compile(r"\b[ABC]\b")
    assert set(letters.findall(formula.unit)) <= set(letters.findall(" ".join(asked)))
    # units are accepted as they are asked for: one for each letter; a trillion of a unit takes a prefix
    units = {"A": "USD", "B": "CNY", "C": "EUR", "1e12 A": "TFLOP/s"}
    inputs = [
        (argument.name, units.get(argument.unit) or letters.sub(lambda match: units[match[0]], argument.unit))
        for argument in formula.arguments
        if argument.unit not in of_formulas.NO_QUANTITY
    ]
    given = tuple((argument, notation.parse(unit)) for argument, unit in inputs)
    assert of_formulas.of_call(name, given)[1] == {}


@pytest.mark.parametrize(
    ("arguments", "returns", "message"),
    [
        ("a: One.", "It [1].", "argument a: 'One.' does not end with a unit"),
        ("b: One [1].", "It [1].", "does not describe the argument a"),
        ("a: One [1].", "It [1], not rounded.", "result: .* does not end with"),
    ],
)
def test_a_docstring_that_breaks_the_notation_is_refused(monkeypatch, arguments, returns, message):
    def broken(a):
        return a

    broken.__doc__ = f"Ratio.\n\nArgs:\n    {arguments}\nReturns: {returns}"
    monkeypatch.setattr(formulas, "ratio", broken)
    with pytest.raises(InputError, match=message):
        described.__wrapped__("ratio")


def test_the_command_lists_every_formula_by_subject(printed):
    out = printed("formulas")
    for name in NAMES:
        assert re.search(rf"^ {name} ", out, re.MULTILINE), name
    headings = [line.strip() for line in out.splitlines() if line.strip() in signatures.subjects()]
    assert headings == list(signatures.subjects())
    assert headings[:3] == ["architecture", "training", "serving"]
    assert sorted(name for named in signatures.subjects().values() for name in named) == list(NAMES)
    assert "days_in_year [day] = 365" in out


def test_a_formula_named_is_described_in_full_without_marks_around_names(printed, refused):
    out = printed("formulas", "gpu_years", "weight_bytes")
    for part in (
        "gpu_years(gpu_hours, days_in_year=365)",
        "days_in_year: Days counted as a year: 365, or 365.25 with leap years [day]",
        "Years on one GPU [year]",
        "The division behind the articles' 3,500 years",
        ">>> round(gpu_years(30.84e6), 1)\n3520.5",
        "Weights; see bytes_to_gb and bytes_to_gib",
    ):
        assert part in out
    assert refused("formulas", "convrt") == "costcheck: unknown formula 'convrt': did you mean 'convert'?\n"


def test_csv_has_a_row_for_each_argument_and_result_and_json_all_of_a_description(rows, records):
    listed = rows("formulas")
    assert len(listed) == sum(len(described(name).arguments) + 1 for name in NAMES)
    (days,) = (row for row in listed if (row["formula"], row["argument"]) == ("gpu_years", "days_in_year"))
    assert (days["subject"], days["unit"], days["default"]) == ("training", "day", "365")
    assert {row["unit"] for row in listed if row["formula"] == "convert"} == {"A", "B/A", "B"}
    (purchase,) = records("formulas", "purchase", "purchase")
    assert (purchase["arguments"][1]["unit"], purchase["arguments"][1]["default"]) == ("USD/GPU", None)
    assert purchase["source"] == described("purchase").source
