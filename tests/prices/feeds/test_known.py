"""The table of ids: only keys that exist, and columns that the feed has."""

import pytest

from costcheck.data import tables
from costcheck.prices.feeds.known import FEEDS, ids
from costcheck.prices.quotes import price_keys


@pytest.mark.parametrize("row", tables.rows("feed_ids"), ids=lambda row: f"{row['feed']} {row['id']}")
def test_an_id_is_a_key_of_the_price_book_or_says_why_it_is_not_taken(row):
    assert row["feed"] in FEEDS
    if row["key"] is None:
        assert row["note"]
        assert row["column"] is None
    else:
        assert row["key"] in price_keys()
        columns = FEEDS[row["feed"]].columns
        assert not columns or row["column"] in columns


def test_no_id_stands_for_the_same_price_twice():
    assert len({(row["feed"], row["id"], row["column"]) for row in tables.rows("feed_ids")}) == len(
        tables.rows("feed_ids")
    )


@pytest.mark.parametrize("name", FEEDS)
def test_every_feed_has_ids_an_address_and_terms(name):
    assert any(known.prices for known in ids(name).values())
    assert FEEDS[name].address.startswith("https://")
    assert FEEDS[name].terms
