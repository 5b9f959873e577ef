"""The public price feeds: where each lies, what it looks like, under which terms, which ids are prices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from costcheck.data import tables
from costcheck.errors import unknown


@dataclass(frozen=True, slots=True)
class Feed:
    """A public price feed, as the command line and quotes name it."""

    name: str
    title: str
    address: str
    terms: str
    verification: str
    """How far a quote from it is checked, in the words of the price book."""
    columns: tuple[str, ...] = ()
    """The columns that are read, for a CSV feed; none for a JSON feed."""
    dated: bool = False
    """Whether its rows carry dates; the others hold for the day on which they were fetched."""
    in_folders: bool = False
    """Whether all its files have one name, and the folder tells them apart."""


_GITHUB = "https://raw.githubusercontent.com"
_ALL = (
    Feed(
        "litellm",
        "LiteLLM price map",
        f"{_GITHUB}/BerriAI/litellm/main/model_prices_and_context_window.json",
        "MIT",
        "single source: LiteLLM price map",
    ),
    Feed(
        "openrouter",
        "OpenRouter models",
        "https://openrouter.ai/api/v1/models",
        "no licence of the data is stated",
        "primary: OpenRouter's own answer, its cheapest active host",
    ),
    Feed(
        "ecb",
        "ECB euro reference rates",
        "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip",
        "free reuse with the source named",
        "primary: cross rate computed from the two euro rates",
        ("Date", "USD", "JPY", "CNY"),
        dated=True,
    ),
    Feed(
        "skypilot",
        "SkyPilot catalog",
        f"{_GITHUB}/skypilot-org/skypilot-catalog/master/catalogs/v8/lambda/vms.csv"
        " (a file a cloud: lambda, aws, ...)",
        "licence of the catalog not verified: check before passing it on",
        "single source: SkyPilot catalog",
        ("AcceleratorName", "AcceleratorCount", "Price", "InstanceType", "Region"),
        in_folders=True,
    ),
    Feed(
        "gpuhunt",
        "gpuhunt catalog",
        "https://dstack-gpu-pricing.s3.eu-west-1.amazonaws.com/v2/VERSION/catalog.zip"
        " (VERSION is what .../v2/version answers)",
        "MPL-2.0 (of the project; the catalog states none)",
        "single source: gpuhunt catalog",
        ("gpu_name", "gpu_count", "price", "instance_name", "location", "spot"),
    ),
    Feed(
        "epoch",
        "Epoch AI hardware prices",
        f"{_GITHUB}/epoch-research/training-cost-trends/main/data/Hardware%20prices.csv",
        "CC BY 4.0 (Epoch AI's data; that repository has no licence file)",
        "single source: Epoch AI table, original link kept",
        (
            *("Price source", "Price date", "Hardware model", "Vendor"),
            *("Price per chip-hour (on-demand)", "Price (hardware purchase)"),
        ),
        dated=True,
    ),
)
FEEDS = {feed.name: feed for feed in _ALL}


def feed(name: str) -> Feed:
    """Return a feed by its name; an unknown one is refused with the nearest."""
    if name not in FEEDS:
        raise unknown("feed", name, FEEDS)
    return FEEDS[name]


@cache
def ids(name: str) -> dict[str, list[tables.Row]]:
    """Return the rows of a feed's ids that are known, from ``data/feed_ids.csv``.

    >>> [(row["column"], row["key"]) for row in ids("ecb")["CNY"]]
    [('CNY', 'usd_cny')]
    """
    known: dict[str, list[tables.Row]] = {}
    for row in tables.rows("feed_ids"):
        if row["feed"] == name:
            known.setdefault(row["id"], []).append(row)
    return known
