"""LiteLLM's map: USD a token, aliases, hosts, zeros, and files that are none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcheck.errors import InputError
from costcheck.prices import feeds
from costcheck.prices.feeds.known import ids

HOSTS = (
    "fireworks_ai/accounts/fireworks/models/llama-v3p1-405b-instruct",
    "lambda_ai/llama3.1-405b-instruct-fp8",
    "nebius/meta-llama/Meta-Llama-3.1-405B-Instruct",
)


def entry(input_: object = 3e-06, output: object = 1.5e-05, **more: object) -> dict[str, object]:
    made = {"litellm_provider": "openai", "mode": "chat", **more}
    made |= {} if input_ is None else {"input_cost_per_token": input_}
    return made | ({} if output is None else {"output_cost_per_token": output})


def read(entries: object, date: str = "2026-01-01") -> feeds.Reading:
    data = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return feeds.read("litellm", data, "map.json", date)


def values(found: feeds.Reading) -> dict[str, float]:
    return {quote.key: quote.value for quote in found.quotes}


def test_a_price_a_token_becomes_one_a_million_tokens_to_the_last_digit():
    # by hand: 0.00000005 * 1,000,000 = 0.05, which floating point alone makes 0.049999999999999996
    found = read({"gpt-4o-mini": entry(0.00000005, 6e-07)})
    assert values(found) == {"gpt4o_mini_input_usd_per_mtok": 0.05, "gpt4o_mini_output_usd_per_mtok": 0.6}
    assert {(quote.unit, quote.as_of) for quote in found.quotes} == {("USD/Mtok", "2026-01-01")}


def test_the_alias_is_taken_and_the_dated_id_is_listed():
    found = read({"gpt-4o": entry(2.5e-06, 1e-05), "gpt-4o-2024-05-13": entry(5e-06, 1.5e-05)})
    assert values(found) == {"gpt4o_input_usd_per_mtok": 2.5, "gpt4o_output_usd_per_mtok": 10.0}
    assert found.left_out == ["gpt-4o-2024-05-13: a dated id, not the alias that is charged"]


def test_several_hosts_are_quoted_at_their_median_with_the_range():
    found = read(dict(zip(HOSTS, [entry(3e-06), entry(8e-07), entry(1e-06)], strict=True)))
    quote = found.quotes[0]
    assert (quote.key, quote.value, quote.low, quote.high) == ("llama_405b_input_usd_per_mtok", 1.0, 0.8, 3.0)
    assert quote.note is not None
    assert quote.note.startswith(f"median of 3: {HOSTS[0]} 3, {HOSTS[1]} 0.8")


@pytest.mark.parametrize("zero", [0, 0.0, "0"])
@pytest.mark.parametrize("column", ["input_", "output"])
def test_a_zero_price_is_unknown_and_never_free(zero, column):
    found = read({"gpt-4o": entry(**{column: zero}), "gpt-4o-mini": entry()})
    assert not any("gpt4o_input" in key or "gpt4o_output" in key for key in values(found))
    assert found.left_out == ["gpt-4o: a price of zero, which means unknown"]


def test_zeros_of_models_that_are_not_used_are_counted_too():
    found = read(
        {
            "gpt-4o": entry(),
            "free": entry(0.0, 0.0),
            "sample_spec": entry(0, 0),
            "image": entry(None, None),
            "other": entry(),
        }
    )
    assert dict(found.skipped) == {
        "a price of zero, which means unknown": 1,
        "the entry that explains the format": 1,
        "no price a token": 1,
        "not a price that costcheck uses": 1,
    }


def test_a_placeholder_price_is_left_out_with_its_reason():
    found = read({"gpt-4o": entry(), "groq/llama-3.1-405b-reasoning": entry(5.9e-07, 7.9e-07)})
    assert "llama_405b_input_usd_per_mtok" not in values(found)
    assert "placeholder" in found.left_out[0]


def test_a_model_that_was_withdrawn_by_then_has_no_price():
    entries = {"gpt-4o": entry(), "gpt-4o-mini": entry(deprecation_date="2025-12-31")}
    assert "gpt4o_mini_input_usd_per_mtok" not in values(read(entries, "2026-01-01"))
    assert "gpt4o_mini_input_usd_per_mtok" in values(read(entries, "2025-12-30"))


@pytest.mark.parametrize(
    ("price", "said"),
    [
        ("cheap", "'cheap' is not a number"),
        (True, "True is not a number"),
        ([1], "[1] is not a number"),
        (float("nan"), "not a finite number"),
        (2.5, "gpt4o_input_usd_per_mtok: 2,500,000 is out of bounds"),
    ],
)
def test_a_price_that_cannot_be_read_is_listed_by_its_model(price, said):
    found = read({"gpt-4o": entry(price), "gpt-4o-mini": entry()})
    (listed,) = found.unreadable
    assert said in listed
    assert "gpt-4o, input_cost_per_token" in listed
    assert "gpt4o_output_usd_per_mtok" not in values(found)


def test_an_entry_that_is_no_object_is_listed():
    assert read({"gpt-4o": entry(), "odd": 3}).unreadable == ["odd: int instead of an object"]


def test_a_negative_price_refuses_the_whole_map():
    with pytest.raises(InputError, match=r"gpt-4o, input_cost_per_token: -3e-06 is negative"):
        read({"gpt-4o": entry(-3e-06), "gpt-4o-mini": entry()})


def test_a_model_that_stands_twice_is_found_however_its_name_is_written():
    one = json.dumps(entry())
    with pytest.raises(InputError, match="'gpt-4o' stands there twice"):
        read(f'{{"gpt-4o": {one}, "\\u0067pt-4o": {one}}}'.encode())


def test_of_several_models_that_stand_twice_the_first_that_is_known_is_told():
    taken = [name for name, known in ids("litellm").items() if known.prices]
    twice = [f'"{name}": {json.dumps(entry())}' for name in [*reversed(taken), *taken]]
    with pytest.raises(InputError, match=f"map.json: {taken[0]!r} stands there twice"):
        read(f"{{{', '.join(twice)}}}".encode())


@pytest.mark.parametrize("column", ["input_cost_per_token", "output_cost_per_token", "deprecation_date"])
def test_a_model_with_two_prices_is_refused_if_it_would_be_taken_and_only_then(column):
    twice = f'{json.dumps(entry())[:-1]}, "{column}": 0, "{column}": 9e-06}}'
    assert values(read(f'{{"gpt-4o": {json.dumps(entry())}, "other": {twice}}}'.encode()))
    with pytest.raises(InputError, match=rf"map\.json, gpt-4o: '{column}' stands there twice"):
        read(f'{{"gpt-4o": {twice}}}'.encode())


def test_a_model_named_elsewhere_does_not_stand_twice():
    assert values(read({"gpt-4o": entry(), "other": entry(base_model="gpt-4o")}))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (json.dumps({"gpt-4o": entry()}).encode()[:-30], "seems to be cut off"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' + b"1" * 5000 + b"}", "no JSON that can be read"),
        (b"{}", "no entry has a 'litellm_provider'"),
        (b"3", "no entry has a 'litellm_provider'"),
        (b"words", "no JSON, but LiteLLM price map is JSON"),
        (b"\x80", "not UTF-8"),
        (b"PK\x03\x04rest", "a ZIP; unpack it first"),
        (b"Date,USD,JPY,CNY,\n2024-07-22,1,1,1,\n", "costcheck prices import ecb"),
        (b'{"data": [{"id": "a", "pricing": {}}]}', "costcheck prices import openrouter"),
        (json.dumps({"x": entry()}).encode(), "nothing to take; 1 read"),
    ],
)
def test_what_is_no_such_map_is_refused_in_one_line(data, said):
    with pytest.raises(InputError) as raised:
        read(data)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


@given(
    st.dictionaries(
        st.sampled_from([*HOSTS, "gpt-4o", "gpt-4o-2024-05-13", "sample_spec", "other"]),
        st.one_of(st.none(), st.floats(0, 1e-05), st.text("a9. /N", max_size=3)),
        min_size=1,
    )
)
def test_every_entry_has_one_outcome_and_no_quote_is_zero(prices):
    found = read({name: entry(price) for name, price in prices.items()} | {"gpt-4o-mini": entry()})
    assert found.rows == found.taken + sum(found.skipped.values()) + len(found.unreadable)
    assert all(quote.value > 0 for quote in found.quotes)
    for quote in found.quotes:
        assert (quote.low or quote.value) <= quote.value <= (quote.high or quote.value)
