"""The units of claims against those of what they are reckoned from, and the factors between them, by hand."""

import json
import re

import pytest

from costcheck.claims import articles, load, verdicts
from costcheck.claims.conversions import converted
from costcheck.claims.loading import Text
from costcheck.errors import InputError

OWN = {
    "power": (2, "kW"), "hours": (1000, "hour"), "small": (500, "MB"), "large": (3, "GB"),
    "dear": (3e4, "CNY/GPU"), "share": (1, "percent"), "one": (1, "1"), "gpus": (8, "GPU"),
    "parameters": (2, "parameter"),
}  # fmt: skip
ENERGY = {"formula": "product", "inputs": {"quantity": "inputs.power", "other": "inputs.hours"}}
PURCHASE = {
    "formula": "purchase", "unit": "USD",
    "inputs": {"gpus": "prices.gpus", "usd_per_gpu": "prices.h100_usd"},
}  # fmt: skip


def total(*values, unit):
    return {"formula": "total", "inputs": {"values": list(values)}, "unit": unit}


def article_of(*claims):
    made = {"printed": "1", "about": "a figure", "value": 1}
    article = {
        "article": "mine", "title": "t", "language": "en", "publisher": "p", "date": "unknown",
        "address": "a",
        "inputs": {name: {"value": at, "unit": unit, "source": "x"} for name, (at, unit) in OWN.items()},
        "prices": {"h800_usd": {"value": 3e4, "unit": "CNY/GPU", "source": "x"}},
        "claims": [{"id": f"X{number}", **made, **claim} for number, claim in enumerate(claims)],
    }  # fmt: skip
    return load([Text(json.dumps(article), "mine.yaml")])[0]


def refusal(*claims):
    with pytest.raises(InputError) as refused:
        article_of(*claims)
    return str(refused.value).removeprefix("mine.yaml, line 1, claim X0, key ")


@pytest.mark.parametrize("article", articles(), ids=lambda article: article.article)
def test_the_units_of_the_packaged_articles_fit_and_none_needs_converting(article):
    assert converted(article) == article
    assert "scaled" not in str(article)


@pytest.mark.parametrize(
    ("claim", "by_hand"),
    [
        pytest.param(ENERGY | {"unit": "MWh"}, 2, id="a result: 2 kW for 1000 hours"),
        pytest.param(total("inputs.small", "inputs.large", unit="GB"), 3.5,
            id="items of a list, each by its own factor: 500 MB and 3 GB"),
        pytest.param({"formula": "mean", "unit": "W", "inputs": {"values": ["inputs.power",
            {"formula": "product", "inputs": {"quantity": "inputs.power", "other": 2}}]}}, 3000,
            id="a result of a list: the mean of 2 and 4 kW"),
        pytest.param({"formula": "emissions_tonnes", "inputs": {"energy_mwh": ENERGY, "kg_per_kwh": 0.4},
            "unit": "tCO2e"}, 0.8, id="an input of a formula that asks for MWh: 2000 kWh at 0.4 kg"),
        pytest.param({"formula": "gpus_to_hold", "unit": "GPU", "inputs": {"weight_bytes": 1e12,
            "memory_bytes_per_gpu": "gpus[gpu=NVIDIA B200].memory_gb"}}, 6, id="1000 GB at 192 GB a GPU"),
        pytest.param({"fact": "inputs.large", "unit": "MB"}, 3000, id="a fact"),
        pytest.param({"fact": "checkpoints[item=torrent size as posted].value", "unit": "byte"}, 764 * 2**30,
            id="the unit of a cell from its row: GiB"),
        pytest.param(total("gpus[gpu=NVIDIA B200].memory_gb", "inputs.small", unit="byte"), 192.5e9,
            id="a cell and an input"),
        pytest.param(total(5.0, "inputs.gpus", unit="GPU"), 13, id="a bare number beside a count is a count"),
        pytest.param(total(5.0, "inputs.one", unit="1"), 6, id="or beside a plain number"),
        pytest.param(total(5.0, "inputs.parameters", unit="parameter"), 7, id="or beside parameters"),
        pytest.param(total(5.0, 2.0, unit="TB"), 7, id="bare numbers are anything beside each other"),
        pytest.param({"formula": "blended_price", "unit": "USD/Mtok",
            "row": "api_prices[model=Llama 3.1 405B Instruct, provider=Microsoft Azure]"}, 7.9975,
            id="arguments taken from a row"),
    ],
)  # fmt: skip
def test_what_a_claim_is_made_of_is_converted(claim, by_hand):
    (verdict,) = verdicts(of=[article_of(claim)])
    assert verdict.recomputed == pytest.approx(by_hand)


def test_variants_and_the_right_quantity_are_converted_from_what_the_claim_was_before():
    claim = {
        "formula": "emissions_tonnes",
        "inputs": {"energy_mwh": ENERGY, "kg_per_kwh": 0.4},
        "unit": "tCO2e",
        "variants": [
            {"label": "cleaner", "inputs": {"kg_per_kwh": 0.2}},
            {"label": "stated", "fact": "inputs.large", "value": 3000, "unit": "MB"},
            {"label": "in kg", "unit": "kgCO2e"},
        ],
        "instead": {"label": "twice", "unit": "MB", **total("inputs.large", "inputs.large", unit="MB")},
    }
    (verdict,) = verdicts(of=[article_of(claim)])
    assert [variant.recomputed for variant in verdict.variants] == pytest.approx([0.4, 3000, 800])
    assert [right.value for right in verdict.instead] == pytest.approx([6000])


def with_variant(**variant):
    return PURCHASE | {"variants": [{"label": "fine", "inputs": {"gpus": 3.0}}, {"label": "v", **variant}]}


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (PURCHASE | {"unit": "CNY"}, "formula: USD does not fit CNY: convert with prices.usd_cny"),
        (PURCHASE | {"inputs": {"gpus": "prices.h100_usd", "usd_per_gpu": "prices.gpus"}},
         "inputs.gpus: purchase, argument gpus: USD/GPU does not fit GPU"),
        (PURCHASE | {"inputs": {"gpus": 8, "usd_per_gpu": "inputs.dear"}},
         "inputs.usd_per_gpu: purchase, argument usd_per_gpu: CNY/GPU does not fit USD/GPU"),
        (PURCHASE | {"inputs": {"gpus": 8, "usd_per_gpu": "prices.h800_usd"}},
         "inputs.usd_per_gpu: purchase, argument usd_per_gpu: CNY/GPU does not fit USD/GPU"),
        (PURCHASE | {"unit": "USDs/GPUU"}, "unit: unit 'USDs/GPUU': unknown unit 'GPUU': did you mean 'GPU'"),
        ({"formula": "mean", "unit": "USD", "inputs": {"values": [
            {"formula": "purchase", "inputs": {"gpus": "prices.gpu_hours", "usd_per_gpu": 1}}]}},
         "inputs.values.0.inputs.gpus: purchase, argument gpus: GPU-hour does not fit GPU"),
        (total("inputs.large", "inputs.hours", unit="GB"),
         "inputs.values.1: hour does not fit GB: they measure different things"),
        # 500 and 2 kW are neither 502 kW nor 502 W as long as nobody says what the 500 are
        (total(5e2, "inputs.power", unit="kW"), "inputs.values.0: 500 has no unit, but others in the list "
         "are in kW; give it one under inputs"),
        (total("inputs.share", 0.5, unit="percent"), "inputs.values.1: 0.5 has no unit"),
        ({"fact": "checkpoints[item=torrent size as posted].value", "unit": "GPU"}, "fact: GiB does not fit"),
        ({"formula": "total", "inputs": {"values": "checkpoints.value[*]"}, "unit": "byte"},
         r"inputs\.values: .* does not fit .*: the rows are in several units"),
        ({"formula": "words_from_tokens", "unit": "character",
          "row": "tokens_per_word[text=Moby Dick (Gutenberg pg2701.txt, line breaks kept)]"},
         "formula: word does not fit character"),
        (with_variant(inputs={"gpus": "prices.gpu_hours"}), "variants.1.inputs.gpus: purchase,"),
        (with_variant(formula="count", inputs={"values": "books.words[*]"}), "variants.1.formula: 1 does"),
        (with_variant(fact="books[number=1].words"), "variants.1.fact: word/book does not fit USD"),
        (PURCHASE | {"instead": {"label": "in yuan", "formula": "convert",
            "inputs": {"amount": "claims.X0", "rate": "prices.usd_cny"}}}, "instead.0.formula: CNY does not"),
        (PURCHASE | {"instead": {"label": "x", "unit": "USDD", **ENERGY}}, "instead.0.unit: unit 'USDD'"),
        ({"not_computable": "given", "price": "gpu_hours", "unit": "GPU-year"},
         "price: GPU-year does not fit GPU-hour: the claim states the price gpu_hours; give its value in "),
    ],
)  # fmt: skip
def test_units_that_do_not_fit_are_refused_with_the_claim_and_the_key(claim, message):
    assert re.match(message, refusal(claim))


def test_a_variant_in_a_unit_of_its_own_and_a_price_stated_in_its_unit_fit():
    article_of(with_variant(formula="count", inputs={"values": "books.words[*]"}, unit="book", value=7))
    article_of({"not_computable": "given", "price": "h100_usd", "unit": "USD/GPU"})
