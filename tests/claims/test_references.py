"""How a claim names its inputs: each form, and each way to get it wrong."""

import pytest

from costcheck.claims.references import CellReference, Named, fitting, parse
from costcheck.errors import InputError


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("prices.h100_usd", Named("prices", "h100_usd")),
        ("claims.Z49", Named("claims", "Z49")),
        ("gpus[gpu=NVIDIA B200].memory_gb",
         CellReference("gpus", (("gpu", "NVIDIA B200"),), "memory_gb", many=False, by=None)),
        ("books.words[*]", CellReference("books", (), "words", many=True, by=None)),
        ("leaked_scores[model=gpt-4o].score[*] by benchmark",
         CellReference("leaked_scores", (("model", "gpt-4o"),), "score", many=True, by="benchmark")),
        # two conditions; true or false as the file writes it
        ("models[tied_embeddings=false, model=Llama 2 7B].n_layers",
         CellReference("models", (("tied_embeddings", "false"), ("model", "Llama 2 7B")), "n_layers", False,
                       None)),
        # a comma within a value
        ("tokens_per_word[text=OpenAI rule of thumb, English].words_per_token",
         CellReference("tokens_per_word", (("text", "OpenAI rule of thumb, English"),), "words_per_token",
                       False, None)),
    ],
)  # fmt: skip
def test_each_form_is_read(text, names):
    assert parse(text) == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prices.h10_usd", "unknown price 'h10_usd': did you mean 'h100_usd'?"),
        ("gpuss[gpu=NVIDIA B200].memory_gb", "unknown table 'gpuss': did you mean 'gpus'?"),
        ("gpus[gpu=NVIDIA B200].memry_gb",
            "table gpus: unknown column 'memry_gb': did you mean 'memory_gb'?"),
        ("gpus[gpo=NVIDIA B200].memory_gb",
            "'gpo=NVIDIA B200': unknown column 'gpo': did you mean 'gpu'?"),
        ("gpus[gpu=NVIDIA B2000].memory_gb",
            "table gpus: unknown gpu 'NVIDIA B2000': did you mean 'NVIDIA B200'?"),
        ("gpus[NVIDIA B200].memory_gb",
            "'NVIDIA B200' is no condition; write COLUMN=VALUE, such as gpu=NVIDIA B200"),
        ("models[model=Llama 3 8B, family=Llama 2].n_layers",
            "'models[model=Llama 3 8B, family=Llama 2].n_layers' fits 0 rows of data/models.csv; "
            "exactly one is needed"),
        ("models[family=Llama 3].n_layers",
            "'models[family=Llama 3].n_layers' fits 2 rows of data/models.csv; exactly one is needed"),
        ("gpus[gpu=NVIDIA GeForce RTX 4090].bf16_dense_tflops",
            "column bf16_dense_tflops has an empty cell in data/gpus.csv"),
        ("training_runs.gpu_hours[*] by note",
            "column note has an empty cell in data/training_runs.csv"),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_answered_with_the_nearest_or_the_number_of_rows(text, message):
    with pytest.raises(InputError) as refused:
        parse(text)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    "text",
    [
        "", "h100_usd", "gpus", "gpus[", "gpus[]", "gpus..memory_gb", "books.words[1]", "books.words[*] by",
        "1.5e9 x",
    ],
)  # fmt: skip
def test_what_has_no_known_form_is_answered_with_the_forms(text):
    with pytest.raises(InputError) as refused:
        parse(text)
    assert str(refused.value) == (
        f"{text!r} is no reference; allowed: prices.KEY, inputs.NAME, claims.ID, "
        "TABLE[COLUMN=VALUE].COLUMN, TABLE[COLUMN=VALUE].COLUMN[*] by COLUMN"
    )


def test_a_condition_may_have_a_number_and_rows_are_sorted_where_it_is_asked():
    assert fitting(parse("precisions[bytes_per_parameter=4].precision"))[0]["precision"] == "fp32"
    fit = fitting(parse("leaked_scores[model=gpt-4o].score[*] by benchmark"))
    benchmarks = [row["benchmark"] for row in fit]
    assert len(benchmarks) == 13
    assert benchmarks == sorted(benchmarks)
