"""How a sum names cells of tables: each form, and each way to get it wrong."""

import pytest

from costcheck.claims.references import parse
from costcheck.errors import InputError


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('gpus["NVIDIA B200"].memory_gb', [192]),  # the first column
        ("precisions[bytes_per_parameter=4].precision", ["fp32"]),
        # two conditions; true or false as the file writes it
        ("models[tied_embeddings=false, model=Llama 2 7B].n_layers", [32]),
        # a comma within a value
        ("tokens_per_word[text=OpenAI rule of thumb, English].words_per_token", [0.75]),
    ],
)
def test_each_form_names_its_cells(text, values):
    assert parse(text).values == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gpuss[gpu=NVIDIA B200].memory_gb", "unknown table 'gpuss': did you mean 'gpus'?"),
        ("gpus[gpu=NVIDIA B200].memry_gb",
            "table gpus: unknown column 'memry_gb': did you mean 'memory_gb'?"),
        ("gpus[gpo=NVIDIA B200].memory_gb",
            "'gpo=NVIDIA B200': unknown column 'gpo': did you mean 'gpu'?"),
        ("gpus[gpu=NVIDIA B2000].memory_gb",
            "table gpus: unknown gpu 'NVIDIA B2000': did you mean 'NVIDIA B200'?"),
        ("gpus[NVIDIA B200].memory_gb",
            "'NVIDIA B200' is no condition; write COLUMN=VALUE, such as gpu=NVIDIA B200"),
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
        "", "prices", "gpus", "gpus[", "gpus[]", "gpus..memory_gb", "books.words[1]", "books.words[*] by",
        "1.5e9 x", 'gpus["NVIDIA B200"]',
    ],
)  # fmt: skip
def test_what_is_no_cell_is_answered_with_the_form(text):
    with pytest.raises(InputError) as refused:
        parse(text)
    assert str(refused.value) == f"{text!r} is no cell of a table; write TABLE[COLUMN=VALUE].COLUMN"


def test_rows_are_sorted_where_it_is_asked():
    cells = parse("leaked_scores[model=gpt-4o].score[*] by benchmark")
    benchmarks = [row["benchmark"] for row in cells.rows]
    assert (len(benchmarks), cells.many) == (13, True)
    assert benchmarks == sorted(benchmarks)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("books.words[*]", "word/book"), ("books[number=3].number", "1"),
        ('paper_facts[unit=FLOP].value[*]', "FLOP"),
        ("gpus[gpu=NVIDIA B200].gpu", None), ('timeline["Llama 3.1 released"].date_pacific', None),
        ('facts["magnet_is_program"].value', None),
    ],
)  # fmt: skip
def test_a_cell_has_the_unit_of_its_column_or_row(text, unit):
    assert parse(text).unit == unit


def test_a_column_in_several_units_is_refused():
    with pytest.raises(InputError, match=r"the rows of data/paper_facts\.csv are in FLOP and parameter"):
        _ = parse("paper_facts.value[*]").unit
