"""`costcheck prices`, and prices of a date: which quote was used, and how old it is."""

import csv

import pytest

from costcheck.prices.quotes import packaged_quotes, price_keys


def test_the_list_has_every_key_with_age_range_and_source_as_csv_and_as_json(rows, records):
    listed = rows("prices", "--as-of", "2024-08-01")
    by_key = {row["key"]: row for row in listed}
    assert set(price_keys()) <= set(by_key)
    # 3:1 of 5 and 15, and of 3 and 15
    assert [by_key[f"{model} blended 3:1"]["value"] for model in ("gpt4o", "sonnet")] == ["7.5", "6"]
    h100 = by_key["h100_usd"]
    # the quote of 31 July is a day old; without a range of its own, it has that of all quotes by then
    assert (h100["article"], h100["value"], h100["days_old"]) == ("40000", "36017.75", "1")
    assert (h100["low"], h100["high"]) == ("33750", "44489.88")
    assert all(row["source"] for row in listed)
    (same,) = [row for row in records("prices", "--as-of", "2024-08-01") if row["key"] == "h100_usd"]
    assert (same["article"], same["value"], same["days_old"], same["low"]) == (40_000, 36_017.75, 1, 33_750)


def test_the_history_of_a_price_is_listed_the_oldest_first_and_drawn(rows, printed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    days = [row["as_of"] for row in rows("prices", "h100_usd", "--plot")]
    assert days == sorted(quote.as_of for quote in packaged_quotes() if quote.key == "h100_usd")
    assert b"8 quotes of h100_usd from 2022-09-29" in (tmp_path / "h100_usd.svg").read_bytes()
    by_then = [row["as_of"] for row in rows("prices", "h100_usd", "--as-of", "2023-12-31")]
    assert by_then == ["2022-09-29", "2023-05-29", "2023-12-11"]
    out = printed("prices", "usd_cny", "pue")
    for part in ("yuan for one dollar [CNY/USD]", "7.2732366", "power usage effectiveness"):
        assert part in out


@pytest.mark.parametrize(
    ("date", "price", "cells"),
    [
        ("2025-03-13", "h100_usd", {"31,250", "2025-03-03", "10"}),
        ("2023-12-31", "sonnet_input_usd_per_mtok", {"later"}),  # no quote so early
    ],
)
def test_check_as_of_a_date_shows_which_quote_it_took_and_how_old_it_is(date, price, cells, printed):
    out = printed("check", "--as-of", date)
    assert f"prices used: as of {date}" in out
    (line,) = (line for line in out.splitlines() if line.startswith(f" {price}"))
    assert cells <= set(line.split())
    assert ("no quote so early" in out) is (date < "2024")
    assert "electricity_usd_per_kwh" not in out  # no claim rests on it


@pytest.mark.slow
def test_run_as_of_a_date_gives_what_check_gives_and_a_price_given_goes_before_the_quote(
    rows, printed, tmp_path
):
    prices = ["--as-of", "2025-03-13", "--set", "h100_usd=20000"]
    expected = {row["id"]: row for row in rows("check", *prices)}
    ticket = expected["Z51"]
    assert ticket["at_your_prices"] == str(43_000 * 20_000)
    assert ticket["scenario"] == "as of 2025-03-13;h100_usd=20000"
    assert "prices used: as of 2025-03-13" in printed("run", "2", *prices, "--out", tmp_path / "out")
    with (tmp_path / "out" / "results.csv").open(encoding="utf-8") as file:
        ran = {row["id"]: row for row in csv.DictReader(file)}
    assert ran == {id_: expected[id_] for id_ in ran}
    assert "Z51" in ran


@pytest.mark.parametrize(("verification", "marks"), [("unverified: hearsay", 1), ("read in the source", 0)])
def test_a_quote_used_that_is_unverified_is_marked(tmp_path, printed, verification, marks):
    article = tmp_path / "mine.yaml"
    article.write_text(
        "article: mine\ntitle: x\nlanguage: en\npublisher: nobody\ndate: 2024-07-23\naddress: example.org\n"
        f"prices:\n  bill: {{is: $2, source: a friend, as_of: 2024-07, verification: '{verification}'}}\n"
        "claims:\n  - {printed: $2, sum: prices.bill}\n"
    )
    out = printed("check", article, "--as-of", "2024-08-01")
    (line,) = (line for line in out.splitlines() if line.strip().startswith("bill"))
    assert line.count("(unverified)") == marks
