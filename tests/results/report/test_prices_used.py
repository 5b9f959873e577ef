"""Where the prices of a run are from, as prices.csv beside its notebooks says."""

import html
import re

import pytest

from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.results.csv_files import prices_csv, prices_used
from costcheck.results.report import build

QUOTE = (
    PriceBook.article()
    .quote("h100_usd")
    ._replace(
        value=25_000.0,
        as_of="2026-10-01",
        source="a friend <b>of</b> a friend",
        verification="unverified: hearsay",
    )
)


def page(text):
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", text)).split())


@pytest.fixture
def run(put):
    """A folder as a run leaves it, at a price for which a quote is written beside it."""

    def make(*quotes, name="", h100_usd=25_000):
        folder = put(f"out/{name}", "02_entry_ticket", h100_usd=h100_usd)
        book = PriceBook.article().with_quotes(quotes, "theirs")
        rows = prices_used(["h100_usd", "usd_cny"], book, name or "mine")
        (folder / "prices.csv").write_text(prices_csv(rows), "utf-8")
        return folder

    return make


def test_an_unverified_quote_of_the_readers_is_marked_wherever_it_is_shown(run):
    made = build(run(QUOTE))
    text = page(made)
    assert "40,000 25,000 unverified USD/GPU" in text  # in the table at the head
    row = "25,000 USD/GPU 2026-10-01 a friend <b>of</b> a friend unverified"
    assert f"h100_usd {row}" in text  # in the table of all prices
    assert f"this run {row}" in text  # among the inputs of a claim
    assert "At the prices of this run 1.075 billion USD ✗ does not hold (unverified data)" in text
    assert "a friend <b>" not in made
    assert "Verdict ✓ holds Recomputed 1.72 billion USD Premise" in text  # at the articles' prices


def test_a_price_that_prices_csv_does_not_have_has_no_source(run):
    text = page(build(run(QUOTE._replace(value=26_000.0))))
    assert "25,000 USD/GPU set for this run instead of the articles' price" in text


def test_the_prices_of_every_scenario_are_marked(run):
    run(QUOTE, name="a")
    run(QUOTE._replace(value=26_000.0), name="b", h100_usd=26_000)
    folder = run(QUOTE._replace(value=27_000.0, verification="primary"), name="c", h100_usd=27_000).parent
    text = page(build(folder))
    assert "a 25,000 unverified b 26,000 unverified c 27,000" in text
    assert "27,000 unverified" not in text


def test_a_prices_csv_in_another_unit_is_refused_with_its_line(run):
    prices = (folder := run(QUOTE)) / "prices.csv"
    prices.write_text(prices.read_text("utf-8").replace("USD/GPU", "USD", 1), "utf-8")
    with pytest.raises(InputError, match="line 2, column unit: 'USD', but h100_usd is in USD/GPU"):
        build(folder)
