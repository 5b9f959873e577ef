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
READ = """
It raised $1.7bn, i.e. 17亿美元 or 170億ドル. = 1700000000 USD; 1700000000 USD; 1.7e+10 USD
Rent is ¥9/天 here. = 9 CNY/day
输入2元，输出8元（每百万token）。 = 2 CNY/Mtok; 8 CNY/Mtok
A社は1GPU時間398円、B社は520円。 = 398 JPY/GPU-hour; 520 JPY/GPU-hour
2,400人が使い、1人1日8回、年に約5万GPU時間。 = 2400 user; 8 request/user-day; about 50000 GPU-hour/year
电费1.2元/度，一天72度，一个月两千多，每台26万。 = 1.2 CNY/kWh; 72 kWh/day; over 2000 kWh/month; 260000 CNY
1つの質問で約2.9Wh、1件あたりの平均は1,500トークン。 = about 2.9 Wh/request; 1500 token/request
費用は概ね5円。 = about 5 JPY
一个任务跑40轮，一天推30个任务，包月，每台5.5万元。 = 40 request/task; 30 task/day; 55000 CNY/month
月額4.8万円、1時間300円程度です。 = 48000 JPY/month; about 300 JPY/hour
サーバー1台あたり月5万円、会場は日10万円。 = 50000 JPY/server-month; 100000 JPY/day
It needs 3.8 × 10^25 FLOP, or 3.8e25 FLOPS, and 15T tokens. = 3.8e+25 FLOP; 3.8e+25 FLOP; 1.5e+13 token
Output is 60 cents per million tokens, storage 5¢/GB. = 0.6 USD/Mtok; 0.05 USD/GB
Costs doubled; half a million users pay, half a gigawatt burns. = 2 times; 500000 user; 0.5 GW
约七成的成本是电费，翻了一番，约合三分之一。 = about 70 percent; 2 times; about 0.3333333333 1
料金は３割安い２万2,688円だ。 = 30 percent; 22688 JPY
It adds up to $5, for at least three hundred and fifty GPUs. = 5 USD; at least 350 GPU
From 3 to 4 million dollars for 10, 20 or 30 hours. = 3000000 USD; 4000000 USD; 10 hour; 20 hour; 30 hour
It charges $11.20 per kW of peak, billed every month. = 11.2 USD/kW-month
A page takes 1,600 tokens on the way in and 700 on the way out. = 1600 token/page; 700 token/page
We send 1,900 tokens; 1,500 of the tokens are cached. = 1900 token; 1500 token
Volunteers check 5% of them, some 15,500, at 3p an image. = 5 percent; 0.03 GBP/image
按年利用8,000小时测算，每百万token 10美元（汇率7.2）。 = 8000 hour/year; 10 USD/Mtok; 7.2 CNY/USD
Each GCD rents at $0.55 per GCD-hour. = 0.55 USD/GPU-hour
满载450W，每天跑8小时，24小时不间断的机器另算。 = 450 W; 8 hour/day
平均1.0kWで24時間動かしっぱなしです。 = 1 kW; 24 hour
That is 40 million tokens a day or 1.2 billion in a month. = 40000000 token/day; 1200000000 token/month
输入2元/百万、输出8元/百万。 = 2 CNY/Mtok; 8 CNY/Mtok
It is $3 over 4 hours, up to 5. = 3 USD; 4 hour; up to 5 hour
An H100 is $2.50/hr, and the box of 8 H100s $20/hr. = 2.5 USD/GPU-hour; 8 GPU; 20 USD/hour
One card keeps up 850 tok/s; all of them reach 3,400 tok/s. = 850 token/s/GPU; 3400 token/s
The GPU is low $2, middle $3, high $4 per GPU-hour. = 2 USD/GPU-hour; 3 USD/GPU-hour; 4 USD/GPU-hour
每个用户每天发起12次对话，每次420 Token。 = 12 request/user-day; 420 token/request
一年下来电费6.3万元，每张25万元的卡用了8张。 = 63000 CNY/year; 250000 CNY/GPU; 8 GPU
100万トークンあたり入力2.5ドル、出力10ドル。 = 2.5 USD/Mtok; 10 USD/Mtok
It took 4h 15min, under a 12-year contract. = 4.25 hour; 12 year
单次0.92分钱，每天46块，440块A100每块5000元。 = 0.0092 CNY; 46 CNY/day; 440 GPU; 5000 CNY/GPU
100万トークンの原価は350円余り、データは四成到五成。 = over 350 JPY/Mtok; 40 to 50 percent
3.2 million documents a month at 15 RPM, 350-ish W. = 3200000 document/month; 15 request/minute; about 350 W
1ドル=150円、1日8時間、容量は500GBまで。 = 150 JPY/USD; 8 hour/day; up to 500 GB
We paid $387,072, which is 2,786,918 yuan at 7.2 yuan to the dollar. = 387072 USD; 2786918 CNY; 7.2 CNY/USD
$1 is worth 7.2 yuan. One dollar buys 150 yen. A dollar buys €0.92. = 7.2 CNY/USD; 150 JPY/USD; 0.92 EUR/USD
We paid $100, or €92 at 0.92 to the dollar, from $3 to $5. = 100 USD; 92 EUR; 0.92 EUR/USD; 3 USD; 5 USD
We paid $100, or ¥720 (元) at a rate of 7.2. = 100 USD; 720 CNY; 7.2 CNY/USD
At 7 billion parameters and 2 bytes each it takes 14 GB. = 7000000000 parameter; 2 byte/parameter; 14 GB
We bought 4,800 units of that card at £5 and 2 graphics cards, €9 apiece. = 4800 GPU; 5 GBP; 2 GPU; 9 EUR/GPU
It pays 31 ct/kWh for 24 GB cards, so €2. A 20 A fuse at 120 V. = 0.31 EUR/kWh; 24 GB/GPU; 2 EUR; 20 A; 120 V
An 8-GPU node reads 9 invoices a day, 12 tokens each. = 8 GPU; 9 invoice/day; 12 token/invoice
Chips cost $5 apiece: $2 per hour per GPU and $16 for the box. = 5 USD/GPU; 2 USD/GPU-hour; 16 USD/hour
They drink 5 gallons of water a day, or 8 cubic metres. = 5 gallon/day; 8 m3
We keep 16 spare nodes, eight used 3090s and 48,000 of Nvidia's GB200 chips. = 16 node; 8 GPU; 48000 GPU
We ran 4 second-hand cards for 22 working days, for 32 seats. = 4 GPU; 22 day; 32 seat
It is $9 a head, 27p/kWh; it was 43 cents of every dollar. = 9 USD/person; 0.27 GBP/kWh; 43 percent
A PUE that is low, 1.12; 1.8 l of water per kWh, 5 kB for each token. = 1.12 times; 1.8 litre/kWh; 5 kB/token
Spread over five years instead of six, it took over 3 months. = 5 year; 6 year; over 3 month
It has 7e9 weights; its peak is 9 TFLOP/s. = 7000000000 parameter; 9 TFLOP/s/GPU
Better than 7%, shy of $5, against $6 a year ago, capped at 9 W. = over 7 percent; nearly 5 USD; 6 USD; 9 W
It has 2 bytes a parameter. We changed 700 yuan to dollars. = 2 byte/parameter; 700 CNY
PUE is 1.5. The log says train_time 10949 (seconds). = 1.5 times; 10949 second
大概11个半月，两年半。8张A100一年的电费约6.3万元。 = about 11.5 month; 2.5 year; 8 GPU; about 63000 CNY/year
100万トークンが2.19ドル、1ドル152円で換算して333円です。 = 2.19 USD/Mtok; 152 JPY/USD; 333 JPY/Mtok
H100は1枚1時間420円、1年で約310GWh。1か月で43,000台のH100。 = 420 JPY/GPU-hour; about 310 GWh/year; 43000 GPU
大约要用7400万度电，1250个机柜，起租3天。 = about 74000000 kWh; 1250 rack; at least 3 day
按7.2的汇率把5美元算成36元。 = 7.2 CNY/USD; 5 USD; 36 CNY
总算力3280P，24G 显存，全年用电约4513万度。 = 3280 PFLOP/s; 24 GB; about 45130000 kWh/year
每百万12元，包月价打八五折。PUEが1.4の棟を1.2に直す。 = 12 CNY/Mtok; 85 percent; 1.4 times; 1.2 times
At 0.4 metric tons of carbon dioxide per MWh, some 90 tons annually. = 0.4 tCO2e/MWh; about 90 tCO2e/year
It wants $50 per million characters, or $0.10 per 1K requests. = 50 USD/Mchar; 0.0001 USD/request
Trained on 2.0T; 5 residues; 6 tokens are cropped; 7 hours at $2. = 2e+12 token; 5 token; 7 hour; 2 USD/hour
An average call runs 4 minutes and costs 3 cents. = 4 minute/request; 0.03 USD/request
At 20k calls a month, that's $4,260, up from $3,100. = 20000 request/month; 4260 USD/month; 3100 USD/month
It is $2 and output at $8 per million tokens, 50 to 70 ms per word. = 2 USD/Mtok; 8 USD/Mtok; 50 to 70 ms/word
20k daily requests, 11 engineer-months, $3 (per 1M tokens. = 20000 request/day; 11 person-month; 3 USD/Mtok
A month of 730 hours is $7. At 9 kW per rack and needs 3 MW. = 730 hour/month; 7 USD/month; 9 kW/rack; 3 MW
每台服务器月租4.6万元，这一项就是18.4万元。 = 46000 CNY/server-month; 184000 CNY/month
一个月按720小时算要59904元，月结单是19万元。 = 720 hour/month; 59904 CNY/month; 190000 CNY/month
每天改18万篇，每篇1,500个token。 = 180000 document/day; 1500 token/document
大约够再训练19次，手元のGPUが1枚だけ。 = about 19 request; 1 GPU
单卡时租 12.5 元，一年耗电 1642.5 万度。 = 12.5 CNY/GPU-hour; 16425000 kWh/year
每生成 1000 个 token 耗电 0.4 瓦时，激活 370 亿。 = 0.0004 Wh/token; 3.7e+10 parameter
GPU1枚を1時間借りると500円です。 = 500 JPY/GPU-hour
1GPU時間あたり2ドル、つまり約300円。 = 2 USD/GPU-hour; about 300 JPY/GPU-hour
日活用户约 3500 万，人均每天提问 4 次。 = about 35000000 user; 4 request/user-day
1回の回答に約3Wh、推論1回0.2円、0.45 元/千瓦时。 = about 3 Wh/request; 0.2 JPY/request; 0.45 CNY/kWh
1人あたり月30円のコスト。100万文字で16ドル。 = 30 JPY/person-month; 1.6e-05 USD/character
メモリは1枚48GB、H100は1基600万円。月の請求：227ドル = 48 GB/GPU; 6000000 JPY/GPU; 227 USD/month
H100は1基1時間500円、1基あたり1.3kW、0.42kg-CO2/kWh。 = 500 JPY/GPU-hour; 1.3 kW/GPU; 0.42 kgCO2e/kWh
応答の長さは平均450トークン、同時に使えるのは10人弱。 = 450 token/request; nearly 10 user
A chat takes 1,600 tokens on the way in and 700 on the way out. = 1600 token; 700 token
Peak power is $11.20 per kW, billed every month; 5% of it, some 15,500. = 11.2 USD/kW-month; 5 percent
汇率按7.2算，年平均利用小时按5,000小时算。 = 7.2 CNY/USD; 5000 hour/year
Take $1–4K/yr, 0.5–2 engineers or 3.4M GPU hours. = 1000 to 4000 USD/year; 0.5 to 2 person; 3400000 GPU-hour
""".strip().splitlines()


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
