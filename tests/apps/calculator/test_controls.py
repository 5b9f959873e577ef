"""Each price has one control, whose ends come from the price book."""

import pytest

from costcheck.apps.calculator.controls import GROUPS, STEPS, control
from costcheck.apps.calculator.model import answer
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import history, price_keys

KEYS = [key for _, keys, _ in GROUPS for key in keys]


@pytest.mark.parametrize("key", KEYS)
def test_a_slider_goes_through_all_quotes_and_stops_at_the_articles_value(key):
    assert sorted(KEYS) == sorted(price_keys())
    made = control(key)
    low, high = made.positions[0], made.positions[-1]
    assert PriceBook.article()[key] in made.positions
    for quote in history(key):
        assert all(low <= end <= high for end in (quote.value, quote.low, quote.high) if end is not None)
    assert price_keys()[key].minimum <= low < high <= price_keys()[key].maximum
    assert list(made.positions) == sorted(set(made.positions))
    assert len(made.positions) <= STEPS + 3
    # and moving it changes something that is shown
    far = max(made.positions, key=lambda position: abs(position - made.article))
    before, after = answer({})["state"], answer({"texts": {key: repr(far)}})["state"]
    shown = ("tiles", "chain", "serving", "tokens", "window", "yours", "figures")
    assert [name for name in shown if before[name] != after[name]]
