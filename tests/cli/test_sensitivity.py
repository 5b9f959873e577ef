"""The command: what it prints and refuses."""

import pytest

MINE = """\
article: mine
title: An article of mine
language: en
publisher: nobody
date: 2024-07-23
address: example.org
claims:
  - {id: T1, printed: 3500 years, sum: gpu_years(prices.gpu_hours)}
  - {id: T2, printed: second, value: 2, unit: rank, reading: it is the second,
     sum: "rank_from_smallest(prices.pue, [prices.pue, 1.05, 3])"}
"""
FAST = ["--samples", "1000"]


@pytest.mark.parametrize(
    ("range_", "side"), [("40000:50000", "below"), ("1000:40000", "above"), ("30000:50000", None)]
)
def test_a_result_outside_nearly_all_scenarios_is_explained(range_, side, printed):
    text = printed("sensitivity", "Z51", "--range", f"h100_usd=uniform:{range_}", *FAST)
    assert (f"it is 1.72 billion USD, {side} 95 % of these or more" in text) == bool(side)
    assert ("At the prices given" in text) == bool(side)


def test_z51_names_the_gpu_price_first_and_both_break_evens(printed):
    text = printed("sensitivity", "Z51", *FAST)
    for part in (
        "h100_usd moves it most. 17亿美金 holds from h100_usd = 38,372.09 to 40,697.67 USD/GPU.\n",
        "printed 17亿美金: holds from 1.65 billion USD to 1.75 billion USD; recomputed 1.72 billion USD",
        "1,000 scenarios (seed 1): 5 % below",
        "Share of the variance (Sobol, first-order / total): h100_usd 0.97 / 0.97",
        "Prices acting together make 0.048 % of it",
    ):
        assert part in text
    assert (
        printed("sensitivity", "Z52", *FAST)
        == printed("sensitivity", "Z52", *FAST)
        != printed("sensitivity", "Z52", *FAST, "--seed", "2")
    )
    text = printed("sensitivity", "Z51", "--set", "h100_usd=25000", *FAST)
    assert "recomputed at your prices 1.075 billion USD: does not hold" in text
    assert "would begin to hold at h100_usd = 38,372.09 USD/GPU" in text


def test_csv_has_a_row_a_price_and_json_all_at_full_precision(printed, rows, records):
    listed = rows("sensitivity", "Z51")
    assert [row["price"] for row in listed] == ["h100_usd", "gpus"]
    assert listed[0]["at_low"] == "989000000"  # 43,000 * 23,000
    assert listed[0]["holds_at_low"] == "false"
    result = records("sensitivity", "Z51", *FAST)
    assert result["prices"][0]["flips_below"] == float(listed[0]["flips_below"])
    assert result["holds_between"] == pytest.approx([1.65e9, 1.75e9], rel=1e-8)
    assert result["spread"]["count"] == 1000
    assert [index["key"] for index in result["sobol"]] == ["gpus", "h100_usd"]
    assert "; costcheck check Z55 has all of them." in printed("sensitivity", "Z55", *FAST)
    # JSON has no infinity
    assert records("sensitivity", "Z55", *FAST)["holds_between"][1] is None


def test_without_a_claim_there_is_a_line_for_each_that_moves(printed, records):
    listed = records("sensitivity", *FAST)
    assert [row["claim"] for row in listed][:6] == ["Z22", "Z31", "Z46", "Z47", "Z49", "Z51"]
    by_id = {row["claim"]: row for row in listed}
    assert by_id["Z51"]["moves_it_most"] == "h100_usd"
    assert by_id["Z51"]["flips_below"] == pytest.approx(38_372.093, rel=1e-6)
    assert by_id["Z46"]["moves_it_most"] is None
    table = printed("sensitivity", *FAST)
    assert table.count("h100_usd") == 6  # Z51 to Z53, and their translations
    assert "no price with a range" in table
    assert len(listed) == 18


def test_a_claim_that_takes_no_arrays_has_swings_and_break_evens_and_no_scenarios(printed, records, tmp_path):
    mine = str(tmp_path / "mine.yaml")
    (tmp_path / "mine.yaml").write_text(MINE)
    text = printed("sensitivity", "T2", mine, "--range", "pue=1:5")
    assert "1st ✗" in text
    assert "second holds from pue = 1.05 to 3" in text
    assert "No scenarios: rank_from_smallest compares single numbers." in text
    ranges = ["--range", "pue=1:5", "--range", "gpu_hours=30e6:31e6"]
    both = records("sensitivity", mine, *ranges)
    assert [(row["claim"], row["share_holds"] is None) for row in both] == [("T1", False), ("T2", True)]
    for words in (["T1", mine], [mine, "T1"]):
        assert "gpu_hours moves it most" in printed("sensitivity", *words, *ranges[2:], *FAST)


HEARSAY = """\
prices:
  bill: {is: $2, low: 1, high: 4, source: a friend, verification: "unverified: hearsay"}
claims:
  - {id: H1, printed: $4, sum: prices.bill + prices.bill}
  - {id: H2, printed: $40K, unit: USD/GPU, sum: prices.h100_usd}
"""


def test_a_verdict_on_unverified_data_is_marked_as_check_marks_it(printed, rows, records, tmp_path):
    (path := tmp_path / "hearsay.yaml").write_text(MINE.partition("claims:")[0] + HEARSAY)
    hearsay = [str(path), *FAST]
    assert "recomputed 4 USD: holds (unverified data)\n" in printed("sensitivity", "H1", *hearsay)
    assert [row["unverified"] for row in rows("sensitivity", *hearsay)] == ["true", "false"]
    assert printed("sensitivity", *hearsay).count("4 USD ✓ (unverified data)") == 1
    assert records("sensitivity", "H1", *hearsay)["unverified"] is True
    assert "unverified" not in printed("sensitivity", "H2", *hearsay)
