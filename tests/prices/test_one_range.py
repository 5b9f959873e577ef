"""A price has one range, whoever shows it."""

import csv
import io

import pytest

from costcheck import cli
from costcheck.apps.calculator.controls import GROUPS, control
from costcheck.prices.book import PriceBook
from costcheck.sensitivity.ranges import default_range
from costcheck.text.numbers import readable

KEYS = [key for _, keys, _ in GROUPS for key in keys]


@pytest.mark.parametrize("words", [[], ["--as-of", "2025-03-31"]], ids=["articles", "a day"])
def test_the_table_of_prices_shows_the_range_that_sensitivity_uses(words, capsys):
    assert cli.main(["prices", "--format", "csv", *words]) == 0
    shown = {row["key"]: row for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
    book = PriceBook.as_of(words[1]) if words else PriceBook.article()
    for key in KEYS:
        row, used = shown[key], default_range(key, book)
        ends = (float(row["low"]), float(row["high"])) if row["low"] else (used.value, used.value)
        assert ends == (used.low, used.high), key


@pytest.mark.parametrize("key", KEYS)
def test_the_calculator_shows_the_range_that_sensitivity_uses(key):
    used = default_range(key, PriceBook.article())
    shown = f"range {readable(used.low)} to {readable(used.high)}" if used.varies else "slider "
    assert control(key).span.startswith(shown)


def test_the_range_of_an_h100_is_what_its_quote_of_2024_gives():
    assert PriceBook.article().span("h100_usd") == (23_000, 41_217)  # Epoch's band, a DGX of 2024
    # no range of its own: the dearest of the quotes by then is of 2022-09-29
    assert PriceBook.as_of("2025-03-31").span("h100_usd") == (31_250, 44_489.88)
    assert PriceBook.as_of("2022-12-31").span("h100_usd") is None
