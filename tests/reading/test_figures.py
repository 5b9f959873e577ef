"""Quantities are found as a person finds them, and other numbers are passed over, with the reason."""

from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from costcheck.reading.documents import Document, read_document
from costcheck.reading.figures import quantities


def read(text, language=None):
    return quantities(read_document(text, language))


def shown(quantity):
    figure = quantity.figure
    value = f"{figure.value:.10g}" + (f" to {figure.high:.10g}" if figure.high is not None else "")
    hedge = "" if figure.hedge == "exact" else f"{figure.hedge.value} "
    return f"{hedge}{value} {figure.unit}"


# worked by hand; a line is a text and what it says
READ = Path(__file__).with_name("read.txt").read_text("utf-8").splitlines()


@pytest.mark.parametrize("line", READ)
def test_a_quantity_is_read_with_the_unit_and_hedge_of_the_words_around_it(line):
    text, _, expected = line.rpartition(" = ")
    assert "; ".join(map(shown, read(text)[0])) == expected


PASSED = """
On 3 May 2024 at 10:24, since 2023, in Q3 2025 and FY 2024. | date
2025年3月8日、令和7年、2月末のことです。 | date
11 月 28 日截止，2024 年；19日の説明会。 | date
Llama 3.1 405B, GPT-4 and a 70B model in 8-bit. | name
See page 212, section 5.4, table 3 and figure 2 of 9. | place
第3四半期、第 10 轮、表 1、18ページ。 | place
Call +1 212 555 0188 or 03-5550-0199 or 010-5550-0136. | telephone
As said [2], and elsewhere [14, 15]. | footnote
Get it at https://a.b/c/12345 (commit 9f8e7d6, #481, arXiv 2304.01373). | a
A 5 min read with 41 comments. | page
It needs v2.3, numpy 1.26.4 or torch>=2.1. | version
满分 20 分，准确率低于 75 分要说明，267 人赞同。 | a
MMLU rose to 85.5%; shares fell 17%; shares in Acme closed 4.2% up; use RTX PRO 6000 cards. | a
He is 41 years old, and left three years ago. | a
Each of 7 models reads 22 pages. | a
""".strip().splitlines()


@pytest.mark.parametrize("line", PASSED)
def test_a_number_that_is_no_quantity_is_passed_over_and_the_reason_given(line):
    text, _, why = line.rpartition(" | ")
    found, passed = read(text)
    assert found == []
    assert any(why in number.why for number in passed), passed


def test_a_place_is_where_the_figure_stands():
    text = "Costs\n\nIt took ~$4M, e.g. on 8 GPUs. Then 2 days.\n- and 5 kW"
    found, _ = read(text)
    assert [text[q.start : q.end] for q in found] == ["~$4M", "8 GPUs", "2 days", "5 kW"]
    assert [q.line for q in found] == [3, 3, 3, 4]
    sentences = ["It took ~$4M, e.g. on 8 GPUs."] * 2 + ["Then 2 days.", "- and 5 kW"]
    assert [q.sentence for q in found] == sentences


def test_a_cell_takes_the_unit_of_its_column_its_row_or_the_caption():
    table = """
| Model | Cost ($M) | Speed (tok/s) | Context |
|---|---|---|---|
| A 7B | 5.6 | ~1,200 | 128K |

| Item | Value |
|---|---|
| GPU hours | 2.8M |

Prices per 1M tokens in USD

| Tier | Input |
|---|---|
| Basic | 0.05 |

| モデル | 学習トークン数 | GPU時間（万時間） | 時間単価 |
|---|---|---|---|
| A-7B | 2.1兆 | 8.2 | 3.2ドル |

| Line | A100 GPU-hours | GPU-hours for 1.2T tokens | £m | Speed per GPU |
|---|---|---|---|---|
| All | 412,000 | 59.5k | 151.2 | 5,600 tok/s |

| Card | $/hr |
|---|---|
| RTX 3090 | 0.22 |
"""
    assert [shown(q) for q in read(table)[0]] == [
        "5600000 USD", "about 1200 token/s", "2800000 GPU-hour", "0.05 USD/Mtok",
        "2.1e+12 token", "82000 GPU-hour", "3.2 USD/hour",
        "412000 GPU-hour", "59500 GPU-hour", "151200000 GBP", "5600 token/s/GPU", "0.22 USD/GPU-hour",
    ]  # fmt: skip


GIVEN = {
    text: read_document(Path(__file__).parent / "texts" / text)
    for text in ("04_gpt3_thread.txt", "10_crm_tokens_zh.md", "13_compute_demand_ja.txt")
}
DISTRACTORS = {
    "en": ["See page 46.", "It was 3 May 2024.", "Llama 3 70B is older.", "Call +1 212 555 0188.",
           "In 2023 it rained."],
    "zh": ["见第 12 页。", "那是2024年5月3日。", "GPT-4 更早。", "电话 010-5550-0136。"],
    "ja": ["18ページを見よ。", "2024年5月3日のことだ。", "GPT-4は前だ。", "電話は03-5550-0199。"],
}  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(GIVEN)), st.integers(0, 30), st.integers(0, 9))
def test_a_distractor_changes_no_other_figure(name, place, which):
    document = GIVEN[name]
    before = [q.figure for q in quantities(document)[0]]
    paragraphs = document.text.split("\n\n")
    sentences = DISTRACTORS[document.language]
    paragraphs[place % len(paragraphs)] += " " + sentences[which % len(sentences)]
    paragraphs.insert(place % len(paragraphs), sentences[which % len(sentences)])
    changed = Document("\n\n".join(paragraphs), document.language)
    assert [q.figure for q in quantities(changed)[0]] == before


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 99_999),
    st.integers(0, 2),
    st.sampled_from([("", 0), ("k", 3), ("M", 6), (" million", 6), ("bn", 9), (" trillion", 12)]),
    st.sampled_from(
        ["{}", "~{}", "about {}", "at least {}", "{}+", "({})", "{},", "**{}**", "`{}`", "{} [2]"]
    ),
    st.sampled_from(["plain", ",", "\u2009", "\u202f", "wide"]),
)
def test_an_amount_of_money_is_read_back_however_it_is_written(digits, places, magnitude, around, style):
    value = digits / 10**places
    written = f"{value:,.{places}f}" if style != "plain" else f"{value:.{places}f}"
    written = written.replace(",", style) if style in "\u2009\u202f" else written
    assume(places == 0 or style not in "\u2009\u202f" or value < 1000)
    written = f"${written}{magnitude[0]}"
    if style == "wide":
        written = "".join(chr(ord(c) + 0xFEE0) if c in "0123456789$,." else c for c in written)
    (quantity,), _ = read(f"On 3 May 2024 it cost {around.format(written)} in all.")
    assert quantity.figure.unit == "USD"
    assert quantity.figure.value == pytest.approx(value * 10.0 ** magnitude[1], rel=1e-12)


def test_a_long_text_takes_as_much_longer_as_it_is_longer():
    import time

    times = []
    for copies in (10, 80):
        document = Document(GIVEN["04_gpt3_thread.txt"].text * copies, "en")
        start = time.process_time()
        quantities(document)
        times.append(time.process_time() - start)
    assert times[1] < 24 * times[0]  # 8 times, or 64 if it were quadratic
