"""OpenRouter's list of models: JSON, with prices as text in USD a token."""

from __future__ import annotations

from typing import Any

from costcheck.data.tables import today
from costcheck.errors import InputError
from costcheck.prices.feeds.known import feed, ids
from costcheck.prices.feeds.litellm import A_DATED_ID, DATED
from costcheck.prices.feeds.parsing import (
    NO_KEY,
    NO_PRICE,
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

VARIES = "a price of -1, by which OpenRouter says that it varies"


def read(data: bytes, name: str, date: str | None = None) -> Reading:
    """Read the prices of the models that costcheck uses [USD/Mtok].

    A price is that of the cheapest host that was active. Variants (``:free``, ``:nitro``) and dated ids
    have prices of their own and are left out.

    Source:
        The answer of ``GET /api/v1/models``.

    >>> reading = read(b'{"data": [{"id": "openai/gpt-4o-mini",'
    ...                b' "pricing": {"prompt": "0.00000015", "completion": "0.0000006"}}]}', "m.json")
    >>> [(quote.key, quote.value) for quote in reading.quotes]
    [('gpt4o_mini_input_usd_per_mtok', 0.15), ('gpt4o_mini_output_usd_per_mtok', 0.6)]
    """
    described, known, as_of = feed("openrouter"), ids("openrouter"), date or today()
    answer = json_value(data, name, described)
    if kind(answer) != described.name:
        other = looks_like(answer, described)
        raise InputError(f"{name}: not {described.title}: no list 'data' of models with 'pricing'{other}")
    refuse_doubled(answer, name, ["data"])
    models = answer["data"]
    reading = Reading(described, name, rows=len(models))
    offers: list[tuple[str, Offer]] = []
    seen: set[str] = set()
    for place, model in enumerate(models, start=1):
        pricing, id_ = (model.get("pricing"), model.get("id")) if isinstance(model, dict) else (None, None)
        id_ = plain(id_) if isinstance(id_, str) else None
        if not isinstance(pricing, dict) or id_ is None:
            reading.unreadable.append(f"model {place}: no id or no pricing")
        elif id_ in seen:
            reading.unreadable.append(f"model {place}: {id_} stands there already")
        elif id_ in known:
            if known[id_].prices:
                refuse_doubled(model, f"{name}, {id_}")
                refuse_doubled(pricing, f"{name}, {id_}")
            if any(_varies(pricing.get(column)) for column, _ in known[id_].prices):
                reading.skip(VARIES, id_)
            else:
                offers += per_model(reading, id_, known[id_], pricing)
        elif id_.partition(":")[0] in known:
            reading.skip("a variant with a price of its own", id_)
        elif DATED.sub("", id_) in known:
            reading.skip(A_DATED_ID, id_)
        else:
            reading.skip(_why_not(pricing))
        if id_ is not None:
            seen.add(id_)
    return with_quotes(reading, known, as_of, offers)


def _varies(given: object) -> bool:
    return given in ("-1", -1, "-1.0")


def _why_not(pricing: dict[str, Any]) -> str:
    values = [pricing.get(column) for column in ("prompt", "completion")]
    if any(map(_varies, values)):
        return VARIES
    if any(value in ("0", 0, "0.0") for value in values):
        return ZERO
    return NO_PRICE if all(value is None for value in values) else NO_KEY
