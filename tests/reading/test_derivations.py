"""Which figures follow from which; the texts are written for this, with sums worked by hand."""

import re
from dataclasses import replace

import pytest

from costcheck.claims.kinds_and_colours import Kind
from costcheck.claims.sums import parse
from costcheck.reading import candidates, read_figures
from costcheck.reading.derivations import Link, links
from costcheck.reading.documents import Document, read_document
from costcheck.reading.figures import Quantity, quantities

SERVING = (
    "We rent 4 H100 cards at $2.50 per GPU-hour, so the box comes to $10 an hour. One card writes 850 tokens"
    " per second, all four together 3,400 tokens per second. That makes 12.24M tokens an hour, or $0.82 per"
    " million tokens."
)


def found(text: str, language: str = "en") -> dict[str, Link]:
    """Return the links of a text by the figure they give, each with the printed figures in its sum."""
    reading = read_figures(read_document(text, language))
    figures = [*reading.figures]
    return {figures[link.of].figure.printed: _written(link, figures) for link in reading.links}


def _written(link: Link, figures: list[Quantity]) -> Link:
    return replace(
        link, sum=re.sub(r"\bf(\d+)\b", lambda m: f"<{figures[int(m[1])].figure.printed}>", link.sum)
    )


@pytest.mark.parametrize(
    ("text", "language", "printed", "sum_", "recomputed"),
    [
        pytest.param(
            SERVING, "en", "$10 an hour", "<4 H100 cards> * <$2.50 per GPU-hour>", 10, id="4 * 2.50"
        ),
        pytest.param(
            SERVING, "en", "12.24M tokens an hour", "<3,400 tokens per second>", 12.24e6, id="3,400 * 3,600"
        ),
        pytest.param(
            SERVING, "en", "$0.82 per million tokens", "<$10 an hour> / <12.24M tokens an hour>",
            0.817, id="10 / 12.24",
        ),
        pytest.param(
            "The run took 6.4M GPU-hours at 700 W per GPU, so it used 4.48 GWh.", "en",
            "4.48 GWh", "<6.4M GPU-hours> * <700 W per GPU>", 4.48, id="6.4e6 h * 700 W",
        ),
        pytest.param(
            "一共64张H100，每张22万元，光是显卡就要1408万元，再加机房600万元，总投入2008万元。", "zh",
            "2008万元", "<1408万元> + <600万元>", 20.08e6, id="1408 + 600",
        ),
        pytest.param(
            "The hall has 1,250 cages of 32 GPUs, 40,000 GPUs in all.", "en",
            "40,000 GPUs", "<1,250> * <32 GPUs>", 40_000, id="a count of what has no unit",
        ),
        pytest.param(
            "The price of an H100 fell from $2.60 to $2.21 per GPU-hour, a drop of 15%.", "en",
            "15%", "1 - <$2.21 per GPU-hour> / <$2.60>", 15, id="1 - 2.21 / 2.60",
        ),
        pytest.param(
            "Eight cards at $720 each and a board for $2,900 made $8,660 in total.", "en",
            "$8,660", "<Eight cards> * <$720> + <$2,900>", 8_660, id="8 * 720 + 2,900",
        ),
        pytest.param(
            "Of a budget of $11.6 billion, chips took $7.2 billion; the other $4.4 billion was land.", "en",
            "$4.4 billion", "<$11.6 billion> - <$7.2 billion>", 4.4e9, id="11.6 - 7.2",
        ),
        pytest.param(
            "A key and a value in each of 64 layers, for 8 KV heads of 128 numbers, in bf16: 256 KiB per"
            " token.", "en",
            "256 KiB per token",
            "(<64 layers> / 1 layer) * (<8 KV heads> / 1 head) * <128> * 2 * 2 byte", 256,
            id="a KV cache",
        ),
        pytest.param(
            "A call takes 1,900 tokens and writes 60 tokens, at $0.15/M tokens in and $0.60/M tokens out, so"
            " 868,000 calls a day cost $278.63 a day.", "en",
            "$278.63 a day",
            "(<1,900 tokens> * <$0.15/M tokens> + <60 tokens> * <$0.60/M tokens>) * <868,000 calls a day>",
            278.63, id="requests * (input + output)",
        ),
        pytest.param(
            "1日2,700万トークン、月20日稼働で月5億4,000万トークンになります。", "ja",
            "5億4,000万トークン", "<2,700万トークン> * <20日>", 540e6, id="2,700万 * 20",
        ),
        pytest.param(
            "Prices fell from $30 per million tokens to $3 per million tokens, that is ten times less.", "en",
            "ten times", "<$30 per million tokens> / <$3 per million tokens>", 10, id="30 / 3",
        ),
        pytest.param(
            "Input is 48M tokens at $3 per million tokens and output 14M tokens at $15 per million tokens,"
            " so the total is $354.", "en", "$354",
            "<48M tokens> * <$3 per million tokens> + <14M tokens> * <$15 per million tokens>", 354,
            id="48 * 3 + 14 * 15",
        ),
        pytest.param(
            "The racks draw 218 kW and the disks 31 kW; with a PUE of 1.28 that makes 319 kW altogether.",
            "en", "319 kW", "<218 kW> * <1.28> + <31 kW> * <1.28>", 318.7, id="(218 + 31) * 1.28",
        ),
        pytest.param(
            "We had 18,400 examples, on average 620 tokens: 11.4M tokens per epoch, and 3 epochs make 34.2M"
            " tokens.", "en", "34.2M tokens", "<11.4M tokens per epoch> * <3 epochs>", 34.2e6, id="11.4 * 3",
        ),
        pytest.param(
            "We trained 13B parameters on 4 trillion tokens. It took 276,000 GPU-hours on cards whose dense"
            " peak is 989 TFLOP/s each. That is an MFU of 31.75%.", "en", "31.75%",
            "(6 FLOP/parameter/token * <13B parameters> * <4 trillion tokens>) / <276,000 GPU-hours>"
            " / <989 TFLOP/s>", 31.75, id="MFU",
        ),
        pytest.param(
            "The hall draws 400 kW all year. The PUE was 1.60 and is now 1.15, which saves 1,576,800 kWh a"
            " year.", "en", "1,576,800 kWh a year", "<400 kW> * (<1.60> - <1.15>)", 1_576_800,
            id="(1.6 - 1.15) * 400",
        ),
        pytest.param(
            "每份0.45元，全年3000份，一共1350元。", "zh", "1350元", "<0.45元> * <3000>", 1350, id="3000份",
        ),
        pytest.param(
            "職員は4,200人。1人あたり1日15回、月20営業日として、月126万回になります。", "ja",
            "126万", "<4,200人> * <15> * <20営業日>", 1.26e6, id="people * uses a person a day",
        ),
        pytest.param(
            "Four cards are capped at 280 W and the rest of the machine wants 150 W, that's 1.27 kW.", "en",
            "1.27 kW", "(<Four cards> / 1 GPU) * <capped at 280 W> + <150 W>", 1.27, id="cards and the rest",
        ),
        pytest.param(
            "平台日均处理1.2万亿tokens，去年只有1,600亿tokens，已经是当时的7.5倍。", "zh",
            "7.5倍", "<1.2万亿tokens> / (<1,600亿tokens> / 1 day)", 7.5, id="a day's, by words alone",
        ),
        pytest.param(
            "输入价是0.8元/百万tokens，一块钱能买125万tokens。", "zh",
            "125万tokens", "1 / <0.8元/百万tokens>", 1.25e6, id="1 / a price",
        ),
        pytest.param(
            "We sent 114M tokens. Fresh input is $3 per million tokens, cache reads $0.30 per million tokens;"
            " with 90% from the cache this comes to $65.", "en", "$65",
            "<114M tokens> * (<$0.30 per million tokens> * <90%> + <$3 per million tokens> * (1 - <90%>))",
            64.98, id="a blended price",
        ),
        pytest.param(
            "一天之内，输入6080亿token，其中3420亿token命中缓存，输出1680亿token。每百万token命中0.14美元、未命中0.55美元、"
            "输出2.19美元，合计562,100美元。", "zh", "562,100美元",
            "(<3420亿token> * <0.14美元> + (<6080亿token> - <3420亿token>) * <0.55美元> + <1680亿token>"
            " * <2.19美元>)", 562_100, id="cached, other and written tokens",
        ),
    ],
)  # fmt: skip
def test_finds_the_sum_that_gives_a_figure(text, language, printed, sum_, recomputed):
    link = found(text, language)[printed]
    assert link.kind is Kind.HOLDS
    assert re.sub(r"( [*/] 1 \w+)+$", "", link.sum) == sum_
    assert link.recomputed == pytest.approx(recomputed, rel=1e-3)


@pytest.mark.parametrize(
    ("right", "wrong", "cause"),
    [
        ("$10 an hour", "$100 an hour", "ten times too high"),
        ("12.24M tokens an hour", "12.24B tokens an hour", "a thousand times too high"),
        ("3,400 tokens", "340 tokens", "ten times too low"),
    ],
)
def test_a_figure_off_by_a_power_of_ten_is_a_finding(right, wrong, cause):
    assert not any(link.kind.is_mistake for link in found(SERVING).values())
    mistakes = [link for link in found(SERVING.replace(right, wrong)).values() if link.kind.is_mistake]
    assert any(cause in link.cause for link in mistakes)


def test_a_rate_multiplied_by_rather_than_divided_is_a_finding():
    right, wrong = (f"The run cost $354. At $1.18 to the euro, that is {euro}." for euro in ("€300", "€418"))
    assert [link.kind for link in found(right).values()] == [Kind.HOLDS]
    assert (found(wrong)["€418"].sum, found(wrong)["€418"].kind) == (
        "<$354> / <$1.18 to the euro>",
        Kind.WRONG,
    )


def test_the_price_of_one_gpu_for_several_is_a_finding():
    text = "A card rents at $1.29 per GPU-hour. Our two A100s ran for 14 hours, which came to $18.06"
    wrong, right = found(f"{text}.")["$18.06"], found(f"{text} for each card.")["$18.06 for each card"]
    assert (wrong.recomputed, wrong.kind) == (pytest.approx(2 * 14 * 1.29), Kind.OFF)
    assert right.kind is Kind.HOLDS


def test_a_mistake_goes_on_to_what_only_converts_it():
    text = (
        "2024年7月23日\n\n1,250台のサーバーを1台あたり42,000ドルで買うと"
        "5億2,500万ドル、人民元では38.2億人民元に達する。"
    )
    links_of = found(text, "ja")
    assert links_of["5億2,500万ドル"].kind is Kind.OFF
    assert links_of["38.2億人民元"].kind is Kind.OFF
    assert "prices.usd_cny" in links_of["38.2億人民元"].sum


def test_a_month_is_as_long_as_the_text_said_it_is():
    text = "The server draws 10.2 kW. A month has 730 hours. So it burns {} kWh a month."
    assert found(text.format("7,446"))["7,446 kWh a month"].kind is Kind.HOLDS
    assert found(text.format("7,344"))["7,344 kWh a month"].kind.is_mistake


ZH = """泄露的训练账单

2024年7月23日

模型卡写着，Llama 3.1 405B一共用掉了30.84M GPU小时。只用一块H100的话，这相当于3500年。

要在一个月内练完，得同时开动43000块H100。按每块4万美元计算，光买显卡就要17亿美金，折合人民币约125亿元。
"""
JA = """学習にいくらかかるのか

2024年7月23日

流出したカードによると、Llama 3.1 405Bの学習には30.84M GPU時間が使われた。
H100を1枚だけ動かすなら3500年かかる計算になる。

1ヶ月で終えるには43,000台のH100が要る。
1台あたり40,000ドルとすると、購入費は170億ドル、人民元では1250億人民元に達する。
"""


def test_the_chain_of_the_chinese_article_is_linked():
    chain = found(ZH, "zh")
    assert [chain[figure].kind.is_right for figure in ("3500年", "43000块H100", "17亿美金", "约125亿元")] == [
        True
    ] * 4
    assert chain["17亿美金"].sum == "<43000块H100> * <4万美元>"
    # at the rate of the day before, 7.2752: 43,000 * 40,000 * 7.2752
    assert chain["约125亿元"].recomputed == pytest.approx(12.51e9, rel=1e-3)


def test_the_chain_of_the_japanese_article_is_ten_times_too_high_at_its_end():
    chain = found(JA, "ja")
    assert chain["3500年"].kind is Kind.HOLDS
    assert chain["43,000台のH100"].kind is Kind.HOLDS
    for figure in ("170億ドル", "1250億人民元"):
        assert chain[figure].kind is Kind.OFF
        assert "ten times too high" in chain[figure].cause


ROWS = """We read 600M tokens and write 150M tokens.

| Model | Input | Output | Cost |
|---|---|---|---|
| A | $2.00/M tokens | $8.00/M tokens | $2,400 |
| B | $0.80/M tokens | $2.40/M tokens | $840 |
| C | $4.00/M tokens | $12.00/M tokens | $4,200 |
| D | $1.20/M tokens | $6.40/M tokens | $1,860 |
"""
COLUMN = """| Item | Cost |
|---|---|
| GPUs | $27,800 |
| Cleaning | $9,000 |
| Storage | $600 |
| Total | $36,800 |
"""


def test_the_row_that_breaks_the_rule_of_the_others_is_a_finding():
    rows = found(ROWS)
    assert [rows[cost].kind.is_right for cost in ("$2,400", "$840", "$4,200")] == [True] * 3
    assert (rows["$1,860"].kind, rows["$1,860"].recomputed) == (Kind.WRONG, pytest.approx(1680))


def test_a_total_is_not_a_part_of_its_column_and_a_product():
    text = "| Item | Basis | Cost |\n|---|---|---|\n| Nodes | leased | $729,600 |\n| Power |"
    text += " 1,314,000 kWh at $0.24/kWh | $315,360 |\n| Staff | | $185,000 |\n| Total | | $1,044,960 |"
    total = found(text)["$1,044,960"]
    assert (total.kind.is_mistake, total.recomputed) == (True, pytest.approx(1_229_960))


LIST = """The bill:

  GPUs, all of them   $27,800
  Cleaning             $9,000
  Storage                $600
  Total               $36,800
"""


@pytest.mark.parametrize("text", [COLUMN, LIST])
def test_a_total_is_that_of_its_whole_column(text):
    total = found(text)["$36,800"]
    assert (total.kind.is_mistake, total.recomputed) == (True, pytest.approx(37_400))


def test_an_amount_printed_in_the_currency_of_its_inputs_is_off_by_the_rate():
    text = "输入270M token，每百万token 2.5美元；输出108M token，每百万token 10美元；合计1755元。"
    link = found(text, "zh")["1755元"]
    assert link.kind is Kind.OFF
    assert "currency" in link.cause


def test_an_amount_of_a_day_given_for_a_month_is_named():
    link = found("We rent 4 GPUs at $3 per GPU-hour. That comes to $288 a month.")["$288 a month"]
    assert (link.kind, link.cause.startswith("30 times too low: day and month")) == (Kind.OFF, True)


def test_what_a_column_of_assumptions_holds_comes_before_the_result_beside_it():
    text = "83.3万GPU時間を使う。\n\n| 項目 | 試算値 | 前提 |\n|---|---|---|\n"
    assert found(text + "| 期間 | 約34日 | 1,024枚を連続使用 |\n", "ja")["約34日"].kind is Kind.HOLDS


def test_a_sum_that_explains_one_figure_accuses_no_other():
    text = (
        "| Item | Estimate | Basis |\n|---|---|---|\n| Herd | ~38.0M H100-hours | the 405B run alone: 24,576"
    )
    assert [*found(text + " H100s × 54 days = 31.85M H100-hours |")] == ["31.85M H100-hours"]


@pytest.mark.parametrize(
    ("text", "figure", "right", "cause"),
    [
        (  # bits for bytes
            "The checkpoint has 980 GB. The link carries 100 Gbit/s, so it is out in 9.8 s.",
            "9.8 s", 78.4, "8 times too low: a GPU and a server of 8, or bits and bytes",
        ),
        (  # minutes for hours
            "We have 28,800 hours of talk. The API charges $0.006 per minute, so all of it comes to $172.80.",
            "$172.80", 10_368, "60 times too low: minute and hour",
        ),
        (  # minutes for hours, where only seconds are printed
            "Fine-tuning takes 1,500 steps at 2.4 seconds each, and so it was done in 60 hours.",
            "60 hours", 1, "60 times too high",
        ),
        (  # a share of the lower price, by which the higher is no cheaper
            "The card cost $30,000 new. Used ones sell for $12,000, so that a buyer saves 150%.",
            "150%", 60, "a share of the wrong figure",
        ),
        (  # a discount taken for the price
            "8,000枚で4万8千円。夜間にまとめて投げると3割引になるそうで、それなら14,400円。",
            "14,400円", 33_600, "a share of the wrong figure",
        ),
        (  # one card for a server of eight
            "Each node has 8 GPUs. We rent 16 nodes for 192 hours at $2.50 per GPU-hour, in all $7,680.",
            "$7,680", 61_440, "8 GPUs left out",
        ),
        (  # the PUE left out
            "The racks draw 21 kW and the PUE is 1.2, so that the whole site takes 183,960 kWh a year.",
            "183,960 kWh a year", 220_752, "1.2 left out",
        ),
        (  # what a lower PUE saves of the higher one
            "Old halls run at a PUE of 1.45. Rebuilt to a PUE of 1.25, they use 16% less.", "16%", 13.79,
            "a share of the wrong figure",
        ),
        (  # which "up to" does not excuse
            "一份45元，现在每份1元。跟当初的45元比，单价降幅高达4400%，大家都吃惊。", "高达4400%", 97.78,
            "a share of the wrong figure",
        ),
        (  # kW for MW
            "The campus is to draw 550 MW, some 26 times our 21 kW.",
            "some 26 times", 26_190, "a thousand times too low",
        ),
        (  # all day for eight hours of it
            "满载450W，每天跑8小时，一个月30天，用电324度。", "324度", 108, "8小时 left out",
        ),
        (  # one year for three
            "3年リースする場合、月額32万円、総額384万円になる。",
            "384万円", 11_520_000, "1 year taken for 3年",
        ),
        (  # 30 days for 20
            "1,200人が1人1日15回使い、月20営業日なので、月に54万回の利用になる。",
            "54万", 360_000, "30 days a month taken for 20",
        ),
        (  # months for days
            "A card is £22.80 a day, or £821 over three years.",
            "£821", 24_966, "30 times too low: day and month",
        ),
        (  # a month's for a year's
            "At $3,200 a day the fleet costs $96,000 a year.",
            "$96,000 a year", 1_168_000, "12 times too low: month and year",
        ),
        (  # the peak of sparse matrices
            "We reached 236 TFLOP/s per GPU. The peak is 989 TFLOP/s per GPU, so that is an MFU of 12%.",
            "12%", 23.86, "the peak of sparse matrices taken",
        ),
        (  # keys without values
            "KV cache: 80 layers, 8 KV heads, head dim 128, fp16, comes to 160 KB per token.",
            "160 KB per token", 327.68, "keys or values left out",
        ),
        (  # a slip of ten, of a count that has no unit
            "全班 36 个组，每组花 3.3 元，加起来 1188 元。", "1188 元", 118.8, "ten times too high",
        ),
        (
            "An exchange takes 1,900 tokens up and 60 tokens back. At $0.15 per million tokens in and $0.60"
            " per million tokens out, 868,000 exchanges a day cost $2,786.28 a day.",
            "$2,786.28 a day", 278.63, "ten times too high",
        ),
    ],
)  # fmt: skip
def test_mistakes_that_people_make_are_named(text, figure, right, cause):
    link = found(text, next((code for sign, code in (("円", "ja"), ("，", "zh")) if sign in text), "en"))[
        figure
    ]
    assert (link.kind.is_mistake, link.recomputed) == (True, pytest.approx(right, rel=1e-3))
    assert link.cause.startswith(cause)


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("The card cost $30,000 new. Used ones sell for $12,000, so that a buyer saves 60%.", "60%"),
        ("8,000枚で4万8千円。3割引になるなら、14,400円安くなる。", "14,400円"),
        (
            "The racks draw 21 kW, the PUE is 1.2. The servers alone take 183,960 kWh a year.",
            "183,960 kWh a year",
        ),
        (
            "The card draws 450 W. It runs 8 hours a day, and at idle all day takes 10.8 kWh a day.",
            "10.8 kWh a day",
        ),
        ("The hall draws 10 MW. PUE is 1.2. Without the overhead a year takes 87,600 MWh.", "87,600 MWh"),
        ("We draw 25.2 kW at the meter (PUE 1.2). That is 220,752 kWh a year.", "220,752 kWh a year"),
        ("$100 a day for 8 hours a day of use; 30 days come to $3,000.", "$3,000"),
        ("A call priced at $12.45 costs us $9.71 to make. That is a 22.0% margin.", "22.0%"),
        ("An order of $120,000 carries a 30% discount, i.e. $36,000.", "$36,000"),
        (
            "We had 10,000 users at 5 dollars a month, 50,000 dollars. Costs were 20,000 dollars; profit was"
            " 30,000 dollars.",
            "30,000 dollars",
        ),
        ("We have 7 x 24 GB cards, 168 GB in all.", "168 GB"),
        ("Each node has 8 GPUs. For 192 hours one GPU at $2.50 per GPU-hour comes to $480.", "$480"),
    ],
)
def test_what_only_looks_like_such_a_mistake_holds(text, figure):
    assert found(text, "ja" if "円" in text else "en")[figure].kind is Kind.HOLDS


def test_a_number_without_a_unit_belongs_to_no_sum_by_mere_chance():
    reading = read_figures(read_document("We had 18 guests, 3 of them late, and rented 6 GPUs for 2 hours."))
    assert [figure.figure.printed for figure in reading.figures] == ["6 GPUs", "2 hours"]


def test_a_change_of_all_money_by_one_factor_keeps_every_sum():
    text = "We rent 16 GPUs at ${} per GPU-hour, which comes to ${} an hour or ${} a day."
    sums = []
    for factor in (1, 3):
        figures = (2.12 * factor, 33.92 * factor, 814.08 * factor)
        document = read_document(text.format(*(f"{figure:.2f}" for figure in figures)), "en")
        sums.append([(link.of, link.sum) for link in links(document, quantities(document)[0])])
    assert sums[0] == sums[1] != []


def test_figures_of_another_text_rarely_give_a_sum():
    # SERVING with other digits
    text = (
        "We rent 37 H100 cards at $9.13 per GPU-hour, so the box comes to $71 an hour. One card writes 613"
        " tokens per second, all four together 2,290 tokens per second. That makes 58.31M tokens an hour, or"
        " $0.17 per million tokens."
    )
    assert len([link for link in found(text).values() if link.chance < 0.1 and link.kind.is_right]) == 0
    assert all(link.chance < 0.2 for link in found(SERVING).values())


def test_two_readings_are_equal_and_no_figure_rests_on_itself():
    document = read_document(SERVING * 3, "en")
    figures, _ = quantities(document)
    first = links(document, figures)
    assert first == links(document, figures)
    below = {link.of: link.inputs for link in first}
    for start in below:
        waiting, seen = [*below[start]], set()
        while waiting:
            figure = waiting.pop()
            assert figure != start
            if figure not in seen:
                seen.add(figure)
                waiting += below.get(figure, ())


def test_every_sum_is_one_of_the_language_of_claims_and_has_rivals_of_its_figure():
    document = read_document(ZH, "zh")
    figures, _ = quantities(document)
    for link in links(document, figures):
        parse(link.sum)
        assert set(re.findall(r"\bf(\d+)\b", link.sum)) == {str(figure) for figure in link.inputs}
        assert all(rival.of == link.of and {*rival.inputs} != {*link.inputs} for rival in link.rivals)


def test_a_rate_that_the_text_prints_is_used_and_one_of_the_price_book_accuses_nobody():
    text = "On 14 May 2025 we paid $387,072, which is 2,786,918 yuan at 7.2 yuan to the dollar."
    assert found(text)["2,786,918 yuan"].kind is Kind.HOLDS
    assert found(text.replace("7.2", "6.2"))["2,786,918 yuan"].kind.is_mistake
    assert found(text.replace(" at 7.2 yuan to the dollar", "")) == {}
    text = "每小时40美元。按1美元兑7.2元计算，每小时288元。一年8760小时，共35万美元，即252万元。"
    assert [*found(text, "zh")] == ["288元", "35万美元", "252万元"]


def test_no_figure_follows_from_what_follows_from_it_where_it_is_printed_before():
    text = (
        "The training took 184,320 GPU-hours. On 256 H100s that is 30 days. At $2.10 per GPU-hour it came to"
        " $387,072. Buying the 256 cards at $30,000 each would have cost $7.68 million. To serve it we keep 8"
        " H100s at $2.10 per GPU-hour, or $16.80 an hour. Over a year of 8,760 hours that is about $147,000."
    )
    sums = {printed: link.sum for printed, link in found(text).items()}
    assert [*sums] == ["30 days", "$387,072", "$7.68 million", "$16.80 an hour", "about $147,000"]
    assert sums["30 days"] == "<184,320 GPU-hours> / <256 H100s>"
    assert "<8,760 hours>" in sums["about $147,000"]


def test_the_work_grows_with_the_length_of_a_text_and_not_with_its_square(monkeypatch):
    def sums_tried(times: int) -> int:
        tried = 0

        def counted(*arguments):
            nonlocal tried
            for candidate in products(*arguments):
                tried += 1
                yield candidate

        document = Document("\n\n".join([SERVING] * times), "en")
        figures, _ = quantities(document)
        products = candidates.products
        with monkeypatch.context() as patch:
            patch.setattr(candidates, "products", counted)
            links(document, figures)
        return tried

    assert sums_tried(16) < 2.5 * sums_tried(8)


@pytest.mark.parametrize(
    "text",
    ["No figure here.", "It costs $5.", "0% of $0 is $0, and a 0B model fits 80 GB.", "5 GPUs at 1e300 W."],
)
def test_a_text_with_nothing_to_find_has_no_links(text):
    assert found(text) == {}
