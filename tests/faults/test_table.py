"""The table of faults, and the tests that try them."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent


def rows():
    lines = (HERE / "README.md").read_text(encoding="utf-8").splitlines()
    cells = [re.split(r" \| ", line.strip("| ")) for line in lines if line.startswith("| ")]
    return [row for row in cells if row[0] != "fault"]


def tried():
    """Find each ``pytest.mark.fault("...")`` in the tests."""
    for path in HERE.glob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="fault"), args=[ast.Constant(str() as name)]):
                    yield name


def test_each_fault_has_a_row_and_each_row_a_test():
    named = [row[0] for row in rows()]
    assert len(set(named)) == len(named)
    assert set(named) == set(tried())


def test_each_row_says_how_often_its_fault_was_survived_and_what_was_found():
    for row in rows():
        fault, holds, count, survived, found = row
        assert all((fault, holds, found)), row
        assert int(count) >= 3, f"{fault}: tried {count} times"
        assert int(survived) == int(count), f"{fault}: survived {survived} of {count}"


def test_what_was_counted_is_written_into_the_row_of_its_fault_and_no_other(table, tally):
    head = "# A\n\n| fault | holds | tries | survived | found |\n|---|---|---|---|---|\n"
    text = f"{head}| a | x | 0 | 0 | n |\n| b | y | 7 | 7 | m |\n"
    assert table(text, {"a": tally(30, 29)}) == text.replace("| 0 | 0 |", "| 30 | 29 |")
    assert table(text, {"c": tally(1, 1)}) == text
