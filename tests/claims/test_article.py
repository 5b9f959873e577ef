"""Articles as files: the two of the package, and each way a third can be wrong, named by line and claim."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costcheck.claims import articles, load, verdicts
from costcheck.claims.article import Statement
from costcheck.data import tables
from costcheck.errors import InputError

ZH, JA = articles()
EVERY = [*ZH.claims, *JA.claims]
NOTEBOOKS = {
    "01_training_time", "02_entry_ticket", "03_model_size", "04_context_and_data", "05_benchmarks",
    "06_inference_price", "07_timeline", "08_verdicts",
}  # fmt: skip


def test_the_articles_have_59_and_43_claims_and_the_second_translates_the_first_in_its_order():
    ids = [f"Z{number:02}" for number in range(1, 59)]
    ids.insert(13, "Z13b")
    assert [claim.id for claim in ZH.claims] == ids
    assert [claim.id for claim in JA.claims] == [f"J{number:02}" for number in range(1, 44)]
    assert JA.translation_of == ZH.article
    translated = [ids.index(claim.translates) for claim in JA.claims if claim.translates]
    assert translated == sorted(set(translated))
    assert [claim.id for claim in EVERY if not claim.translates] == [*ids, "J43"]


def test_claims_are_in_our_words_belong_to_a_notebook_and_print_a_figure_or_a_few_words_and_no_sentence():
    assert {claim.notebook for claim in EVERY} == NOTEBOOKS
    for claim in EVERY:
        ours = (claim.about, claim.where, claim.reading, claim.unsupported, claim.not_computable)
        labels = [variant.label for variant in claim.variants]
        assert all(text.isascii() for text in (*ours, *labels) if text), claim.id
        assert len(claim.printed) <= 50, claim.id
        assert not re.search("[。！]", claim.printed), claim.id
        assert not claim.figure or claim.kind == Statement.CHART, claim.id


def test_a_claim_that_repeats_another_has_its_figure(tmp_path):
    for article, repeating, repeated in ((ZH, "Z53", "Z51"), (JA, "J39", "J37")):
        again, first = article.claim(repeating), article.claim(repeated)
        assert (again.value, again.unit) == (first.value, first.unit)
        assert again.figure_printed == first.figure_printed
    with pytest.raises(InputError, match="unknown claim 'J01'"):
        ZH.claim("J01")
    with pytest.raises(InputError, match=r"none\.yaml: cannot be read \(No such file or directory\)$"):
        load([tmp_path / "none.yaml"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3500", 3500.0), ("3_500", 3500.0), ("+3500.0", 3500.0), (".35e4", 3500.0),
        ("3.5e3", 3500.0),  # which YAML 1.1 takes for text
        ("true", True), ("No", False), ("2024-07", "2024-07"), ("'2024-07-22'", "2024-07-22"),
    ],
)  # fmt: skip
def test_a_value_is_a_number_true_or_false_or_a_date(with_claims, claim, text, value):
    (article,) = with_claims(claim.replace("value: 3500", f"value: {text}"))
    assert (article.claims[0].value, type(article.claims[0].value)) == (value, type(value))


def test_yes_and_no_are_words_but_for_an_input_which_can_be_true_or_false(written, head, claim):
    norwegian = head.replace("language: en", "language: no\nnote: on")
    (article,) = written(norwegian + claim.replace("where: here", "where: off"))
    assert (article.language, article.note, article.claims[0].where) == ("no", "on", "off")
    (article,) = written(head + claim.replace("gpu_hours: prices.gpu_hours", "gpu_hours: no"))
    assert article.claims[0].inputs["gpu_hours"] is False


def test_the_arguments_of_a_formula_may_come_from_a_row_but_for_those_given(with_claims, claim):
    row = '    row: "training_runs[model=Llama 3.1 405B]"\n'
    (article,) = with_claims(re.sub(r"    inputs: .*\n", row, claim))
    assert article.claims[0].call.filled() == {"gpu_hours": "training_runs[model=Llama 3.1 405B].gpu_hours"}
    (article,) = with_claims(re.sub(r"    inputs: .*\n", row + "    inputs: {gpu_hours: 8760}\n", claim))
    assert article.claims[0].call.filled() == {"gpu_hours": 8760}


def test_a_reading_excuses_a_value_that_is_not_printed(with_claims, claim):
    (article,) = with_claims(claim.replace("value: 3500", "value: 35\n    reading: in centuries"))
    assert article.claims[0].is_printed is False


FORMULA = "    formula: gpu_years\n    inputs: {gpu_hours: prices.gpu_hours, days_in_year: 365}\n"
UNIT = "    unit: year\n"


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        # keys
        ("    unit:", "    unti:", 15, "unti", "unknown key 'unti': did you mean 'unit'?"),
        ("publisher: nobody", "publisher: nobody\npublishr: somebody",
            5, "publishr", "unknown key 'publishr': did you mean 'publisher'?"),
        (UNIT, UNIT + "    variants:\n      - {label: a, imputs: {}}\n",
            17, "variants.0.imputs", "unknown key 'imputs': did you mean 'inputs'?"),
        ("    about: years on one GPU\n", "", 8, "about", "about is missing"),
        ("    where: here", "    where:", 9, "where", "where is empty"),
        ("printed: 3500 years", "printed: ~", 10, "printed", "printed is empty"),
        # names
        (UNIT, UNIT + "    hedge: nearley\n", 16, "hedge", "unknown hedge 'nearley': did you mean 'nearly'?"),
        ("kind: arithmetic", "kind: arithmetik",
            12, "kind", "unknown kind 'arithmetik': did you mean 'arithmetic'?"),
        ("formula: gpu_years", "formula: gpu_yeers",
            16, "formula", "unknown formula 'gpu_yeers': did you mean 'gpu_years'?"),
        ("prices.gpu_hours", "{formula: wall_clock_huors, inputs: {}}",
            17, "inputs.gpu_hours.formula",
            "unknown formula 'wall_clock_huors': did you mean 'wall_clock_hours'?"),
        ("days_in_year: 365", "days_in_yaer: 365", 17, "inputs.days_in_yaer",
            "gpu_years: unknown argument 'days_in_yaer': did you mean 'days_in_year'?"),
        ("gpu_hours: prices.gpu_hours, ", "", 17, "inputs", "gpu_years needs gpu_hours"),
        ("prices.gpu_hours", "prices.gpu_huors",
            17, "inputs.gpu_hours", "unknown price 'gpu_huors': did you mean 'gpu_hours'?"),
        ("prices.gpu_hours", "claims.T2", 17, "inputs.gpu_hours", "unknown claim 'T2'; allowed: T1"),
        ("    inputs: {gpu_hours: prices.gpu_hours, days_in_year: 365}",
            '    row: "training_run[model=Llama 3.1 405B]"',
            17, "row", "unknown table 'training_run': did you mean 'training_runs'?"),
        (UNIT, UNIT + "    price: h10_usd\n",
            16, "price", "unknown price 'h10_usd': did you mean 'h100_usd'?"),
        (UNIT, UNIT + "    offered_as: {phaze: serving}\n",
            16, "offered_as", "unknown kind of quantity 'phaze': did you mean 'phase'?"),
        (UNIT, UNIT + "    offered_as: {phase: servin}\n",
            16, "offered_as", "unknown phase 'servin': did you mean 'serving'?"),
        ("value: 3500", "repeats: claims.T9", 14, "repeats", "unknown claim 'T9'; allowed: T1"),
        ("notebook: 01_training_time", "notebook: 01_training_tim", 13, "notebook",
            "unknown notebook '01_training_tim': did you mean '01_training_time'?"),
        (UNIT, UNIT + "    figure: entry_tickt\n",
            16, "figure", "unknown figure 'entry_tickt': did you mean 'entry_ticket'?"),
        # ways to check, values and dates
        (UNIT, UNIT + "    not_computable: no reason\n",
            8, "", "exactly one of fact, formula, not_computable is needed, not 2"),
        (FORMULA, "", 8, "", "exactly one of fact, formula, not_computable is needed, not 0"),
        ("    value: 3500\n", "", 8, "", "value is missing: what does the article print?"),
        ("value: 3500", "value: 3600",
            14, "value", "3600.0 is not among the figures printed in '3500 years'; "
            "if it is a reading of words, say so under reading"),
        *(("value: 3500", f"value: {value}",
            14, "value", f"{value!r} is neither a number nor true or false nor a date YYYY-MM or YYYY-MM-DD")
          for value in ("three", "2024-13", "3500_", "1e999")),
        ("value: 3500", "value: [3500]", 14, "value", "a text is needed"),
        ("language: en", "language: english",
            3, "language", "'english' is not two small letters, such as en"),
        ("date: 2024-07-23", "date: 2024-13-45",
            5, "date", "'2024-13-45' is no day YYYY-MM-DD; where it is unknown, say so"),
    ],
)  # fmt: skip
def test_a_wrong_article_is_refused_with_line_claim_key_and_nearest_name(
    head, claim, written, tmp_path, old, new, line, key, message
):
    text = head + claim
    assert old in text
    with pytest.raises(InputError) as refused:
        written(text.replace(old, new))
    place = f"line {line}{', claim T1' if line > 7 else ''}{key and f', key {key}'}"
    assert str(refused.value) == f"{tmp_path / 'article.yaml'}, {place}: {message}"


@pytest.mark.parametrize(
    ("old", "new"),
    [("3500 years", "'" + "1," * 9_999 + "'"), ("T1", "é" * 9_999), ("prices.gpu_hours", "x" * 9_999)],
    ids=["printed", "an id", "a reference"],
)
def test_a_message_stays_short_however_long_the_text(written, head, claim, old, new):
    with pytest.raises(InputError, match=r"(?s)^.{,2000}$"):
        written((head + claim).replace(old, new))


def test_a_doubled_id_is_refused_at_its_second_place(with_claims, claim):
    with pytest.raises(
        InputError, match=r"article\.yaml, line 18, claim T1, key id: two claims have the id 'T1'$"
    ):
        with_claims(claim, claim)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", ": not an article; expected a mapping", id="empty"),
        pytest.param("[" * 100_000, ", line 1: nested more than 40 deep", id="nested beyond reason"),
        pytest.param(b"title: caf\xe9\n", "not text in UTF-8 (invalid continuation byte)", id="Latin 1"),
        pytest.param("HEADclaims:\n", "line 7, key claims: claims is empty", id="claims that are none"),
        pytest.param("HEADclaims: {T1: x}\n", "line 7, key claims: a list is needed", id="in a mapping"),
        pytest.param("HEADclaims:\n  - T1\n", "line 8, claim 1: a mapping is needed", id="in a word"),
        pytest.param(
            "HEADclaims:\n  - {id: 1, printed: x, about: x}\n", "key id: '1' is not letters", id="id"
        ),
        pytest.param("HEADclaims: []\n", "there are no claims", id="in an empty list"),
    ],
)
def test_a_file_that_is_no_article_is_refused(written, head, tmp_path, text, message):
    if isinstance(text, str):
        text = text.replace("HEAD", head.removesuffix("claims:\n"))
    with pytest.raises(InputError) as refused:
        written(text)
    assert str(refused.value).startswith(f"{tmp_path / 'article.yaml'}")
    assert message in str(refused.value)


ENGLISH = "article: tiny\n"
FRENCH = "article: petit\ntranslation_of: tiny\n"


def test_a_translation_is_filled_in_from_its_original(written, head, claim):
    original, translation = written(
        head + claim,
        head.replace(ENGLISH, FRENCH) + "  - {id: F1, translates: T1, printed: 35000 ans, value: 35000}\n",
    )
    (verdict,) = verdicts(of=[translation])
    assert (verdict.claim.value, verdict.claim.formula) == (35_000, "gpu_years")
    assert verdict.arithmetic.words == "off by 9.9×"
    assert original.claims[0].value == 3500


def test_a_translation_with_its_own_way_to_check_takes_none_from_its_original(written, head, claim):
    _, translation = written(
        head + claim,
        head.replace(ENGLISH, FRENCH)
        + "  - {id: F1, translates: T1, printed: (rien), not_computable: no figure left}\n",
    )
    (own,) = translation.claims
    assert (own.formula, own.inputs, own.value, own.unit) == (None, {}, None, None)
    assert own.notebook == "01_training_time"


@pytest.mark.parametrize(
    ("of", "translates", "message"),
    [
        ("tiny", "T2", r"line 9, claim F1, key translates: unknown claim 'T2'; allowed: T1$"),
        ("tinny", "T1", r"line 2, key translation_of: unknown article 'tinny': did you mean 'tiny'\?$"),
    ],
)
def test_translating_what_is_not_there_or_comes_later_is_refused(
    written, head, claim, of, translates, message
):
    french = head.replace(ENGLISH, f"article: petit\ntranslation_of: {of}\n")
    french += f"  - {{id: F1, translates: {translates}, printed: 3500 ans}}\n"
    with pytest.raises(InputError, match=message):
        written(head + claim, french)
    with pytest.raises(InputError, match=f"key translation_of: unknown article '{of}'"):
        written(french, head + claim)


@pytest.mark.parametrize(
    ("value", "checked"),
    [
        ("2024-07-23", "formula: wall_clock_hours\n    inputs: {gpu_hours: 8, gpus: 1}"),
        ("3500", 'fact: "timeline[event=Llama 3.1 released].date_pacific"'),
        ("3500", "fact: books.words[*]"),
    ],
)
def test_a_value_of_another_type_than_its_fact_is_refused(with_claims, claim, value, checked):
    claim = claim.replace("value: 3500", f"value: {value}").replace(FORMULA, f"    {checked}\n")
    with pytest.raises(InputError):
        verdicts(of=with_claims(claim))


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_an_article_with_a_line_gone_or_odd_is_read_or_refused(written, head, claim, data):
    lines = (head + claim).splitlines(keepends=True)
    place = data.draw(st.integers(0, len(lines) - 1))
    odd = [
        f"{lines[place].partition(':')[0]}: {value}\n"
        for value in ("[]", "[[1]]", "{a: 1}", "~", "- 1", "'x'")
    ]
    lines[place] = data.draw(st.sampled_from(["", *odd]))
    try:
        written("".join(lines))
    except InputError as error:
        assert re.search(r"article\.yaml(, line \d+)?(, claim [^:]*?)?(, key [\w.]+)?: ", str(error))  # noqa: PT017


def test_the_example_of_the_format_is_an_article(tmp_path):
    page = (tables.home("data") / "articles" / "README.md").read_text("utf-8")
    example = tmp_path / "my_article.yaml"
    example.write_text(page.split("```yaml\n")[1].split("```")[0], "utf-8")
    (verdict,) = verdicts(of=load([example]))
    assert verdict.arithmetic.words == "holds"
