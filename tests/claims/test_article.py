"""Articles as files: the two of the package, and each way a third can be wrong, named by line and claim."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costcheck.claims import articles, load, verdicts
from costcheck.claims.loading import Text
from costcheck.data import tables
from costcheck.errors import InputError

ZH, JA = articles()
EVERY = [*ZH.claims, *JA.claims]
NOTEBOOKS = {
    "01_training_time", "02_entry_ticket", "03_model_size", "04_context_and_data", "05_benchmarks",
    "06_inference_price", "07_timeline", "08_verdicts",
}  # fmt: skip


def test_the_articles_have_64_and_45_claims_and_the_second_translates_the_first_in_its_order():
    added = {"Z": "13b 13c 29b 33b 40b", "J": "19b 28b"}
    ids, ours = (
        sorted(
            [f"{letter}{number:02}" for number in numbers] + [letter + more for more in added[letter].split()]
        )
        for letter, numbers in (("Z", range(59)), ("J", range(1, 44)))
    )
    assert [claim.id for claim in ZH.claims] == ids
    assert [claim.id for claim in JA.claims] == ours
    assert JA.translation_of == ZH.article
    translated = [ids.index(claim.translates) for claim in JA.claims if claim.translates]
    assert translated == sorted(set(translated))
    assert [claim.id for claim in EVERY if not claim.translates] == [*ids, "J43"]


def test_claims_are_in_our_words_belong_to_a_notebook_and_print_a_figure_or_a_few_words_and_no_sentence():
    assert {claim.notebook for claim in EVERY} == NOTEBOOKS
    for claim in EVERY:
        ours = (claim.about, claim.where, claim.reading, claim.unsupported, claim.not_checked)
        labels = [variant.label for variant in claim.variants]
        assert all(text.isascii() for text in (*ours, *labels) if text), claim.id
        assert len(claim.printed) <= 50, claim.id
        assert not re.search("[。！]", claim.printed), claim.id


def test_an_unknown_claim_or_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="unknown claim 'J01'"):
        ZH.claim("J01")
    with pytest.raises(InputError, match=r"none\.yaml: cannot be read \(No such file or directory\)$"):
        load([tmp_path / "none.yaml"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3500", 3500.0), ("3_500", 3500.0), ("+3500.0", 3500.0), (".35e4", 3500.0),
        ("3.5e3", 3500.0),  # which YAML 1.1 takes for text
        ("true", True), ("False", False), ("2024-07", "2024-07"), ("'2024-07-22'", "2024-07-22"),
    ],
)  # fmt: skip
def test_a_value_is_a_number_true_or_false_or_a_date(with_claims, text, value):
    (article,) = with_claims(f"  - {{printed: x, value: {text}, reading: so, not_checked: no}}\n")
    assert (article.claims[0].value, type(article.claims[0].value)) == (value, type(value))


def test_yes_and_no_are_words(written, head, claim):
    (article,) = written(head.replace("en\n", "no\n") + claim.replace("where: here", "where: off"))
    assert (article.language, article.claims[0].where) == ("no", "off")


SUM = "gpu_years(prices.gpu_hours, 365 day)"
END = f"    sum: {SUM}\n"
ROW = 'gpu_years(training_runs["Llama 3.1 405B"]{})'


@pytest.mark.parametrize(("given", "recomputed"), [("", 30.84e6 / 8760), (", gpu_hours=8760 GPU-hour", 1)])
def test_the_arguments_of_a_formula_may_come_from_a_row_but_for_those_given(
    with_claims, claim, given, recomputed
):
    (verdict,) = verdicts(of=with_claims(claim.replace(SUM, ROW.format(given))))
    assert verdict.recomputed == pytest.approx(recomputed)


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        # keys
        ("    about:", "    abuot:", 11, "abuot", "unknown key 'abuot': did you mean 'about'?"),
        (END, END + "    variants:\n      - {label: a, sum: 1 year, untit: year}\n",
            15, "variants.0.untit", "unknown key 'untit': did you mean 'unit'?"),
        (END, END + "    variants: [{label: a, sum: 1 year, fact: T1}]\n",
            14, "variants.0", "exactly one of fact, sum is needed, not 2"),
        (END, END + "    variants: [{label: about $147,000, sum: 1 year}]\n",
            14, "variants.0", "put the figure in quotes: it has a comma"),
        (END, END + "    instead: {label: a}\n",
            14, "instead.0", "exactly one of fact, sum is needed, not 0"),
        ("    printed: 3500 years\n", "", 8, "printed",
            "printed is missing; costcheck new writes an example"),
        ("    where: here", "    where:", 9, "where", "where is empty"),
        # names
        (END, END + "    hedge: nearley\n", 14, "hedge", "unknown hedge 'nearley': did you mean 'nearly'?"),
        ("gpu_years", "gpu_yeers", 13, "sum",
            f"unknown formula 'gpu_yeers': did you mean 'gpu_years'?; write sum: {SUM}"),
        (SUM, ROW.format("").replace("runs", "run"), 13, "sum",
            "unknown table 'training_run': did you mean 'training_runs'?; write sum: " + ROW.format("")),
        (END, END + "    price: h10_usd\n",
            14, "price", "unknown price 'h10_usd': did you mean 'h100_usd'?"),
        (END, END + "    offered_as: {phase: servin}\n",
            14, "offered_as", "unknown offered_as 'phase=servin': did you mean 'phase=serving'?"),
        (END, END + "    same_as: T1\n", 14, "same_as", "unknown earlier claim 'T1'"),
        (END, END + "    translates: Z1\n",
            14, "translates", "the article names none that it translates (translation_of)"),
        ("notebook: 01_training_time", "notebook: 01_training_tim", 12, "notebook",
            "unknown notebook '01_training_tim': did you mean '01_training_time'?"),
        ("id: T1", "id: gpu_years", 8, "id", "gpu_years is the name of a formula already"),
        # ways to check, values and dates
        (END, END + "    assumed: so\n",
            8, "", "exactly one of assumed, fact, not_checked, sum is needed, not 2"),
        (END, "", 8, "", "exactly one of assumed, fact, not_checked, sum is needed, not 0; "
            "write sum: fleet * prices.h100_usd, or not_checked: why"),
        *((END, f"{END}    value: {value}\n",
            14, "value", f"{value!r} is neither a number nor true or false nor a date YYYY-MM or YYYY-MM-DD")
          for value in ("three", "2024-13", "3500_", "1e999")),
        (END, END + "    value: [3500]\n", 14, "value", "a text is needed, in one line"),
        ("language: en", "language: english",
            3, "language", "'english' is not two small letters, such as en"),
        ("date: 2024-07-23", "date: 2024-13-45",
            5, "date", "'2024-13-45' is not a day YYYY-MM-DD, or unknown"),
        ("date: 2024-07-23", "date: July", 5, "date", "'July' is not a day YYYY-MM-DD, or unknown"),
    ],
)  # fmt: skip
def test_a_wrong_article_is_refused_with_line_claim_key_and_nearest_name(
    head, claim, written, tmp_path, old, new, line, key, message
):
    text = head + claim
    assert old in text
    with pytest.raises(InputError) as refused:
        written(text.replace(old, new))
    id_ = new[4:] if key == "id" else "T1"
    place = f"line {line}{f', claim {id_}' if line > 7 else ''}{key and f', key {key}'}"
    assert str(refused.value) == f"{tmp_path / 'article.yaml'}, {place}: {message}"


def test_a_doubled_id_is_refused_at_its_second_place(with_claims, claim):
    with pytest.raises(
        InputError, match=r"article\.yaml, line 14, claim T1, key id: T1 is the name of a claim already$"
    ):
        with_claims(claim, claim)


MANY = "HEADclaims:\n" + "  - {printed: '2', sum: 1 + 1}\n" * 1001


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", ": not an article; expected a mapping", id="empty"),
        pytest.param("[" * 100_000, ", line 1: nested more than 40 deep", id="nested beyond reason"),
        pytest.param(b"title: caf\xe9\n", "not text in UTF-8 (invalid continuation byte)", id="Latin 1"),
        pytest.param("#" * 10_000_000, ": larger than 8 MiB", id="ten megabytes"),
        pytest.param(MANY, "line 1008: more than 1,000 items in one list", id="1,001 claims"),
        pytest.param("title: *x\n", "line 1: aliases (*name) are not allowed", id="alias"),
        pytest.param("title: !x y\n", "line 1: tags (!x) are not allowed", id="tag"),
        pytest.param("title: x\ntitle: x\n", "line 2: duplicate key 'title'", id="doubled key"),
        pytest.param("HEADclaims:\n", "line 7, key claims: claims is empty", id="claims that are none"),
        pytest.param("HEADclaims: {T1: x}\n", "line 7, key claims: a list is needed", id="in a mapping"),
        pytest.param("HEADclaims:\n  - T1\n", "line 8, claim A1: a mapping is needed", id="in a word"),
        pytest.param("HEADclaims: []\n", "there are no claims", id="in an empty list"),
        pytest.param("HEAD", "key claims: claims is missing; costcheck new", id="without claims"),
    ],
)
def test_a_file_that_is_no_article_is_refused(written, head, tmp_path, text, message):
    if isinstance(text, str):
        text = text.replace("HEAD", head.removesuffix("claims:\n"))
    with pytest.raises(InputError) as refused:
        written(text)
    assert str(tmp_path / "article.yaml") in str(refused.value)
    assert message in str(refused.value)


def chained(*sums):
    return "".join(f"  - {{printed: '2', sum: {text}}}\n" for text in sums)


@pytest.mark.parametrize(
    ("sums", "problems"),
    [
        (["A2", "A1"], ["line 8, claim A1, key sum: it rests on its own figure: A1 rests on A2 rests on A1"]),
        (["A2", "A3 * 1", "A2", "A4", "prices.hl00_usd"], [
            "line 9, claim A2, key sum: it rests on its own figure: A2 rests on A3 rests on A2",
            "line 11, claim A4, key sum: it rests on its own figure: A4 rests on A4",
            "line 12, claim A5, key sum: unknown price 'hl00_usd': did you mean 'h100_usd'?; "
            "write sum: prices.h100_usd"]),
    ],
)  # fmt: skip
def test_each_circle_of_claims_is_named_with_all_its_links_beside_other_mistakes(with_claims, sums, problems):
    with pytest.raises(InputError) as refused:
        with_claims(chained(*sums))
    assert re.findall(r"line \d+.*", str(refused.value)) == problems


def test_claims_that_each_rest_twice_on_the_claim_before_are_computed_once_each(with_claims):
    made = verdicts(of=with_claims(chained("1 + 1", *(f"A{n} + A{n}" for n in range(1, 400)))))
    assert {verdict.arithmetic.words for verdict in made[1:]} == {"off by 2×"}


def test_claims_may_rest_on_later_ones_but_not_beyond_reason(with_claims):
    def made(count):
        return verdicts(of=with_claims(chained(*(f"A{n}" for n in range(2, count)), "1 + 1")))

    assert {verdict.arithmetic.words for verdict in made(40)} == {"holds"}
    with pytest.raises(InputError, match="claim A1, key sum: it rests on more than 50 claims, each on the"):
        made(900)


ENGLISH = "article: tiny\n"
FRENCH = "article: petit\ntranslation_of: tiny\n"


def translated(written, head, first, second):
    articles = written(head + first, head.replace(ENGLISH, FRENCH) + second)
    return verdicts(of=articles)


def test_a_translation_is_filled_in_from_its_original(written, head, claim):
    french = "  - {translates: T1, printed: 35000 years}\n"
    original, translation = translated(written, head, claim, french)
    assert (translation.claim.id, translation.claim.stated) == ("A1", 35_000)
    assert translation.arithmetic.words == "off by 9.9×"
    assert original.claim.stated == 3500
    assert [each.article for each in written(head.replace(ENGLISH, FRENCH) + french, head + claim)] == [
        "tiny",
        "petit",
    ]


def test_claims_without_ids_are_translated_by_their_places(written, head):
    """A2 is twice A1; of the translation too, by its own A1."""
    french = "  - {translates: A2, printed: '8'}\n  - {translates: A1, printed: '4'}\n"
    made = translated(written, head, chained("1 + 1", "A1 + A1"), french)
    assert [verdict.claim.id for verdict in made] == ["A1", "A2", "A1", "A2"]
    assert [verdict.recomputed for verdict in made] == [2, 4, 8, 2]


def test_a_translation_with_its_own_way_to_check_takes_none_from_its_original(written, head, claim):
    french = "  - {id: F1, translates: T1, printed: (rien), not_checked: no figure left}\n"
    _, verdict = translated(written, head, claim, french)
    assert (verdict.claim.sum, verdict.claim.stated, verdict.claim.unit) == (None, None, None)
    assert verdict.claim.notebook == "01_training_time"


@pytest.mark.parametrize(
    ("french", "message"),
    [
        (FRENCH, r"line 10, claim F1, key translates: unknown claim 'T2'; allowed: T1$"),
        (FRENCH.replace("tiny", "tinny"), "key translation_of: unknown article 'tinny': did you mean 'tiny'"),
        (ENGLISH, "key article: an article 'tiny' was given already$"),
    ],
)
def test_translating_what_is_not_there_is_refused(written, head, claim, french, message):
    second = head.replace(ENGLISH, french) + claim.replace("id: T1", "id: F1\n    translates: T2")
    if french == ENGLISH:
        second = head + claim
    with pytest.raises(InputError, match=message):
        written(head + claim, second)
    if french == FRENCH:
        with pytest.raises(
            InputError, match="translation_of: unknown article 'tiny'; its file is needed too"
        ):
            written(second)


@pytest.mark.parametrize(
    ("here", "there", "at_first", "at_second"),
    [
        ("value: 2024-07-23", "value: 2024-07-24", "B1 prints 2024-07-24", "A1 prints 2024-07-23"),
        ("value: true", "value: false", "B1 prints false", "A1 prints true"),
        ("value: 5", "value: 50", "B1 prints 50, 10× this", "A1 prints 5, 0.1× this"),
        ("value: 5", "value: 5, hedge: over", "B1 says over, here exact", "A1 says exact, here over"),
        ("value: 24, unit: hour", "value: 24, unit: day",
            "B1 counts in day, here hour", "A1 counts in hour, here day"),
    ],
)  # fmt: skip
def test_a_difference_to_the_translation_has_a_factor_where_both_are_numbers(
    written, head, here, there, at_first, at_second
):
    first = f"  - {{id: A1, printed: x, reading: so, not_checked: no, {here}}}\n"
    second = f"  - {{id: B1, translates: A1, printed: x, reading: so, not_checked: no, {there}}}\n"
    original, translation = translated(written, head, first, second)
    assert (original.differences, translation.differences) == ((at_first,), (at_second,))


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_an_article_with_a_line_gone_or_odd_is_read_or_refused(head, claim, data):
    lines = (head + claim).splitlines(keepends=True)
    place = data.draw(st.integers(0, len(lines) - 1))
    odd = [
        f"{lines[place].partition(':')[0]}: {value}\n"
        for value in ("[]", "[[1]]", "{a: 1}", "~", "- 1", "'x'")
    ]
    lines[place] = data.draw(st.sampled_from(["", *odd]))
    try:
        load([Text("".join(lines), "article.yaml")])
    except InputError as error:
        for problem in re.split(r"\n(?=article)", re.sub(r"^\d+ problems\n", "", str(error))):
            place_ = r"article\.yaml(, line \d+)?(, claim [^:]*?)?(, key [\w.]+)?: "
            assert re.match(place_, problem), problem


def test_the_example_of_the_format_is_an_article():
    page = (tables.home("data") / "articles" / "README.md").read_text("utf-8")
    text = page.split("```yaml\n")[1].split("```")[0]
    made = verdicts(of=load([Text(text, "my_article.yaml")]))
    assert {verdict.arithmetic.words for verdict in made} == {"holds", "not checked"}
