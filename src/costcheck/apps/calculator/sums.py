"""What the calculator reckons at some prices: the chain to yuan, serving, a million tokens, as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from costcheck import formulas
from costcheck.data import tables
from costcheck.text.numbers import multiple, readable

MODEL, GPU = "Llama 3.1 405B", "NVIDIA H100 SXM5 80GB"
SERVER = 8
"""GPUs in a server."""
MODELS: Mapping[str, str] = {
    "Llama 3.1 405B, hosted": "llama_405b",
    "GPT-4o": "gpt4o",
    "Claude 3.5 Sonnet": "sonnet",
    "GPT-4o mini": "gpt4o_mini",
}
"""By name, how the keys of each model's prices begin."""
Prices = Mapping[str, float]


@dataclass(frozen=True)
class Step:
    """A step of the chain from GPU-hours to yuan."""

    name: str
    formula: str
    value: str
    claims: tuple[str, ...]
    """The claims that print this figure."""


def money(value: float, currency: str) -> str:
    """Write a sum of money; yuan and yen also in 亿 and 億, which is how the articles count.

    >>> money(12_509_966_952.0, "CNY"), money(1.72e9, "USD"), money(2.698e11, "JPY")
    ('12.51 billion CNY (125.1亿)', '1.72 billion USD', '269.8 billion JPY (2,698億)')
    >>> money(4.3e14, "CNY")
    '430 trillion CNY (4,300,000亿)'
    """
    text = readable(value, currency)
    hundred_millions = {"CNY": "亿", "JPY": "億"}.get(currency)
    if hundred_millions and value >= 1e8:
        counted = value / 1e8
        figures = f"{counted:,.0f}" if counted >= 1e4 else f"{float(f'{counted:.4g}'):,g}"
        return f"{text} ({figures}{hundred_millions})"
    return text


def chain(at: Prices) -> list[Step]:
    """Return the chain from the training's GPU-hours to a sum of money.

    Args:
        at: The prices, by key.

    Returns:
        Steps in their order, each with its formula and its number.

    >>> from costcheck.prices.book import PriceBook
    >>> [step.value for step in chain(PriceBook.article())][1:4]
    ['3,520.5 years', '42,833 GPUs', '1.72 billion USD']
    """
    hours, days, busy = at["gpu_hours"], at["days_in_month"], at["utilisation"]
    fleet = formulas.gpus_for_deadline(hours, days, busy)
    usd = formulas.purchase(at["gpus"], at["h100_usd"])
    each = readable(at["h100_usd"])
    return [
        Step(
            "Training time on H100s", "as quoted from the leak", readable(hours, "GPU-hour"), ("Z45", "J32")
        ),
        Step(
            "Years on a single GPU",
            f"{readable(hours)} h ÷ ({readable(at['days_in_year'])} days × 24 h)",
            readable(formulas.gpu_years(hours, at["days_in_year"]), "year"),
            ("Z47", "J34"),
        ),
        Step(
            f"GPUs to finish in {readable(days, 'day')}",
            f"{readable(hours)} h ÷ ({readable(days)} days × 24 h × {busy:.4g})",
            readable(fleet, "GPU"),
            ("Z49", "J35"),
        ),
        Step(
            "The entry ticket",
            f"{readable(at['gpus'])} GPUs as stated × {each} USD",
            money(usd, "USD"),
            ("Z51", "J37"),
        ),
        Step(
            "The same from the GPUs computed above",
            f"{readable(fleet)} GPUs × {each} USD",
            money(formulas.purchase(fleet, at["h100_usd"]), "USD"),
            (),
        ),
        Step(
            "The entry ticket in yuan",
            f"{money(usd, 'USD')} × {readable(at['usd_cny'])}",
            money(formulas.convert(usd, at["usd_cny"]), "CNY"),
            ("Z52", "J38"),
        ),
        Step(
            "The entry ticket in yen",
            f"{money(usd, 'USD')} × {readable(at['usd_jpy'])}",
            money(formulas.convert(usd, at["usd_jpy"]), "JPY"),
            (),
        ),
    ]


@cache
def row(table: str, column: str, value: str) -> dict[str, Any]:
    """Return the one row of a table that has a value in a column.

    >>> row("paper_facts", "fact", "gpus_max")["value"]
    16384.0
    """
    (found,) = (each for each in tables.rows(table) if each[column] == value)
    return found


SHAPE = ("n_layers", "hidden_size", "n_heads", "n_kv_heads", "head_dim", "ffn_size", "vocab_size")


def serving(at: Prices) -> list[tuple[str, ...]]:
    """Return what it takes to hold the model while it answers, by the precision of its weights.

    Args:
        at: The prices, by key.

    Returns:
        Rows: precision, weights, keys and values of one full context in bf16, H100s whose memory holds both,
        the same in servers of eight, and the price of these GPUs.

    >>> from costcheck.prices.book import PriceBook
    >>> serving(PriceBook.article())[0]
    ('bf16', '811.71 GB', '66.06 GB', '11 GPUs', '16 GPUs', '640,000 USD')
    """
    model, gpu = row("models", "model", MODEL), row("gpus", "gpu", GPU)
    parameters = formulas.parameter_count(**{name: model[name] for name in SHAPE})
    width = row("precisions", "precision", "bf16")["bytes_per_parameter"]
    cache_bytes = formulas.kv_cache_bytes(
        model["n_layers"], model["n_kv_heads"], model["head_dim"], width, at["context_tokens"]
    )
    found: list[tuple[str, ...]] = []
    for precision in ("bf16", "fp8", "int4"):
        weights = formulas.weight_bytes(
            parameters, row("precisions", "precision", precision)["bytes_per_parameter"]
        )
        room = formulas.gb_to_bytes(gpu["memory_gb"])
        alone, in_servers = (
            formulas.gpus_to_hold(weights, room, cache_bytes, multiple_of=together)
            for together in (1, SERVER)
        )
        found.append(
            (
                precision,
                readable(weights, "byte"),
                readable(cache_bytes, "byte"),
                readable(alone, "GPU"),
                readable(in_servers, "GPU"),
                money(formulas.purchase(in_servers, at["h100_usd"]), "USD"),
            )
        )
    return found


def window(at: Prices) -> str:
    """Say what the context window holds.

    >>> from costcheck.prices.book import PriceBook
    >>> window(PriceBook.article())
    '128,000 tokens hold about 96,000 English words, or 181,760 Chinese characters.'
    """
    tokens = at["context_tokens"]
    words = formulas.words_from_tokens(tokens, at["words_per_token"])
    characters = formulas.words_from_tokens(tokens, at["characters_per_token_zh"])
    return (
        f"{readable(tokens, 'token')} hold about {readable(words)} English words, "
        f"or {readable(characters)} Chinese characters."
    )


def blended(at: Prices) -> dict[str, float]:
    """Return what a million tokens cost at each model, read and written ones blended [USD/Mtok].

    >>> from costcheck.prices.book import PriceBook
    >>> blended(PriceBook.article())["GPT-4o"]
    7.5
    """
    return {
        name: formulas.blended_price(
            at[f"{key}_input_usd_per_mtok"],
            at[f"{key}_output_usd_per_mtok"],
            at["input_tokens_per_output_token"],
        )
        for name, key in MODELS.items()
    }


def tokens(at: Prices) -> list[tuple[str, ...]]:
    """Return the price of a million tokens, by model.

    Returns:
        Rows: model, price of what is read, of what is written, of both blended, and how many times 405B's
        that is.

    >>> from costcheck.prices.book import PriceBook
    >>> tokens(PriceBook.article())[1]
    ('GPT-4o', '5.00', '15.00', '7.50', '2.5×')
    """
    prices = blended(at)
    ours = next(iter(prices.values()))
    return [
        (
            name,
            usd(at[f"{key}_input_usd_per_mtok"]),
            usd(at[f"{key}_output_usd_per_mtok"]),
            usd(prices[name]),
            multiple(formulas.ratio(prices[name], ours)),
        )
        for name, key in MODELS.items()
    ]


def usd(value: float) -> str:
    """Write a price of tokens: cents, or three figures below one.

    >>> usd(7.5), usd(0.6), usd(0.2634), usd(1234.5), usd(0.00012)
    ('7.50', '0.60', '0.263', '1,234.50', '0.00012')
    """
    cents = f"{value:,.2f}"
    return cents if value >= 1 or float(cents) == value else f"{value:.3g}"


@dataclass(frozen=True)
class Sum:
    """A sum of money that pays for something."""

    heading: str
    label: str
    usd: float


def sums(at: Prices) -> list[Sum]:
    """Return what the entry ticket is worth comparing with: other ways to pay, and what serving takes.

    Owning follows Cottier et al. (arXiv:2405.21015), as in the notebook on the entry ticket.

    >>> from costcheck.prices.book import PriceBook
    >>> [round(each.usd / 1e6, 1) for each in sums(PriceBook.article())]
    [1720.0, 2123.5, 3482.5, 107.6, 58.5, 0.6, 0.3]
    """
    hours, gpus, each = at["gpu_hours"], at["gpus"], at["h100_usd"]
    network = at["interconnect_share"]
    wear = formulas.amortised_usd_per_gpu_hour(
        formulas.cluster_purchase(1, each, network), orders_of_magnitude_per_year=at["value_lost_per_year"]
    )
    power = formulas.energy_usd_per_gpu_hour(
        row("gpus", "gpu", GPU)["tdp_w"],
        at["server_overhead"],
        at["average_power"],
        at["pue"],
        at["electricity_usd_per_kwh"],
    )
    kinds = (
        "To train it in a month: buy the fleet",
        "To train it: pay for the GPU-hours",
        "To run it, once trained",
    )
    found = [
        Sum(kinds[0], f"{readable(gpus)} H100s alone", formulas.purchase(gpus, each)),
        Sum(kinds[0], "with their network", formulas.cluster_purchase(gpus, each, network)),
        Sum(
            kinds[0],
            "with servers and network",
            formulas.cluster_purchase(gpus, each, network, at["server_markup"]),
        ),
        Sum(kinds[1], "rented on demand", formulas.rental(hours, at["rental_usd_per_gpu_hour"])),
        Sum(kinds[1], "owned: lost value, power", formulas.rental(hours, wear + power)),
    ]
    for item in ("GPUs to serve in bf16 (MP16)", "GPUs to serve in FP8"):
        count = row("checkpoints", "item", item)["value"]
        found.append(Sum(kinds[2], f"{count:g} H100s ({item.split()[4]})", formulas.purchase(count, each)))
    return found


@dataclass(frozen=True)
class Offer:
    """What somebody asks for a million tokens of 405B."""

    group: str
    label: str
    usd: float
    """Blended [USD/Mtok]."""


@cache
def _listed() -> Sequence[dict[str, Any]]:
    return [
        row for row in tables.rows("api_prices") if row["usable"] == "yes" and row["model"].startswith(MODEL)
    ]


def offers(at: Prices) -> list[Offer]:
    """Return all list prices of hosted 405B that were found, blended, the cheapest of each time first.

    >>> from costcheck.prices.book import PriceBook
    >>> found = offers(PriceBook.article())
    >>> found[0].label, found[0].usd
    ('DeepInfra via OpenRouter, 2024-08-01', 2.7)
    """
    found = [
        Offer(
            "July and August 2024" if row["as_of"] < "2024-09" else "later",
            f"{row['provider']}, {row['as_of']}"
            + " (unverified)" * tables.is_unverified(row["verification"]),
            formulas.blended_price(
                row["input_usd_per_mtok"], row["output_usd_per_mtok"], at["input_tokens_per_output_token"]
            ),
        )
        for row in _listed()
    ]
    return sorted(found, key=lambda offer: (offer.group == "later", offer.usd))
