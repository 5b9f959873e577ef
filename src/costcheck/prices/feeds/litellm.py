"""LiteLLM's price map: a JSON object of model ids, with prices in USD a token."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from costcheck.data.tables import today
from costcheck.errors import InputError
from costcheck.prices.feeds.known import Id, feed, ids
from costcheck.prices.feeds.parsing import (
    NO_KEY,
    NO_PRICE,
    ZERO,
    Offer,
    Reading,
    UnreadableError,
    hold_once,
    json_value,
    kind,
    looks_like,
    per_million,
    plain,
    quote,
    within,
)

COLUMNS = ("input_cost_per_token", "output_cost_per_token")
UNPRICED = "no price a token"
SPECIMEN = "sample_spec"
"""The entry that explains the format: it is no model, and its prices are zeros."""
DATED = re.compile(r"[-@](\d{4}-\d{2}-\d{2}|\d{8})(-v\d+:\d+)?$")


def read(data: bytes, name: str, date: str | None = None) -> Reading:
    """Read the prices of the models that costcheck uses.

    An alias (``gpt-4o``) is what was charged under that name on the day of the map; a dated id
    (``gpt-4o-2024-05-13``) is one version, whose price does not follow the alias, and is left out. A model
    with several hosts is quoted at the median of their prices, input and output each for itself.

    Args:
        data: The JSON file.
        name: What it is called.
        date: The day the map is of, as an ISO date; today by default.

    Returns:
        At most one quote a key [USD/Mtok].

    Raises:
        InputError: It is no such file, or a price that would be taken is negative.

    Source:
        ``model_prices_and_context_window.json`` in BerriAI/litellm; its entry ``sample_spec`` is the format.

    >>> found = read(b'{"gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 2.5e-06,'
    ...              b' "output_cost_per_token": 1e-05}}', "map.json", "2026-11-01")
    >>> [(quote.key, quote.value) for quote in found.quotes]
    [('gpt4o_input_usd_per_mtok', 2.5), ('gpt4o_output_usd_per_mtok', 10.0)]
    """
    described = feed("litellm")
    known = ids("litellm")
    entries = json_value(data, name, described)
    if kind(entries) != described.name:
        other = looks_like(entries, described)
        raise InputError(f"{name}: not {described.title}: no entry has a 'litellm_provider'{other}")
    hold_once(entries, name, (model for model in known if known[model].prices))
    reading = Reading(described, name, rows=len(entries))
    offers: dict[str, list[Offer]] = defaultdict(list)
    as_of = date or today()
    for model, entry in entries.items():
        if not isinstance(entry, dict):
            reading.unreadable.append(f"{plain(model)}: {type(entry).__name__} instead of an object")
            continue
        if model == SPECIMEN:
            reading.skip("the entry that explains the format")
        elif model in known:
            _take(reading, model, entry, known[model], as_of, offers)
        elif model[-1:].isdigit() and DATED.sub("", model) in known:
            reading.skip("a dated id, not the alias that is charged", model)
        else:
            reading.skip(_why_not(entry))
    order = [key for each in known.values() for _, key in each.prices]
    reading.quotes = [quote(reading, key, as_of, offers[key]) for key in dict.fromkeys(order) if offers[key]]
    return reading


def _take(
    reading: Reading, model: str, entry: dict[str, Any], known: Id, as_of: str, offers: dict[str, list[Offer]]
) -> None:
    if not known.prices:
        reading.skip(known.note or NO_KEY, model)
        return
    hold_once(entry, f"{reading.name}, {model}")
    withdrawn = entry.get("deprecation_date")
    if isinstance(withdrawn, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", withdrawn) and withdrawn <= as_of:
        reading.skip("withdrawn by then", f"{model} ({withdrawn})")
        return
    found: list[tuple[str, Offer]] = []
    try:
        for column, key in known.prices:
            value = per_million(entry.get(column), f"{reading.name}, {model}, {column}")
            if not value:
                reading.skip(NO_PRICE if value is None else ZERO, model)
                return
            found.append((key, Offer(within(key, value, f"{model}, {column}"), model)))
    except UnreadableError as error:
        reading.unreadable.append(str(error))
        return
    reading.taken += 1
    for key, offer in found:
        offers[key].append(offer)


def _why_not(entry: dict[str, Any]) -> str:
    # not a loop over COLUMNS: this is asked thousands of times
    first, second = entry.get(COLUMNS[0]), entry.get(COLUMNS[1])
    if first == 0 or second == 0:
        return ZERO
    return UNPRICED if first is None and second is None else NO_KEY
