"""Prices of models a token, as JSON: LiteLLM's map of model ids, and OpenRouter's list."""

from __future__ import annotations

import re
from typing import Any

from costcheck.prices.feeds.known import Id, ids
from costcheck.prices.feeds.offers import (
    NO_KEY,
    NO_PRICE,
    ZERO,
    Offer,
    Reading,
    SkippedError,
    price,
    taken,
    within,
)
from costcheck.prices.feeds.parsing import UnreadableError, json_of, plain, refuse_doubled

DATED = re.compile(r"[-@](\d{4}-\d{2}-\d{2}|\d{8})(-v\d+:\d+)?$")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
A_DATED_ID = "a dated id, not the alias that is charged"
VARIES = "a price of -1, by which OpenRouter says that it varies"


def read_litellm(data: bytes, reading: Reading, date: str) -> None:
    """Read the prices of the models that costcheck uses [USD/Mtok].

    An alias (``gpt-4o``) is what was charged under that name on the day of the map; a dated id
    (``gpt-4o-2024-05-13``) is one version, whose price does not follow the alias, and is left out. A model
    with several hosts is quoted at the median of their prices, input and output each for itself.

    Source:
        ``model_prices_and_context_window.json`` in BerriAI/litellm; its entry ``sample_spec`` is the format.

    >>> from costcheck.prices import feeds
    >>> reading = feeds.read("litellm", b'{"gpt-4o": {"litellm_provider": "openai",'
    ...     b' "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05}}', "map.json", "2026-11-01")
    >>> [(quote.key, quote.value) for quote in reading.quotes]
    [('gpt4o_input_usd_per_mtok', 2.5), ('gpt4o_output_usd_per_mtok', 10.0)]
    """
    known, name = ids("litellm"), reading.name
    entries = json_of(data, name, reading.feed, "no entry has a 'litellm_provider'")
    refuse_doubled(entries, name, [model for model in known if known[model].prices])

    def offers(model: str, entry: Any) -> list[Offer]:
        if not isinstance(entry, dict):
            raise UnreadableError(f"{plain(model)}: {type(entry).__name__} instead of an object")
        if model == "sample_spec":
            raise SkippedError("the entry that explains the format")
        if model not in known:
            if model[-1:].isdigit() and DATED.sub("", model) in known:
                raise SkippedError(A_DATED_ID, model)
            costs = [entry.get(column) for column in ("input_cost_per_token", "output_cost_per_token")]
            raise SkippedError(_why_not(costs, "no price a token"))
        if known[model].prices:
            refuse_doubled(entry, f"{name}, {model}")
            withdrawn = entry.get("deprecation_date")
            if isinstance(withdrawn, str) and DAY.fullmatch(withdrawn) and withdrawn <= date:
                raise SkippedError("withdrawn by then", f"{model} ({withdrawn})")
        return _offers(known, model, entry, name, date)

    reading.collect(entries.items(), offers)


def read_openrouter(data: bytes, reading: Reading, date: str) -> None:
    """Read the prices of the models that costcheck uses [USD/Mtok].

    A price is that of the cheapest host that was active. Variants (``:free``, ``:nitro``) and dated ids
    have prices of their own and are left out.

    Source:
        The answer of ``GET /api/v1/models``.

    >>> from costcheck.prices import feeds
    >>> reading = feeds.read("openrouter", b'{"data": [{"id": "openai/gpt-4o-mini",'
    ...     b' "pricing": {"prompt": "0.00000015", "completion": "0.0000006"}}]}', "m.json")
    >>> [(quote.key, quote.value) for quote in reading.quotes]
    [('gpt4o_mini_input_usd_per_mtok', 0.15), ('gpt4o_mini_output_usd_per_mtok', 0.6)]
    """
    known, name = ids("openrouter"), reading.name
    answer = json_of(data, name, reading.feed, "no list 'data' of models with 'pricing'")
    refuse_doubled(answer, name, ["data"])
    seen: set[str] = set()

    def offers(where: str, model: Any) -> list[Offer]:
        pricing, given = (model.get("pricing"), model.get("id")) if isinstance(model, dict) else (None, None)
        id_ = plain(given) if isinstance(given, str) else ""
        is_new = id_ not in seen
        seen.add(id_)
        if not isinstance(pricing, dict) or not isinstance(given, str):
            raise UnreadableError(f"{where}: no id or no pricing")
        if not is_new:
            raise UnreadableError(f"{where}: {id_} stands there already")
        if id_ not in known:
            if id_.partition(":")[0] in known:
                raise SkippedError("a variant with a price of its own", id_)
            if DATED.sub("", id_) in known:
                raise SkippedError(A_DATED_ID, id_)
            costs = [pricing.get(column) for column in ("prompt", "completion")]
            raise SkippedError(VARIES if any(map(_varies, costs)) else _why_not(costs, NO_PRICE))
        for entry in (model, pricing) if known[id_].prices else ():
            refuse_doubled(entry, f"{name}, {id_}")
        if any(_varies(pricing.get(column)) for column, _ in known[id_].prices):
            raise SkippedError(VARIES, id_)
        return _offers(known, id_, pricing, name, date)

    reading.collect(
        ((f"model {place}", model) for place, model in enumerate(answer["data"], start=1)), offers
    )


def _offers(known: dict[str, Id], id_: str, prices: dict[str, Any], name: str, date: str) -> list[Offer]:
    offers = []
    for column, key in taken(known, id_, id_).prices:
        value = price(prices.get(column), f"{name}, {id_}, {column}", id_, a_token=True)
        offers.append(Offer(key, date, within(key, value, f"{id_}, {column}"), id_))
    return offers


def _varies(given: object) -> bool:
    return given in ("-1", -1, "-1.0")


def _why_not(costs: list[object], without: str) -> str:
    """Return why a model that costcheck does not use would not be taken anyhow, or that it is not used."""
    if any(cost in ("0", 0, "0.0") for cost in costs):
        return ZERO
    return without if all(cost is None for cost in costs) else NO_KEY
