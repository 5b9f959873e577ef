"""Figures of fourteen articles that follow from others: each sum gives the verdict a careful reader gave.

tests/reading/texts/gold.csv holds every figure of cost, compute, energy or time that these articles print,
with its value, unit and hedge; where it follows from others, how, and whether it holds.
"""

import csv
import re
from pathlib import Path

import pytest

from costcheck.claims import load, verdicts
from costcheck.claims.kinds_and_colours import Kind
from costcheck.claims.loading import Text
from costcheck.errors import InputError

with (Path(__file__).parents[1] / "reading" / "texts" / "gold.csv").open(
    encoding="utf-8", newline=""
) as file:
    ROWS = list(csv.DictReader(file))
DERIVED = [row for row in ROWS if row["role"] == "derived" and row["sum"]]
KINDS = {"holds": Kind.HOLDS, "within rounding": Kind.WITHIN_ROUNDING, "off": Kind.OFF, "wrong": Kind.WRONG}
QUANTITY = re.compile(r"(?<![\w.])(\d[\d.]*(?:e\d+)?)( [A-Za-z][\w/-]*)?(?![\w.])")


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def claim_of(row):
    """Write the claim as an article: whatever its sum takes from the text is given, as printed there."""
    given = {}

    def named(match):
        value, unit = float(match[1]), (match[2] or " 1").strip()
        for other in ROWS:
            same = other["text"] == row["text"] and other is not row and other["unit"] == unit
            ends = [float(other[key]) for key in ("value", "value_high") if other[key]]
            if same and value in ends and other["value_high"] == "":
                return given.setdefault((value, unit, other["printed"]), f"given_{len(given)}")
        return match[0]

    text = QUANTITY.sub(named, row["sum"])
    lines = ["article: a", "title: t", "language: en", "given:" if given else ""]
    for (value, unit, printed), name in given.items():
        lines += [f"  {name}:", f"    is: {quoted(printed)}", f"    value: {value!r}", f"    unit: {unit}"]
    lines += ["claims:", f"  - printed: {quoted(row['printed'])}", f"    value: {row['value']}"]
    lines += [f"    high: {row['value_high']}"] if row["value_high"] else []
    lines += [f"    unit: {row['unit']}", f"    hedge: {row['hedge']}", f"    sum: {text}"]
    return "\n".join(line for line in lines if line)


DIFFERENT = {
    "56%": Kind.WRONG,  # the cause, that 6ND leaves attention out, is no factor
    "400億円": "USD/year does not fit JPY/year",  # a sum in dollars is no yen
}
"""Where costcheck says something else than the careful reader, and why."""


@pytest.mark.parametrize("row", DERIVED, ids=[f"{row['text'][:2]} {row['printed']}" for row in DERIVED])
def test_what_follows_gets_the_verdict_of_a_careful_reader(row):
    expected = DIFFERENT.get(row["printed"], KINDS[row["verdict"]])
    if not isinstance(expected, Kind):
        with pytest.raises(InputError, match=expected):
            load([Text(claim_of(row), "a.yaml")])
        return
    (verdict,) = verdicts(of=load([Text(claim_of(row), "a.yaml")]))
    assert verdict.kind is expected, verdict
