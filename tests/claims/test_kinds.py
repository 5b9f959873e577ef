"""The table of kinds: what a reader must be able to read."""

import pytest

from costcheck.claims.kinds_and_colours import LOOKS, PREMISES


def contrast(colour):
    """The contrast of black text on a colour, as WCAG 2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05) / 0.05


@pytest.mark.parametrize("fill", sorted({look.fill for look in (*LOOKS, *PREMISES.values()) if look.fill}))
def test_black_text_is_easy_to_read_on_each_colour_of_a_workbook(fill):
    assert contrast("000000") == 1
    assert contrast(fill) > 10
