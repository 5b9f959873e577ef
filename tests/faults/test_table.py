"""The table of faults, and the tests that try them."""

import re
from pathlib import Path

HERE = Path(__file__).parent


def test_each_fault_has_a_row_and_each_row_a_test():
    lines = (HERE / "README.md").read_text("utf-8").splitlines()
    rows = [re.split(r" \| ", line.strip("| ")) for line in lines if re.match(r"\| (?!fault)", line)]
    tried = {
        name
        for path in HERE.glob("test_*.py")
        for name in re.findall(r'fault\("(.+)"\)', path.read_text("utf-8"))
    }
    assert sorted(row[0] for row in rows) == sorted(tried)
    assert all(len(row) == 2 and row[1] for row in rows)
