"""LiteLLM's price map: a JSON object of model ids, with prices in USD a token."""

from __future__ import annotations

import re
from typing import Any

from costcheck.data.tables import today
from costcheck.errors import InputError
from costcheck.prices.feeds.known import feed, ids
from costcheck.prices.feeds.parsing import (
    NO_KEY,
    ZERO,
    Offer,
    Reading,
    json_value,
    kind,
    looks_like,
    per_model,
    plain,
    refuse_doubled,
    with_quotes,
)

COLUMNS = ("input_cost_per_token", "output_cost_per_token")
UNPRICED = "no price a token"
SPECIMEN = "sample_spec"
"""The entry that explains the format: it is no model, and its prices are zeros."""
DATED = re.compile(r"[-@](\d{4}-\d{2}-\d{2}|\d{8})(-v\d+:\d+)?$")
A_DATED_ID = "a dated id, not the alias that is charged"


def read(data: bytes, name: str, date: str | None = None) -> Reading:
    """Read the prices of the models that costcheck uses [USD/Mtok].

    An alias (``gpt-4o``) is what was charged under that name on the day of the map; a dated id
    (``gpt-4o-2024-05-13``) is one version, whose price does not follow the alias, and is left out. A model
    with several hosts is quoted at the median of their prices, input and output each for itself.

    Source:
        ``model_prices_and_context_window.json`` in BerriAI/litellm; its entry ``sample_spec`` is the format.

    >>> reading = read(b'{"gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 2.5e-06,'
    ...                b' "output_cost_per_token": 1e-05}}', "map.json", "2026-11-01")
    >>> [(quote.key, quote.value) for quote in reading.quotes]
    [('gpt4o_input_usd_per_mtok', 2.5), ('gpt4o_output_usd_per_mtok', 10.0)]
    """
    described, known, as_of = feed("litellm"), ids("litellm"), date or today()
    entries = json_value(data, name, described)
    if kind(entries) != described.name:
        other = looks_like(entries, described)
        raise InputError(f"{name}: not {described.title}: no entry has a 'litellm_provider'{other}")
    refuse_doubled(entries, name, (model for model in known if known[model].prices))
    reading = Reading(described, name, rows=len(entries))
    offers: list[tuple[str, Offer]] = []
    for model, entry in entries.items():
        if not isinstance(entry, dict):
            reading.unreadable.append(f"{plain(model)}: {type(entry).__name__} instead of an object")
        elif model == SPECIMEN:
            reading.skip("the entry that explains the format")
        elif model in known:
            if known[model].prices:
                refuse_doubled(entry, f"{name}, {model}")
            if known[model].prices and (withdrawn := _withdrawn(entry)) and withdrawn <= as_of:
                reading.skip("withdrawn by then", f"{model} ({withdrawn})")
            else:
                offers += per_model(reading, model, known[model], entry)
        elif model[-1:].isdigit() and DATED.sub("", model) in known:
            reading.skip(A_DATED_ID, model)
        else:
            reading.skip(_why_not(entry))
    return with_quotes(reading, known, as_of, offers)


def _withdrawn(entry: dict[str, Any]) -> str | None:
    """Return the day from which a model is not to be had, where the map has one."""
    day = entry.get("deprecation_date")
    return day if isinstance(day, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) else None


def _why_not(entry: dict[str, Any]) -> str:
    # not a loop over COLUMNS: this is asked thousands of times
    first, second = entry.get(COLUMNS[0]), entry.get(COLUMNS[1])
    if first == 0 or second == 0:
        return ZERO
    return UNPRICED if first is None and second is None else NO_KEY
