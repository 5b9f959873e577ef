"""The commands' tables in terminals of any width: prices, claims and break-evens are there in full."""

import re
import sys

import pytest
from rich.cells import cell_len

from costcheck.cli.prices import _grouped
from costcheck.sensitivity.influence import plain

WIDTHS = [40, 80]
FAST = ["--samples", "100"]


@pytest.fixture
def shown(monkeypatch, printed):
    """Run a command on a terminal so many characters wide."""

    def run(width, *words):
        with monkeypatch.context() as patched:
            patched.setattr(sys.stdout, "isatty", lambda: True)
            patched.setenv("COLUMNS", str(width))
            patched.setenv("TERM", "xterm")
            return re.sub(r"\x1b\[[0-9;]*m", "", printed(*words))

    return run


@pytest.mark.parametrize("width", WIDTHS)
def test_prices_show_every_key_value_and_unit_and_their_history_every_day(width, shown, rows):
    text = shown(width, "prices", "--as-of", "2024-07-23")
    words = set(text.split())
    assert max(map(cell_len, text.splitlines())) <= width
    for row in rows("prices", "--as-of", "2024-07-23"):
        assert {*row["key"].split(), _grouped(float(row["value"])), row["unit"]} <= words
    assert ("Not shown in 80 columns: articles, range, age, source." in text) is (width == 80)
    words = set(shown(width, "prices", "h100_usd").split())
    for row in rows("prices", "h100_usd"):
        assert {row["as_of"], row["value"], *row["source"].split()} <= words


def test_check_leaves_a_column_out_that_no_claim_of_a_draft_fills(shown, tmp_path):
    draft = tmp_path / "draft.yaml"
    claim = "  - {printed: $10/hour, sum: 4 GPU * $2.50/GPU-hour}\n"
    draft.write_text(f"article: mine\ntitle: t\nlanguage: en\nclaims:\n{claim}")
    assert "what it says" not in shown(200, "check", str(draft))
    draft.write_text(f"{draft.read_text()}{claim.replace('}', ', about: rent}')}")
    assert "what it says" in shown(200, "check", str(draft))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("claim", [["Z51"], []], ids=["one claim", "all"])
def test_sensitivity_shows_every_price_and_both_break_evens(width, claim, shown, rows):
    words = set(shown(width, "sensitivity", *claim, *FAST).split())
    for row in rows("sensitivity", *claim, *FAST):
        key = row["price"] if claim else row["moves_it_most"]
        flips = [plain(float(row[side])) for side in ("flips_below", "flips_above") if row[side]]
        assert {*key.split(), *flips} <= words
