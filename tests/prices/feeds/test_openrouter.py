"""OpenRouter's answer: prices as text, variants, markers, and answers that are none."""

import json

import pytest

from costcheck.errors import InputError
from costcheck.prices import feeds


def model(id_: str, prompt: object = "0.000003", completion: object = "0.000015") -> dict[str, object]:
    return {"id": id_, "pricing": {"prompt": prompt, "completion": completion, "image": "0"}}


def read(*models: object) -> feeds.Reading:
    return feeds.read("openrouter", json.dumps({"data": models}).encode(), "models.json", "2025-02-08")


def test_text_in_usd_a_token_becomes_usd_a_million_tokens():
    found = read(model("meta-llama/llama-3.1-405b-instruct", "0.0000027", 0.0000027))
    assert [(quote.key, quote.value) for quote in found.quotes] == [
        ("llama_405b_input_usd_per_mtok", 2.7),
        ("llama_405b_output_usd_per_mtok", 2.7),
    ]


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (model("openai/gpt-4o:free"), "a variant with a price of its own"),
        (model("openai/gpt-4o:nitro"), "a variant with a price of its own"),
        (model("openai/gpt-4o-2024-05-13"), "a dated id, not the alias that is charged"),
        (model("meta-llama/llama-3.1-405b"), "the base model, not the one for instructions"),
        (model("openai/gpt-4o", "-1", "-1"), "it varies"),
        (model("openai/gpt-4o", "0"), "a price of zero, which means unknown"),
        (model("openai/gpt-4o", None), "no price"),
    ],
)
def test_what_is_no_price_of_the_model_is_listed_with_its_reason(other, reason):
    found = read(model("openai/gpt-4o-mini"), other)
    assert {quote.key for quote in found.quotes} == {
        "gpt4o_mini_input_usd_per_mtok",
        "gpt4o_mini_output_usd_per_mtok",
    }
    (listed,) = found.left_out
    assert listed.startswith(other["id"])
    assert listed.endswith(reason)


def test_models_that_are_not_used_are_counted_by_what_is_wrong_with_their_price():
    found = read(
        model("openai/gpt-4o"), model("a"), model("b", "0"), model("c", "-1"), model("d", None, None)
    )
    assert sum(found.skipped.values()) == 4
    assert len(found.skipped) == 4


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ({"id": "x"}, "model 2: no id or no pricing"),
        ("x", "model 2: no id or no pricing"),
        (model("openai/gpt-4o-mini"), "stands there already"),
        (model("openai/gpt-4o", "free"), "'free' is not a number"),
        (model("openai/gpt-4o", "3"), "out of bounds"),
    ],
)
def test_a_model_that_cannot_be_read_is_listed(odd, said):
    found = read(model("openai/gpt-4o-mini"), odd)
    assert len(found.quotes) == 2
    (listed,) = found.unreadable
    assert said in listed


def test_any_other_negative_price_refuses_the_whole_answer():
    with pytest.raises(InputError, match=r"-0\.5 is negative"):
        read(model("openai/gpt-4o", "-0.5"))


PRICES = '"prompt": "0.000003", "completion": "0.000015"'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"pricing": {"prompt": "0.000009", PRICES}', "'prompt' stands there twice"),
        ('"pricing": {}, "pricing": {PRICES}', "'pricing' stands there twice"),
    ],
)
def test_a_model_with_two_prices_is_refused_if_it_would_be_taken_and_only_then(text, said):
    twice = '{"id": "ID", ' + text.replace("PRICES", PRICES) + "}"
    good = f'{{"id": "openai/gpt-4o", "pricing": {{{PRICES}}}}}'
    whole = f'{{"data": [{good}, {twice}]}}'
    assert feeds.read("openrouter", whole.replace("ID", "other").encode(), "models.json").quotes
    with pytest.raises(InputError, match=f"models.json, openai/gpt-4o-mini: {said}"):
        feeds.read("openrouter", whole.replace("ID", "openai/gpt-4o-mini").encode(), "models.json")


def test_an_answer_with_two_lists_is_refused():
    data = f'{{"data": [], "data": [{json.dumps(model("openai/gpt-4o"))}]}}'
    with pytest.raises(InputError, match=r"models\.json: 'data' stands there twice"):
        feeds.read("openrouter", data.encode(), "models.json")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"data": []}', "no list 'data' of models"),
        (b'{"error": {"code": 429}}', "no list 'data' of models"),
        (b'{"m": {"litellm_provider": "x"}}', "costcheck prices import litellm"),
    ],
)
def test_what_is_no_such_answer_is_refused(data, said):
    with pytest.raises(InputError, match=said):
        feeds.read("openrouter", data, "models.json")
