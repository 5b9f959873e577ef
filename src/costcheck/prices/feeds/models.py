"""Prices of models a token, as JSON: LiteLLM's map of model ids, and OpenRouter's list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from costcheck.errors import InputError
from costcheck.prices.feeds.catalogue import ids
from costcheck.prices.feeds.parsing import UnreadableError, json_object, plain
from costcheck.prices.feeds.reading import Offer, Reading, SkippedError, price

OF_A_VERSION = re.compile(r"([-@](\d{4}-\d{2}-\d{2}|\d{8})(-v\d+)?)?(:\w+)?$")
VERSION = "a dated version or a variant, with a price of its own"
VARIES = "a price of -1, by which OpenRouter says that it varies"


def entries(data: bytes, reading: Reading) -> Iterator[tuple[str, Any]]:
    """Give the models of a feed with their prices, or with the error that is in the place of these."""
    answer = json_object(data, reading.name, reading.feed)
    if reading.feed.name == "litellm":
        yield from ((plain(id_), entry) for id_, entry in answer.items())
        return
    if not isinstance(models := answer.get("data"), list):
        raise InputError(f"{reading.name}: not {reading.feed.title}: no list 'data'")
    known: set[str] = set()
    for place, model in enumerate(models, start=1):
        id_, prices = (model.get("id"), model.get("pricing")) if isinstance(model, dict) else (None, None)
        if not isinstance(id_, str) or not isinstance(prices, dict):
            yield f"model {place}", UnreadableError(f"model {place}: no id or no pricing")
        elif id_ in known:
            yield f"model {place}", UnreadableError(f"model {place}: duplicate {plain(id_)}")
        else:
            known.add(id_)
            yield plain(id_), prices


def offers(reading: Reading, id_: str, prices: Any) -> list[Offer]:
    """Read the prices of a model that costcheck uses [USD/Mtok].

    An alias (``gpt-4o``) is what was charged under that name on the day of the feed; a dated id
    (``gpt-4o-2024-05-13``) is one version, whose price does not follow the alias, and is left out, as are
    variants (``:free``, ``:nitro``). A model with several hosts is quoted at the median of their prices,
    input and output each for itself; OpenRouter gives the price of the cheapest host that was active.

    Source:
        ``model_prices_and_context_window.json`` in BerriAI/litellm; OpenRouter's answer of
        ``GET /api/v1/models``.

    >>> from costcheck.prices import feeds
    >>> reading = feeds.read("litellm", b'{"gpt-4o": {"litellm_provider": "openai",'
    ...     b' "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05}}', "map.json", "2026-11-01")
    >>> [(quote.key, quote.value) for quote in reading.quotes]
    [('gpt4o_input_usd_per_mtok', 2.5), ('gpt4o_output_usd_per_mtok', 10.0)]
    """
    known = ids(reading.feed.name)
    if not isinstance(prices, dict):
        raise UnreadableError(f"{id_}: {type(prices).__name__} instead of an object")
    if id_ not in known and OF_A_VERSION.sub("", id_) in known:
        raise SkippedError(VERSION, id_)
    columns = reading.prices_of(id_, id_)
    withdrawn = str(prices.get("deprecation_date", ""))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", withdrawn) and withdrawn <= reading.date:
        raise SkippedError("withdrawn by then", f"{id_} ({withdrawn})")
    is_openrouter = reading.feed.name == "openrouter"
    if is_openrouter and any(prices.get(column) in ("-1", -1, "-1.0") for column, _ in columns):
        raise SkippedError(VARIES, id_)
    made = []
    for column, key in columns:
        value = price(prices.get(column), f"{reading.name}, {id_}, {column}", id_)
        # 0.00000005 * 1e6 is 0.049999999999999996
        made.append(Offer(key, reading.date, float(f"{value * 1e6:.12g}"), id_))
    return made
