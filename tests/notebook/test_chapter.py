"""The chapter on any article: its words, its numbers' sources, its figure's labels."""

import re
from dataclasses import replace

import pytest

from costcheck.claims.loading import example
from costcheck.errors import InputError
from costcheck.notebook.chapter import at_hand, chapter, label, leeway, rated
from costcheck.notebook.show import Verdicts

UNSEEN = "tests/claims/unseen.yaml"


@pytest.fixture
def unseen(request):
    return chapter((request.config.rootpath / UNSEEN).read_text("utf-8"))


def test_an_article_is_given_as_text_as_a_file_or_by_an_examples_name():
    path = example("deepseek_v3")
    assert at_hand("deepseek_v3") == at_hand(str(path)) == at_hand(path.read_text("utf-8"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("deepseek_v4",), "unknown example 'deepseek_v4': did you mean 'deepseek_v3'?"),
        (("none.yaml",), "none.yaml: cannot be read (No such file or directory)"),
        (("a: 1\n",), "article, line 1, key a: unknown key 'a'"),
        (("deepseek_v3", "pue=1;pue=2"), "prices: 'pue=2'; write each once"),
        (("deepseek_v3", "h800_usd_per_gpu_hour=0"), "h800_usd_per_gpu_hour: 0 is out of bounds"),
        (("deepseek_v3", "h80_usd_per_gpu_hour=2"), "unknown price 'h80_usd_per_gpu_hour': did you mean"),
        (("deepseek_v3", 3), "article and prices are texts"),
    ],
)
def test_what_is_no_article_and_a_wrong_price_are_refused(given, message):
    with pytest.raises(InputError) as refused:
        chapter(*given)
    assert str(refused.value).startswith(message)


def test_the_finding_counts_the_verdicts_and_names_each_wrong_figure_with_its_likely_cause(unseen):
    assert unseen.counts == {"holds": 5, "holds (unverified data)": 1, "off by a factor": 2}
    text = unseen.finding().text
    assert text.startswith(
        "**Of 8 claims 5 hold as printed, 1 more on data that could not be verified, 0 are close, 2 are wrong"
    )
    assert "U3 (energy of the training) prints 2.5 TWh; it comes out as 0.0025 TWh: a thousand" in text
    assert unseen.headline == "6 of 8 claims that can be computed hold"


OWN = """\
article: guessed
title: "Tom &amp; &lt;b&gt;Jerry&lt;/b&gt;"
language: en
publisher: nobody
date: 2024-07-23
address: example.org
inputs:
  guess: {value: 3, unit: GPU, source: a friend, verification: "unverified: hearsay"}
  known: {value: 3, unit: GPU, source: a book}
claims:
  - {id: A, printed: 4 GPUs, value: 4, unit: GPU, about: one, fact: inputs.guess}
  - {id: B, printed: 30 GPUs, value: 30, unit: GPU, about: two, fact: inputs.guess}
  - {id: C, printed: 50 GPUs, value: 50, unit: GPU, about: three, fact: inputs.known}
"""


def test_a_finding_on_unverified_data_is_marked_whatever_it_is():
    text = chapter(OWN).finding().text
    assert text == (
        "**Of 3 claims 0 hold as printed, 1 are close (1 on data that could not be verified), "
        "2 are wrong (1 on data that could not be verified), and 0 cannot be computed.** "
        "B (two) prints 30 GPUs; it comes out as 3 GPUs (unverified data): "
        "ten times too large: a slip of one decimal place, or 億 (1e8) taken for a billion. "
        "C (three) prints 50 GPUs; it comes out as 3 GPUs."
    )


def test_what_markdown_or_html_would_read_as_a_sign_is_shown_as_it_stands(unseen):
    assert unseen.title().text == (
        r"**Claims of other kinds: \$5 and \$6 \<b\>\*each\*\</b\>** (nobody, unknown, example.org)"
    )
    assert chapter(OWN).title().text.startswith(r"**Tom \&amp; \&lt;b\&gt;Jerry\&lt;/b\&gt;** (nobody, ")


def test_a_unit_reaches_markdown_only_as_text():
    made = chapter(OWN)
    # no file with such a unit is read; a finding does not rest on that alone
    unit = "share of <img src=x onerror=alert(1)>"
    claims = [replace(verdict.claim, unit=unit) for verdict in made.found]
    pairs = zip(made.found, claims, strict=True)
    verdicts = Verdicts(tuple(replace(verdict, claim=claim) for verdict, claim in pairs))
    text = replace(made, found=verdicts).finding().text
    assert r"prints 3000% of \<img src=x onerror=alert(1)\>; it comes out as 300% of \<img" in text
    assert not re.search(r"(?<!\\)[<>]", text)


def test_every_number_a_claim_rests_on_is_listed_with_unit_and_source():
    rows = {row["number"]: row for row in chapter("deepseek_v3", "h800_usd_per_gpu_hour=3").sources()}
    assert len(rows) == 6
    number = rows["inputs.cluster_gpus"]
    assert (number["value"], number["source"]) == ("2,048", "arXiv 2412.19437, section 1")
    assert number["verification"].startswith("primary")
    # of a price that was given neither day nor verification is known
    given = ["prices.h800_usd_per_gpu_hour", "3", "USD/GPU-hour", "", "given by the reader", ""]
    assert list(rows["prices.h800_usd_per_gpu_hour"].values()) == given


def test_prices_of_the_readers_move_the_figures_and_no_verdict():
    theirs, yours = chapter("deepseek_v3"), chapter("deepseek_v3", "h800_usd_per_gpu_hour=3")
    assert theirs.changes() == []
    changed = {row["claim"]: row["at yours"] for row in yours.changes()}
    assert changed["D6"] == "8.364 million USD"  # 2,788,000 hours at 3 dollars
    assert list(changed) == ["D3", "D4", "D5", "D6"]
    words = ([verdict.arithmetic.words for verdict in made.found] for made in (theirs, yours))
    assert next(words) == next(words)


def test_only_figures_with_a_ratio_are_drawn_with_half_a_unit_of_their_last_digit_as_leeway(unseen):
    assert [verdict.claim.id for verdict in rated(unseen.found)] == [f"U{number}" for number in range(1, 9)]
    assert "D9" not in [verdict.claim.id for verdict in rated(chapter("deepseek_v3").found)]  # in words
    assert leeway(unseen.found[0]) == pytest.approx(500 / 3000)  # 3,000 years: 2,500 to 3,500


def test_a_figure_in_signs_the_font_lacks_is_labelled_by_its_value():
    made = chapter(str(example("deepseek_v3")))
    verdict = made.found[0]
    assert label(verdict) == "D1: 2788K"
    chinese = replace(verdict, claim=replace(verdict.claim, printed="278.8万小时", digits="2788K"))
    assert label(chinese) == "D1: 2.788 million GPU-hours"
