"""The chapter on any article: its words, its numbers' sources, its figure's labels."""

import re
from dataclasses import replace

import pytest

from costcheck.claims.loading import example
from costcheck.errors import InputError
from costcheck.notebook.chapter import at_hand, chapter
from costcheck.notebook.plots.printed import label, leeway

KINDS = """\
article: kinds
title: "Claims of all kinds: $5 and $6 <b>*each*</b> &amp; &lt;b&gt;"
language: en
publisher: nobody
date: unknown
address: example.org
given:
  power: 2.5 MW
  hours: 1000 hours
  fleet: {is: 43000 GPU, source: a friend, verification: "unverified: hearsay"}
claims:
  - {id: U1, printed: 2.5 GWh, about: energy, sum: power * hours}
  - {id: U2, printed: 2.5 TWh, about: energy of the training, sum: power * hours}
  - {id: U3, printed: "43,000 GPUs", about: fleet, fact: fleet}
  - {id: U4, printed: 40 MW, about: power of it, assumed: by the article}
  - {id: U5, printed: a lot, about: cost, not_checked: no figure}
  - {id: U6, printed: "56,000 GPUs", about: all of them, fact: fleet}
"""


def test_an_article_is_given_as_text_as_a_file_or_by_an_examples_name():
    path = example("deepseek_v3")
    assert at_hand("deepseek_v3") == at_hand(str(path)) == at_hand(path.read_text("utf-8"))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("deepseek_v4",), "unknown example 'deepseek_v4': did you mean 'deepseek_v3'?"),
        (("none.yaml",), "none.yaml: cannot be read (No such file or directory)"),
        (("a: 1\n",), "5 problems\narticle, line 1, key a: unknown key 'a'"),
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


def test_the_finding_counts_the_verdicts_and_names_each_wrong_figure_with_its_likely_cause():
    made = chapter(KINDS)
    kinds = ("holds", "off by a factor", "holds (unverified data)", "assumed", "not checked", "wrong")
    assert made.counts == dict.fromkeys(kinds, 1)
    text = made.finding().text
    assert text.startswith("**Of 6 claims, 1 hold, 1 hold on unverified data, 1 off by a factor, 1 wrong, ")
    assert "1 not checked (1 on data that could not be verified).** U2 (energy of the training) " in text
    cause = made.found["U2"].cause
    assert f" prints 2.5 TWh; it comes out as 0.0025 TWh: {cause}. U6 (all of them) prints " in text
    assert text.endswith("it comes out as 43,000 GPUs (unverified data).")
    assert "thousand" in cause
    assert made.headline == "2 of 4 claims that can be checked hold"


def test_what_markdown_or_html_would_read_as_a_sign_is_shown_as_it_stands():
    title = r"**Claims of all kinds: \$5 and \$6 \<b\>\*each\*\</b\> \&amp; \&lt;b\&gt;**"
    assert chapter(KINDS).title().text == f"{title} (nobody, unknown, example.org)"


def test_every_number_a_claim_rests_on_is_listed_with_unit_and_source():
    rows = {row["number"]: row for row in chapter("deepseek_v3", "h800_usd_per_gpu_hour=3").sources()}
    assert len(rows) == 6
    number = rows["cluster"]
    assert (number["value"], number["unit"], number["source"]) == ("2,048", "GPU", "section 1")
    # of a price that was given neither day nor verification is known
    given = ["prices.h800_usd_per_gpu_hour", "3", "USD/GPU-hour", "", "given by the reader", ""]
    assert list(rows["prices.h800_usd_per_gpu_hour"].values()) == given


def test_prices_of_the_readers_move_the_figures_and_no_verdict():
    theirs, yours = chapter("deepseek_v3"), chapter("deepseek_v3", "h800_usd_per_gpu_hour=3")
    assert theirs.changes() == []
    changed = {row["claim"]: row["at yours"] for row in yours.changes()}
    assert changed["D6"] == "8.364 million USD: does not hold"  # 2,788,000 hours at 3 dollars
    assert list(changed) == ["D3", "D4", "D5", "D6"]
    words = ([verdict.arithmetic.words for verdict in made.found] for made in (theirs, yours))
    assert next(words) == next(words)


def test_only_figures_with_a_ratio_are_drawn_with_half_a_unit_of_their_last_digit_as_leeway():
    made = chapter(KINDS)
    assert re.findall(r"U\d", made.chart().alt) == ["U1", "U2", "U3", "U6"]
    assert leeway(made.found["U1"]) == pytest.approx(0.05 / 2.5)


def test_a_figure_in_signs_the_font_lacks_is_labelled_by_its_value():
    made = chapter(str(example("deepseek_v3")))
    verdict = made.found[0]
    assert label(verdict) == "D1: 2788K"
    chinese = replace(verdict, claim=replace(verdict.claim, printed="278.8万小时", digits="2788K"))
    assert label(chinese) == "D1: 2.788 million GPU-hours"
