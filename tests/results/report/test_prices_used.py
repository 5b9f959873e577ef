"""Where the prices of a run are from, as prices.csv beside its notebooks says."""

import html
import re
from dataclasses import replace

import pytest

from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.results import export
from costcheck.results.report import build, refresh

QUOTE = replace(
    PriceBook.article().quote("h100_usd"),
    value=25_000.0,
    as_of="2026-10-01",
    source="a friend <b>of</b> a friend",
    verification="unverified: hearsay",
)


def page(text):
    return " ".join(html.unescape(re.sub("<[^>]+>", " ", text)).split())


@pytest.fixture
def run(tmp_path, executed):
    """A folder as a run leaves it, at a price for which a book of quotes is written beside it."""

    def make(*quotes, name="", **prices):
        folder = tmp_path / "out" / name
        (folder / "notebooks").mkdir(parents=True)
        (folder / "notebooks" / "02_entry_ticket.ipynb").write_text(
            executed("02_entry_ticket", **(prices or {"h100_usd": 25_000})), "utf-8"
        )
        book = PriceBook.article().with_quotes(quotes, "theirs")
        rows = export.prices_used(["h100_usd", "usd_cny"], book, name or "mine")
        (folder / "prices.csv").write_text(export.prices_csv(rows), "utf-8")
        return folder

    return make


def test_a_quote_of_the_readers_shows_its_source_date_and_that_it_is_unverified(run):
    written = build(run(QUOTE))
    text = page(written)
    # once among all prices, once beside each claim it goes into
    assert "25,000 USD/GPU 2026-10-01 a friend <b>of</b> a friend unverified" in text
    assert "this run 25,000 USD/GPU 2026-10-01 a friend <b>of</b> a friend unverified" in text
    assert "a friend <b>" not in written
    # and in the table at the head
    assert re.search(r"40,000 25,000 unverified USD/GPU", text)


def test_a_claim_at_an_unverified_price_of_the_run_is_marked_and_the_verdict_is_not(run):
    text = page(build(run(QUOTE)))
    assert "At the prices of this run 1.075 billion USD unverified" in text
    assert "Verdict ✓ holds Recomputed 1.72 billion USD Premise sound" in text


def test_a_verified_quote_is_not_marked(run):
    text = page(build(run(replace(QUOTE, source="a shop", verification="primary: its price list"))))
    assert "25,000 USD/GPU 2026-10-01 a shop" in text
    assert "a shop unverified" not in text


@pytest.mark.parametrize("quotes", [(), (replace(QUOTE, value=26_000.0),)])
def test_a_price_that_is_not_the_one_that_was_written_down_has_no_source(run, quotes):
    assert "25,000 USD/GPU not the articles' price: given for this run" in page(build(run(*quotes)))


def test_in_a_batch_the_prices_of_every_scenario_are_marked(run):
    run(QUOTE, name="a")
    run(replace(QUOTE, value=26_000.0), name="b", h100_usd=26_000)
    folder = run(replace(QUOTE, value=27_000.0, verification="primary"), name="c", h100_usd=27_000).parent
    text = page(build(folder))
    assert "a 25,000 unverified b 26,000 unverified c 27,000" in text
    assert "27,000 unverified" not in text


def test_the_report_is_written_anew_when_a_source_has_changed(run):
    folder = run(QUOTE)
    first = refresh(folder).read_bytes()
    assert refresh(folder).read_bytes() == first
    prices = folder / "prices.csv"
    prices.write_text(prices.read_text("utf-8").replace("hearsay", "rumour").replace("unverified", "primary"))
    assert "a friend unverified" not in page(refresh(folder).read_text("utf-8"))


@pytest.mark.parametrize(
    ("of", "by", "said"),
    [
        ("25000.0", "nan", "line 2, column value"),
        ("25000.0", "lots", "line 2: not as costcheck run writes it"),
        ("USD/GPU", "USD", "line 2, column unit: 'USD', but h100_usd is in USD/GPU"),
        ("scenario,key", "scenario,name", "line 2: not as costcheck run writes it"),
        ("h100_usd", '"h100_usd', "not as costcheck run writes it; run it again, or remove the file"),
    ],
)
def test_prices_that_were_damaged_are_refused_with_their_line(run, of, by, said):
    folder = run(QUOTE)
    prices = folder / "prices.csv"
    prices.write_text(prices.read_text("utf-8").replace(of, by, 1), "utf-8")
    with pytest.raises(InputError, match=re.escape(said)):
        build(folder)
