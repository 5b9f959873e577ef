"""Settings and links: the calculator is set as the command line would be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcheck.apps.calculator.settings import Settings, dates, read_link
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys

VALUES = {key: st.floats(described.minimum, described.maximum) for key, described in price_keys().items()}
SETTINGS = st.builds(Settings, st.sampled_from([None, *dates()]), st.fixed_dictionaries({}, optional=VALUES))


@given(SETTINGS)
def test_a_link_gives_back_its_settings_to_the_last_bit(settings):
    assert read_link(settings.link()) == settings


def test_an_empty_link_means_the_articles_prices_and_the_sign_before_a_link_is_ignored():
    assert dict(read_link("").book()) == dict(PriceBook.article())
    assert Settings().link() == ""
    assert read_link("#as-of=2024-07-31&usd_cny=7.1") == Settings("2024-07-31", {"usd_cny": 7.1})


def test_own_prices_are_those_that_differ_from_the_sets_in_the_price_books_order():
    assert Settings(None, {"h100_usd": 40_000.0}) == Settings()
    assert Settings("2024-07-31", {"h100_usd": 40_000.0}).given == {"h100_usd": 40_000.0}
    assert Settings("2024-07-31", {"h100_usd": 36_017.75}).given == {}
    assert list(Settings(None, {"usd_cny": 7.0, "gpu_hours": 1e6}).given) == ["gpu_hours", "usd_cny"]


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("hl00_usd=1", "unknown price 'hl00_usd': did you mean 'h100_usd'?"),
        ("h100_usd=-1", "h100_usd: -1 is out of bounds; allowed: 100 to 1,000,000 USD/GPU"),
        ("h100_usd=25000&h100_usd=25000", "h100_usd is given twice"),
        ("as-of=2024-02-30", "'2024-02-30' is not a date YYYY-MM-DD"),
        ("as-of=2999-01-01", "2999-01-01: this day is in the future; today is "),
        ("nonsense", "its form must be KEY=VALUE&KEY=VALUE"),
    ],
)
def test_a_wrong_link_is_refused_and_the_message_says_why(link, message):
    with pytest.raises(InputError) as caught:
        read_link(link)
    assert str(caught.value).startswith(message)
