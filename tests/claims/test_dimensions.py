"""The units of claims against those of what they are reckoned from."""

import dataclasses

import pytest

from costcheck.claims import articles, verdicts
from costcheck.claims.article import Article, Call, Claim, Instead, Stated, Statement, Variant
from costcheck.claims.dimensions import checked
from costcheck.units.notation import UnitMismatch


def article_with(*claims, **more):
    made = {
        "where": "text", "printed": "1", "about": "a figure", "kind": Statement.ARITHMETIC, "value": 1.0,
        "notebook": "08_verdicts",
    }  # fmt: skip
    return Article(
        article="mine", title="t", language="en", publisher="p", date="unknown", address="a",
        claims=[Claim(**({**made, "id": f"X{number}"} | claim)) for number, claim in enumerate(claims)],
        **more,
    )  # fmt: skip


def mismatches(article):
    return checked(article).mismatches


def found(*claims):
    return [(index, path, str(error)) for index, path, error in mismatches(article_with(*claims))]


PURCHASE = {"formula": "purchase", "inputs": {"gpus": "prices.gpus", "usd_per_gpu": "prices.h100_usd"}}


@pytest.mark.parametrize("article", articles(), ids=lambda article: article.article)
def test_the_units_of_the_packaged_articles_fit_and_none_needs_converting(article):
    found = checked(article)
    assert found.mismatches == []
    assert found.factors == {}


def test_the_causes_named_in_the_packaged_articles_are_the_translations_slips():
    causes = {verdict.claim.id: verdict.cause[:20] for verdict in verdicts() if verdict.cause}
    assert causes == dict.fromkeys(("J37", "J38", "J39"), "ten times too large:")


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("CNY", "USD does not fit CNY: convert with prices.usd_cny"),
        ("USD/GPU", "USD does not fit USD/GPU: divide by the number of GPUs"),
        ("times", "USD does not fit times: a plain number is asked for"),
    ],
)
def test_a_result_in_another_unit_than_the_claims_is_found_at_the_formula(unit, said):
    ((index, path, message),) = found({**PURCHASE, "unit": unit})
    assert (index, path) == (0, ("formula",))
    assert message.startswith(said)


def test_each_wrong_input_is_found_and_none_hides_another():
    swapped = {"gpus": "prices.h100_usd", "usd_per_gpu": "prices.gpus"}
    assert [path for _, path, _ in found({"formula": "purchase", "inputs": swapped, "unit": "CNY"})] == [
        ("inputs", "gpus"),
        ("inputs", "usd_per_gpu"),
        ("formula",),
    ]


def test_what_is_nested_is_found_by_its_path():
    inner = Call(formula="purchase", inputs={"gpus": "prices.gpu_hours", "usd_per_gpu": "prices.h100_usd"})
    claim = {"formula": "mean", "inputs": {"values": ["claims.X1", inner]}, "unit": "USD"}
    ((_, path, _),) = found(claim, {"unit": "USD", "not_computable": "given"})
    assert path == ("inputs", "values", 1, "inputs", "gpus")


def test_the_items_of_a_list_are_held_to_the_first_that_has_a_unit():
    made = article_with(
        {
            "formula": "total",
            "inputs": {"values": ["gpus[gpu=NVIDIA B200].memory_gb", "claims.X1", "claims.X2"]},
            "unit": "byte",
        },
        {"unit": "MB", **{"not_computable": "given"}},
        {"unit": "hour", **{"not_computable": "given"}},
    )
    result = checked(made)
    assert result.factors == {(0, ("inputs", "values", 1)): 0.001, (0, ("formula",)): 1e9}
    assert [(path, str(error)) for _, path, error in result.mismatches] == [
        (("inputs", "values", 2), "hour does not fit GB: they measure different things")
    ]


def test_a_bare_number_beside_units_is_refused_in_a_list():
    # 500 and 2 TB are neither 502 TB nor 502,000 GB as long as nobody says what the 500 are
    storage = {"formula": "total", "inputs": {"values": [5e2, "claims.X1"]}, "unit": "GB"}
    assert found(storage, {"unit": "TB", "not_computable": "given"}) == [
        (
            0,
            ("inputs", "values", 0),
            "500 has no unit, but others in the list are in TB; give it one under inputs",
        )
    ]
    share = {"formula": "total", "inputs": {"values": ["claims.X1", 0.5]}, "unit": "percent"}
    ((_, path, _),) = found(share, {"unit": "percent", "not_computable": "given"})
    assert path == ("inputs", "values", 1)


def test_bare_numbers_are_counts_beside_a_count_and_anything_beside_each_other():
    for unit in ("1", "GPU", "parameter"):
        count = {"formula": "total", "inputs": {"values": [5.0, "claims.X1"]}, "unit": unit}
        assert found(count, {"unit": unit, "not_computable": "given"}) == []
    assert found({"formula": "total", "inputs": {"values": [5.0, 2.0]}, "unit": "TB"}) == []


def test_the_unit_of_a_cell_comes_from_its_row_where_the_table_says_so():
    torrent = "checkpoints[item=torrent size as posted].value"  # in GiB
    result = checked(article_with({"fact": torrent, "unit": "byte"}))
    assert result.factors == {(0, ("fact",)): 2**30}
    assert [path for _, path, _ in found({"fact": torrent, "unit": "GPU"})] == [("fact",)]


def test_cells_in_several_units_are_refused():
    ((_, path, message),) = found(
        {"formula": "total", "inputs": {"values": "checkpoints.value[*]"}, "unit": "byte"}
    )
    assert path == ("inputs", "values")
    assert message.endswith("the rows are in several units")


@pytest.mark.parametrize(
    ("formula", "row", "fits", "does_not"),
    [
        ("blended_price", "api_prices[model=Llama 3.1 405B Instruct, provider=Microsoft Azure]",
         "USD/Mtok", "USD"),
        ("words_from_tokens", "tokens_per_word[text=Moby Dick (Gutenberg pg2701.txt, line breaks kept)]",
         "word", "character"),
    ],
)  # fmt: skip
def test_arguments_taken_from_a_row_are_validated_and_may_give_the_unit_of_the_result(
    formula, row, fits, does_not
):
    assert found({"formula": formula, "row": row, "unit": fits}) == []
    assert [path for _, path, _ in found({"formula": formula, "row": row, "unit": does_not})] == [
        ("formula",)
    ]


def test_what_an_input_is_multiplied_by_is_noted_at_the_input():
    inputs = {"weight_bytes": 1e12, "memory_bytes_per_gpu": "gpus[gpu=NVIDIA B200].memory_gb"}
    result = checked(article_with({"formula": "gpus_to_hold", "inputs": inputs, "unit": "GPU"}))
    assert result.mismatches == []
    assert result.factors == {(0, ("inputs", "memory_bytes_per_gpu")): 1e9}


def test_variants_and_right_quantities_are_held_to_their_own_unit_or_the_claims():
    in_yuan = {"amount": "claims.X0", "rate": "prices.usd_cny"}
    claim = {
        **PURCHASE,
        "unit": "USD",
        "variants": [
            Variant(label="fine", inputs={"gpus": 3.0}),
            Variant(label="wrong input", inputs={"gpus": "prices.gpu_hours"}),
            Variant(label="wrong unit", formula="count", inputs={"values": "books.words[*]"}),
            Variant(label="own unit", formula="count", inputs={"values": "books.words[*]"}, unit="book"),
            Variant(label="fact", fact="books[number=1].words"),
        ],
        "instead": [Instead(label="in yuan", formula="convert", inputs=in_yuan)],
    }
    assert [path for _, path, _ in found(claim)] == [
        ("variants", 1, "inputs", "gpus"),
        ("variants", 2, "formula"),
        ("variants", 4, "fact"),
        ("instead", 0, "formula"),
    ]


def test_what_a_variant_takes_over_from_its_claim_is_said_once():
    claim = {
        "formula": "purchase",
        "inputs": {"gpus": "prices.gpu_hours", "usd_per_gpu": "prices.h100_usd"},
        "unit": "USD",
        "variants": [Variant(label="cheaper", inputs={"usd_per_gpu": 3.0})],
    }
    assert [path for _, path, _ in found(claim)] == [("inputs", "gpus")]


def test_a_claim_that_states_a_price_states_it_in_that_prices_unit():
    stated = {"not_computable": "given", "price": "h100_usd"}
    assert found({**stated, "unit": "USD/GPU"}) == []
    ((_, path, message),) = found({**stated, "price": "gpu_hours", "unit": "GPU-year"})
    assert (path, message) == (
        ("price",),
        "GPU-year does not fit GPU-hour: the claim states the price gpu_hours; give its value in GPU-hour",
    )


def test_a_unit_that_does_not_exist_is_found_where_it_stands_and_nowhere_else():
    uses = {"formula": "convert", "inputs": {"amount": "claims.X0", "rate": "prices.usd_cny"}, "unit": "CNY"}
    result = mismatches(article_with({**PURCHASE, "unit": "USDs/GPUU"}, uses))
    ((index, path, error),) = result
    assert (index, path) == (0, ("unit",))
    assert not isinstance(error, UnitMismatch)
    assert "did you mean 'GPU'" in str(error)


@pytest.mark.parametrize(("key", "name"), [("inputs", "price"), ("prices", "h800_usd")])
def test_inputs_and_prices_of_the_articles_own_are_known_by_their_unit(key, name):
    inputs = {"gpus": 8, "usd_per_gpu": f"{key}.{name}"}
    article = article_with({"formula": "purchase", "inputs": inputs, "unit": "USD"})
    dear = Stated(value=3e4, unit="CNY/GPU", source="a test")
    ((_, path, error),) = mismatches(dataclasses.replace(article, **{key: {name: dear}}))
    assert path == ("inputs", "usd_per_gpu")
    assert "CNY/GPU does not fit USD/GPU" in str(error)
