"""OpenRouter's list of models: JSON, with prices as text in USD a token."""

from __future__ import annotations

from typing import Any

from costcheck.data.tables import today
from costcheck.errors import InputError
from costcheck.prices.feeds.known import Id, feed, ids
from costcheck.prices.feeds.litellm import DATED
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
from costcheck.prices.quotes import Quote

VARIES = "a price of -1, by which OpenRouter says that it varies"


def read(data: bytes, name: str, date: str | None = None) -> Reading:
    """Read the prices of the models that costcheck uses.

    A price is that of the cheapest host that was active. Variants (``:free``, ``:nitro``) and dated ids
    have prices of their own and are left out.

    Args:
        data: The answer, as JSON.
        name: What it is called.
        date: The day of the answer, as an ISO date; today by default.

    Returns:
        At most one quote a key [USD/Mtok].

    Raises:
        InputError: It is no such answer, or a price that would be taken is negative.

    Source:
        The answer of ``GET /api/v1/models``.

    >>> found = read(b'{"data": [{"id": "openai/gpt-4o-mini",'
    ...              b' "pricing": {"prompt": "0.00000015", "completion": "0.0000006"}}]}', "m.json")
    >>> [(quote.key, quote.value) for quote in found.quotes]
    [('gpt4o_mini_input_usd_per_mtok', 0.15), ('gpt4o_mini_output_usd_per_mtok', 0.6)]
    """
    described = feed("openrouter")
    answer = json_value(data, name, described)
    if kind(answer) != described.name:
        other = looks_like(answer, described)
        raise InputError(f"{name}: not {described.title}: no list 'data' of models with 'pricing'{other}")
    hold_once(answer, name, ["data"])
    models = answer["data"]
    reading = Reading(described, name, rows=len(models))
    known, as_of = ids("openrouter"), date or today()
    seen: set[str] = set()
    for nth, model in enumerate(models, start=1):
        pricing = model.get("pricing") if isinstance(model, dict) else None
        id_ = model.get("id") if isinstance(model, dict) else None
        id_ = plain(id_) if isinstance(id_, str) else None
        if not isinstance(pricing, dict) or id_ is None:
            reading.unreadable.append(f"model {nth}: no id or no pricing")
        elif id_ in seen:
            reading.unreadable.append(f"model {nth}: {id_} stands there already")
        elif id_ in known:
            if known[id_].prices:
                hold_once(model, f"{name}, {id_}")
                hold_once(pricing, f"{name}, {id_}")
            _take(reading, id_, pricing, known[id_], as_of)
        elif id_.partition(":")[0] in known:
            reading.skip("a variant with a price of its own", id_)
        elif DATED.sub("", id_) in known:
            reading.skip("a dated id, not the alias that is charged", id_)
        else:
            reading.skip(_why_not(pricing))
        if id_ is not None:
            seen.add(id_)
    order = {key: nth for nth, (_, key) in enumerate(p for each in known.values() for p in each.prices)}
    reading.quotes.sort(key=lambda quote: order[quote.key])
    return reading


def _take(reading: Reading, id_: str, pricing: dict[str, Any], known: Id, as_of: str) -> None:
    if not known.prices:
        reading.skip(known.note or NO_KEY, id_)
        return
    found: list[Quote] = []
    try:
        for column, key in known.prices:
            given = pricing.get(column)
            if _varies(given):
                reading.skip(VARIES, id_)
                return
            value = per_million(given, f"{reading.name}, {id_}, {column}")
            if not value:
                reading.skip(NO_PRICE if value is None else ZERO, id_)
                return
            within(key, value, f"{id_}, {column}")
            found.append(quote(reading, key, as_of, [Offer(value, id_)]))
    except UnreadableError as error:
        reading.unreadable.append(str(error))
        return
    reading.taken += 1
    reading.quotes += found


def _varies(given: object) -> bool:
    return given in ("-1", -1, "-1.0")


def _why_not(pricing: dict[str, Any]) -> str:
    values = [pricing.get(column) for column in ("prompt", "completion")]
    if any(map(_varies, values)):
        return VARIES
    if any(value in ("0", 0, "0.0") for value in values):
        return ZERO
    return NO_PRICE if all(value is None for value in values) else NO_KEY
