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
    assert all(len(row) == 2 and row[1] for row in rows())
