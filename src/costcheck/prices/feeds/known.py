"""The public price feeds that can be read: where each lies, what it looks like, under which terms.

The addresses and terms stand here and nowhere else; ``costcheck prices import --help`` shows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from costcheck.data import tables
from costcheck.errors import unknown


@dataclass(frozen=True, slots=True)
class Feed:
    """A public price feed."""

    name: str
    """What it is called on the command line."""
    title: str
    """What it is called in the source of a quote."""
    address: str
    """Where its publisher offers it."""
    terms: str
    """Under which terms its figures may be passed on."""
    verification: str
    """How far a quote from it is checked, in the words of the price book."""
    dated: bool
    """Whether its rows carry dates; the others hold for the day on which they were fetched."""
    columns: tuple[str, ...]
    """The columns that are read, for a CSV feed; none for a JSON feed."""
    in_folders: bool = False
    """Whether all its files have one name, and the folder tells them apart."""


FEEDS: dict[str, Feed] = {
    feed.name: feed
    for feed in (
        Feed(
            "litellm",
            "LiteLLM price map",
            "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json",
            "MIT",
            "single source: LiteLLM price map",
            False,
            (),
        ),
        Feed(
            "openrouter",
            "OpenRouter models",
            "https://openrouter.ai/api/v1/models",
            "no licence of the data is stated",
            "primary: OpenRouter's own answer, its cheapest active host",
            False,
            (),
        ),
        Feed(
            "ecb",
            "ECB euro reference rates",
            "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip",
            "free reuse with the source named",
            "primary: cross rate computed from the two euro rates",
            True,
            ("Date", "USD", "JPY", "CNY"),
        ),
        Feed(
            "skypilot",
            "SkyPilot catalog",
            "https://raw.githubusercontent.com/skypilot-org/skypilot-catalog/master/catalogs/v8/lambda/vms.csv"
            " (a file a cloud: lambda, aws, gcp, ...)",
            "licence of the catalog not verified: check before passing it on",
            "single source: SkyPilot catalog",
            False,
            ("InstanceType", "AcceleratorName", "AcceleratorCount", "Price", "Region"),
            in_folders=True,
        ),
        Feed(
            "gpuhunt",
            "gpuhunt catalog",
            "https://dstack-gpu-pricing.s3.eu-west-1.amazonaws.com/v2/VERSION/catalog.zip"
            " (VERSION is what .../v2/version answers)",
            "MPL-2.0 (of the project; the catalog states none)",
            "single source: gpuhunt catalog",
            False,
            ("instance_name", "location", "price", "gpu_count", "gpu_name", "spot"),
        ),
        Feed(
            "epoch",
            "Epoch AI hardware prices",
            "https://raw.githubusercontent.com/epoch-research/training-cost-trends/main/data/"
            "Hardware%20prices.csv",
            "CC BY 4.0 (Epoch AI's data; that repository has no licence file)",
            "single source: Epoch AI table, original link kept",
            True,
            (
                "Price source",
                "Price date",
                "Hardware model",
                "Vendor",
                "Price per chip-hour (on-demand)",
                "Price (hardware purchase)",
            ),
        ),
    )
}


def feed(name: str) -> Feed:
    """Return a feed by its name.

    Raises:
        InputError: There is no such feed.

    >>> feed("ecb").dated
    True
    >>> feed("eccb")
    Traceback (most recent call last):
    costcheck.errors.InputError: unknown feed 'eccb': did you mean 'ecb'?
    """
    if name not in FEEDS:
        raise unknown("feed", name, FEEDS)
    return FEEDS[name]


@dataclass(frozen=True, slots=True)
class Id:
    """What a feed's id is to the price book."""

    prices: tuple[tuple[str, str], ...]
    """Columns of the feed and the keys of the price book that they are; none where the id is not taken."""
    note: str | None
    """Why it is not taken, or what else a reader should know."""


@cache
def ids(name: str) -> dict[str, Id]:
    """Return a feed's ids that are known, from ``data/feed_ids.csv``.

    >>> ids("ecb")["CNY"].prices
    (('CNY', 'usd_cny'),)
    >>> ids("litellm")["groq/llama-3.1-405b-reasoning"].prices
    ()
    """
    known: dict[str, Id] = {}
    for row in tables.rows("feed_ids"):
        if row["feed"] == name:
            before = known.get(row["id"])
            taken = ((row["column"], row["key"]),) if row["key"] else ()
            known[row["id"]] = Id((before.prices if before else ()) + taken, row["note"])
    return known
