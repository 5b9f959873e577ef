"""Settings and links: the calculator is set as the command line would be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcheck.apps.calculator.settings import Settings, dates, read_link
from costcheck.errors import InputError
from costcheck.prices.quotes import price_keys

VALUES = {key: st.floats(described.minimum, described.maximum) for key, described in price_keys().items()}
SETTINGS = st.builds(Settings, st.sampled_from([None, *dates()]), st.fixed_dictionaries({}, optional=VALUES))


@given(SETTINGS)
def test_a_link_gives_back_its_settings_to_the_last_bit(settings):
    assert read_link(settings.link()) == settings


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
