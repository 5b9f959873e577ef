"""The sums behind the calculator's figures: from GPU-hours to yuan, serving, a million tokens."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from costcheck import formulas
from costcheck.claims import Verdict, articles
from costcheck.claims.evaluation import Names
from costcheck.claims.steps import written
from costcheck.data import tables
from costcheck.prices.book import PriceBook
from costcheck.text.numbers import multiple, readable

MODEL, GPU = "Llama 3.1 405B", "NVIDIA H100 SXM5 80GB"
SERVER = 8  # GPUs in it
MODELS: Mapping[str, str] = {
    "Llama 3.1 405B, hosted": "llama_405b",
    "GPT-4o": "gpt4o",
    "Claude 3.5 Sonnet": "sonnet",
    "GPT-4o mini": "gpt4o_mini",
}
"""By name, the prefix of the keys of a model's prices."""
KINDS = ("input", "output")
SHAPE = ("n_layers", "hidden_size", "n_heads", "n_kv_heads", "head_dim", "ffn_size", "vocab_size")
Prices = Mapping[str, float]


class Step(NamedTuple):
    """A step of the chain from GPU-hours to yuan, with the ids of the claims that print its value."""

    name: str
    formula: str
    value: str
    claims: str = ""


class Amount(NamedTuple):
    """A sum of money [USD], or a blended price of tokens [USD/Mtok]."""

    group: str
    label: str
    usd: float


def money(value: float, currency: str) -> str:
    """Write a sum of money; yuan and yen also in 亿 and 億, as the articles do.

    >>> money(12_509_966_952.0, "CNY"), money(1.72e9, "USD"), money(2.698e11, "JPY")
    ('12.51 billion CNY (125.1亿)', '1.72 billion USD', '269.8 billion JPY (2,698億)')
    >>> money(4.3e14, "CNY")
    '430 trillion CNY (4,300,000亿)'
    """
    text = readable(value, currency)
    hundred_million = {"CNY": "亿", "JPY": "億"}.get(currency)
    if hundred_million is None or value < 1e8:
        return text
    count = value / 1e8
    figures = f"{count:,.0f}" if count >= 1e4 else f"{float(f'{count:.4g}'):,g}"
    return f"{text} ({figures}{hundred_million})"


def usd(value: float) -> str:
    """Write a price of tokens: cents, or three figures below a dollar.

    >>> usd(7.5), usd(0.6), usd(0.2634), usd(1234.5), usd(0.00012)
    ('7.50', '0.60', '0.263', '1,234.50', '0.00012')
    """
    cents = f"{value:,.2f}"
    return cents if value >= 1 or float(cents) == value else f"{value:.3g}"


@cache
def row(table: str, column: str, value: str) -> dict[str, Any]:
    """Return the one row of a table that has a value in a column."""
    (match,) = (row for row in tables.rows(table) if row[column] == value)
    return match


def chain(at: PriceBook, yours: Mapping[str, Verdict]) -> list[Step]:
    """Return the chain from the training's GPU-hours to a sum of money: claims' own sums, at some prices."""
    article = articles()[0]
    names = Names(article, at)

    def step(name: str, ids: str, how: str = "") -> Step:
        verdict, node = yours[ids[:3]], article.claim(ids[:3]).made_of
        value, unit = verdict.at_your_prices or 0.0, verdict.unit or ""
        shown = money(value, unit) if unit in ("USD", "CNY") else readable(value, unit)
        return Step(name, how or (written(node, names) if node else ""), shown, ids)

    fleet, ticket = (yours[id_].at_your_prices or 0.0 for id_ in ("Z49", "Z51"))
    price, rate = readable(at["h100_usd"], "USD/GPU"), readable(at["usd_jpy"], "JPY/USD")
    computed = money(formulas.purchase(fleet, at["h100_usd"]), "USD")
    yen = money(formulas.convert(ticket, at["usd_jpy"]), "JPY")
    return [
        step("Training time on H100s", "Z45 J32", "as quoted from the leak"),
        step("Years on a single GPU", "Z47 J34"),
        step(f"GPUs to finish in {readable(at['days_in_month'], 'day')}", "Z49 J35"),
        step("The entry ticket", "Z51 J37"),
        Step("The same from the GPUs computed above", f"{readable(fleet, 'GPU')} × {price}", computed),
        step("The entry ticket in yuan", "Z52 J38"),
        Step("The entry ticket in yen", f"{money(ticket, 'USD')} × {rate}", yen),
    ]


def serving(at: Prices) -> list[tuple[str, ...]]:
    """Return what it takes to hold the model while it answers, by the precision of its weights.

    A row has the weights, keys and values of one full context in bf16, H100s whose memory holds both, the
    same in servers of eight, and the price of those GPUs.
    """
    model, memory = row("models", "model", MODEL), formulas.gb_to_bytes(row("gpus", "gpu", GPU)["memory_gb"])
    parameters = formulas.parameter_count(**{name: model[name] for name in SHAPE})
    size = {row["precision"]: row["bytes_per_parameter"] for row in tables.rows("precisions")}
    context = formulas.kv_cache_bytes(
        model["n_layers"], model["n_kv_heads"], model["head_dim"], size["bf16"], at["context_tokens"]
    )
    rows: list[tuple[str, ...]] = []
    for precision in ("bf16", "fp8", "int4"):
        weights = formulas.weight_bytes(parameters, size[precision])
        alone, in_servers = (
            formulas.gpus_to_hold(weights, memory, context, multiple_of=together) for together in (1, SERVER)
        )
        price = money(formulas.purchase(in_servers, at["h100_usd"]), "USD")
        sizes = (readable(weights, "byte"), readable(context, "byte"))
        rows.append((precision, *sizes, readable(alone, "GPU"), readable(in_servers, "GPU"), price))
    return rows


def window(at: Prices) -> str:
    """Return a sentence on what the context window holds."""
    tokens = at["context_tokens"]
    words, characters = (
        readable(formulas.words_from_tokens(tokens, at[key]))
        for key in ("words_per_token", "characters_per_token_zh")
    )
    return (
        f"{readable(tokens, 'token')} hold about {words} English words, or {characters} Chinese characters."
    )


def blended(at: Prices) -> dict[str, float]:
    """Return what a million tokens cost by model, input and output blended [USD/Mtok]."""
    ratio = at["input_tokens_per_output_token"]
    prices = {name: [at[f"{key}_{kind}_usd_per_mtok"] for kind in KINDS] for name, key in MODELS.items()}
    return {name: formulas.blended_price(given, written, ratio) for name, (given, written) in prices.items()}


def tokens(at: Prices) -> list[tuple[str, ...]]:
    """Return by model the prices of a million tokens: input, output, blended, as a multiple of 405B's."""
    prices = blended(at)
    ours = next(iter(prices.values()))
    return [
        (
            name,
            *(usd(at[f"{key}_{kind}_usd_per_mtok"]) for kind in KINDS),
            usd(prices[name]),
            multiple(formulas.ratio(prices[name], ours)),
        )
        for name, key in MODELS.items()
    ]


def ways_to_pay(at: Prices) -> list[Amount]:
    """Return the entry ticket, other ways to pay for the training, and what serving takes.

    Owning follows Cottier et al. (arXiv:2405.21015), as in the notebook on the entry ticket.
    """
    gpu_hours, gpus, price, network = (
        at[key] for key in ("gpu_hours", "gpus", "h100_usd", "interconnect_share")
    )
    wear = formulas.amortised_usd_per_gpu_hour(
        formulas.cluster_purchase(1, price, network), orders_of_magnitude_per_year=at["value_lost_per_year"]
    )
    power = formulas.energy_usd_per_gpu_hour(
        row("gpus", "gpu", GPU)["tdp_w"],
        *(at[key] for key in ("server_overhead", "average_power", "pue", "electricity_usd_per_kwh")),
    )
    buy, rent = "To train it in a month: buy the fleet", "To train it: pay for the GPU-hours"
    with_servers = formulas.cluster_purchase(gpus, price, network, at["server_markup"])
    ways = [
        Amount(buy, f"{readable(gpus)} H100s alone", formulas.purchase(gpus, price)),
        Amount(buy, "with their network", formulas.cluster_purchase(gpus, price, network)),
        Amount(buy, "with servers and network", with_servers),
        Amount(rent, "rented on demand", formulas.rental(gpu_hours, at["rental_usd_per_gpu_hour"])),
        Amount(rent, "owned: lost value, power", formulas.rental(gpu_hours, wear + power)),
    ]
    for item in ("GPUs to serve in bf16 (MP16)", "GPUs to serve in FP8"):
        count = row("checkpoints", "item", item)["value"]
        label = f"{count:g} H100s ({item.split()[4]})"
        ways.append(Amount("To run it, once trained", label, formulas.purchase(count, price)))
    return ways


def offers(at: Prices) -> list[Amount]:
    """Return all known list prices of hosted 405B, blended, the cheapest of each time first."""
    ratio = at["input_tokens_per_output_token"]
    listed = []
    for row in tables.rows("api_prices"):
        if row["usable"] == "yes" and row["model"].startswith(MODEL):
            group = "July and August 2024" if row["as_of"] < "2024-09" else "later"
            mark = " (unverified)" * tables.is_unverified(row["verification"])
            price = formulas.blended_price(row["input_usd_per_mtok"], row["output_usd_per_mtok"], ratio)
            listed.append(Amount(group, f"{row['provider']}, {row['as_of']}{mark}", price))
    return sorted(listed, key=lambda offer: (offer.group == "later", offer.usd))
