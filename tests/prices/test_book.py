"""The price book: every number of it tied to what was published, and every wrong price refused."""

import calendar
import datetime as dt
import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck.claims import articles
from costcheck.data import tables
from costcheck.errors import InputError
from costcheck.prices.book import PriceBook, stated
from costcheck.prices.quotes import (
    ARTICLE,
    Quote,
    packaged_quotes,
    past_day,
    price_keys,
    validate,
    value_of,
)

BOOK = tables.rows("prices")
KEYS = list(price_keys())
KEY = st.sampled_from(KEYS)


MODELS = {"gpt4o": "gpt-4o-20", "gpt4o_mini": "gpt-4o-mini-", "sonnet": "claude-3-5-sonnet-"}
MODELS["llama_405b"] = "Llama 3.1 405B Instruct"


def numbers(table, column, condition):
    return [row[column] for row in tables.rows(table) if condition(row) and row[column] is not None]


def published(key, day, source):
    """What the table of the same kind has for the day of a quote, from the same source."""
    if key in ("usd_cny", "usd_jpy"):
        rates = [row for row in tables.rows("exchange_rates") if row["date"] == day]
        return [round(row[f"eur_{key[4:]}"] / row["eur_usd"], 7) for row in rates]
    if match := re.fullmatch(r"(.+)_((?:in|out)put_usd_per_mtok)", key):
        table, column, name, of, date = "api_prices", match[2], MODELS[match[1]], "model", "as_of"
    else:
        table, column = {
            "h100_usd": ("gpu_purchase_prices", "usd_per_gpu"),
            "rental_usd_per_gpu_hour": ("gpu_rental_prices", "on_demand_usd_per_gpu_hour"),
        }[key]
        name, of, date = "NVIDIA H100 SXM", "gpu", "date"
    rows = [row for row in tables.rows(table) if (row[date], row["source"]) == (day, source)]
    return [row[column] for row in rows if row[of].startswith(name) and row.get("usable", True)]


# Those that no table of data/ has: the paper or count is named in the row.
ELSEWHERE = ("Cottier", "Artificial Analysis", "https://lib.rs", "the Chinese article")
QUOTES = [quote for quote in BOOK if quote["source"] != ARTICLE and not quote["source"].startswith(ELSEWHERE)]


@pytest.mark.parametrize("quote", QUOTES, ids=lambda quote: f"{quote['key']} of {quote['as_of']}")
def test_every_quote_is_one_that_a_table_has_of_its_day_and_source(quote):
    values = published(quote["key"], quote["as_of"], quote["source"])
    # crosses of euro rates have six decimals, but that of the articles' day has five
    rounding = 2e-6 if quote["low"] is not None else 6e-7
    assert min(abs(quote["value"] - value) for value in values) < rounding


def test_every_quote_is_valid_no_price_has_two_of_one_day_and_at_most_one_of_the_articles():
    for quote in packaged_quotes():
        assert validate(quote, "prices.csv") is quote
    assert len({(quote["key"], quote["as_of"]) for quote in BOOK}) == len(BOOK)
    stated = [quote["key"] for quote in BOOK if quote["source"] == ARTICLE]
    assert len(set(stated)) == len(stated)


def of_2024(row):
    return "2024-03-01" <= row["date"] <= "2024-08-31"


def first_weeks_of_405b(row):
    return row["model"] == "Llama 3.1 405B Instruct" and "2024-07" <= row["as_of"] <= "2024-08-31"


def purchases(basis):
    of_basis = lambda row: row["date"][:4] == "2024" and row["basis"] == basis  # noqa: E731
    return numbers("gpu_purchase_prices", "usd_per_gpu", of_basis)


def early_h100(row):
    return row["gpu"] == "NVIDIA H100 SXM5 80GB" and row["date"] < "2025"


RENTS = numbers("gpu_rental_prices", "on_demand_usd_per_gpu_hour", early_h100)
MONTHS = [calendar.monthrange(2023, month)[1] for month in range(1, 13)]
WINDOW = numbers("models", "context_length", lambda row: row["model"] == "Llama 3.1 405B")
EFFECTIVE = numbers("paper_facts", "value", lambda row: row["fact"] == "effective_training_time")


@pytest.mark.parametrize(
    ("key", "day", "known"),
    [
        ("usd_cny", "2024-07-22", numbers("exchange_rates", "usd_cny", of_2024)),
        ("usd_jpy", "2024-07-22", numbers("exchange_rates", "usd_jpy", of_2024)),
        ("rental_usd_per_gpu_hour", "2024-07-11", RENTS),
        ("h100_usd", "2024-07-22", [*purchases("Epoch yearly band low"), max(purchases("listed"))]),
        *(
            (f"llama_405b_{way}", "2024-07-23", numbers("api_prices", way, first_weeks_of_405b))
            for way in ("input_usd_per_mtok", "output_usd_per_mtok")
        ),
        ("words_per_token", "2023-03", numbers("tokens_per_word", "words_per_token", bool)),
        ("days_in_month", "2024-07-23", MONTHS),
        ("days_in_year", "2024-07-23", [365, 366]),
        ("gpus", "2024-07-23", [math.ceil(30.84e6 / (days * 24)) for days in MONTHS]),
        ("context_tokens", "2024-07-23", [128_000, *WINDOW]),
        ("utilisation", "2024-07-23", [1, *(percent / 100 for percent in EFFECTIVE)]),
    ],
)
def test_the_range_of_a_quote_is_that_of_the_tables(key, day, known):
    (quote,) = (quote for quote in BOOK if (quote["key"], quote["as_of"]) == (key, day))
    assert (quote["low"], quote["high"]) == pytest.approx((min(known), max(known)), abs=5e-5, rel=1e-7)


STATED = [(article, claim) for article in articles() for claim in article.claims if claim.price]


@pytest.mark.parametrize(("article", "claim"), STATED, ids=[claim.id for _, claim in STATED])
def test_a_price_that_a_claim_states_is_the_articles_quote(article, claim):
    quote = PriceBook.article().quote(claim.price)
    assert (quote.value, quote.unit, quote.source) == (claim.figure.value, claim.figure_unit, ARTICLE)


def test_before_the_first_quote_of_a_key_it_keeps_the_articles_own_and_before_all_it_is_refused():
    book = PriceBook.as_of("2023-12-31")
    assert book.quote("h100_usd").as_of == "2023-12-11"
    assert book.quote("gpt4o_input_usd_per_mtok") == PriceBook.article().quote("gpt4o_input_usd_per_mtok")
    with pytest.raises(InputError, match=r"^no quote on or before 2019-12-31; the first is of 2022-09-29$"):
        PriceBook.as_of("2019-12-31")


MINE = Quote("h100_usd", 28_000.0, 25e3, 31e3, "USD/GPU", "2024-07-31", "an offer", "single source", None)


def test_a_day_up_to_today_can_be_asked_for_and_tomorrow_cannot():
    today = dt.datetime.now(dt.UTC).date()
    assert past_day(f"{today}") == f"{today}"
    with pytest.raises(InputError, match="this day is in the future; today is"):
        past_day(f"{today + dt.timedelta(days=1)}")


DAYS = st.dates(dt.date(2024, 7, 20), dt.date(2024, 8, 6)).map(str)


@given(
    st.lists(
        st.builds(
            lambda key, place, day: MINE._replace(
                key=key, value=float(place), low=None, high=None, unit=price_keys()[key].unit, as_of=day
            ),
            st.sampled_from(["h100_usd", "usd_cny", "pue"]),
            st.integers(1, 9),
            DAYS | DAYS.map(lambda day: day[:7]),
        ),
        max_size=8,
    ),
    DAYS.filter(lambda day: day > "2024-07-22"),
)
def test_whatever_the_quotes_the_latest_by_the_day_counts_and_of_one_day_the_last(more, date):
    book = PriceBook.as_of(date, more, "mine.csv")
    for key in KEYS:
        known = [quote for quote in (*packaged_quotes(), *more) if quote.key == key and quote.as_of <= date]
        latest = max((quote.as_of for quote in known), default=None)
        of_that_day = [quote for quote in known if quote.as_of == latest]
        assert book.quote(key) is (of_that_day[-1] if known else PriceBook.article().quote(key))


def test_the_topmost_layer_that_has_a_key_answers_and_gives_its_name():
    file, own = (MINE._replace(value=usd) for usd in (27_000.0, 26_000.0))
    book = PriceBook.article()
    for over, answer in (
        (lambda book: book.extended([own]), (26_000, "the article")),
        (lambda book: book.with_quotes([file], "mine.csv"), (27_000, "mine.csv")),
        (lambda book: book.override({"h100_usd": 25_000}), (25_000, "given")),
    ):
        book = over(book)
        assert (book["h100_usd"], book.origin("h100_usd"), book.origin("pue")) == (*answer, "article")
    # whatever the order in which they come
    turned = (
        PriceBook.article().override({"h100_usd": 25_000}).with_quotes([file], "mine.csv").extended([own])
    )
    assert (turned["h100_usd"], turned.changed, turned.scenario) == (25_000, book.changed, book.scenario)
    assert PriceBook.as_of("2025-03-31").extended([own]).origin("h100_usd") == "as of 2025-03-31"
    # given the value that lies below anyhow, the price keeps its source and range
    assert PriceBook.article().override({"h100_usd": 40_000}).quote("h100_usd").high == 41_217


OWN = MINE._replace(key="h800_per_hour", value=2.0, low=None, high=None, unit="USD/GPU-hour")


def test_an_articles_own_price_is_known_in_its_book_alone_and_validated_there():
    book = PriceBook.article().extended([OWN])
    assert (book["h800_per_hour"], book.scenario, book.changed) == (2.0, "article", {})
    assert book.override({"h800_per_hour": 3}).scenario == "h800_per_hour=3"
    assert "h800_per_hour" not in PriceBook.article()
    for given_ in (0, -1, "3 USD/GPU", "nan"):
        with pytest.raises(InputError, match="h800_per_hour"):
            book.override({"h800_per_hour": given_})


def test_an_own_price_of_a_known_key_is_the_articles_and_what_the_reader_gives_stays():
    book = PriceBook.article().extended([MINE])
    assert (book["h100_usd"], book.changed) == (28_000, {})
    assert PriceBook.article().override({"h100_usd": 1000}).extended([MINE])["h100_usd"] == 1000
    with pytest.raises(InputError, match="'CNY/GPU', but h100_usd is in USD/GPU"):
        PriceBook.article().extended([MINE._replace(unit="CNY/GPU")])


def test_the_age_of_a_quote_is_counted_in_days_over_a_leap_day_and_from_the_first_day_of_a_month():
    days = {("2024-02-28", "2024-03-01"): 2, ("2024-05", "2024-05-31"): 30, ("2024-07-23", "2024-07-22"): -1}
    for (as_of, date), expected in days.items():
        assert MINE._replace(as_of=as_of).days_before(date) == expected


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("dear", "'dear' is not a number [USD/GPU]"),
        ("25,000", "'25,000' is not a number [USD/GPU] (write 25000)"),
        ("25 000", "'25 000' is not a number [USD/GPU] (write 25000)"),
        ("25000 CNY/GPU", "unit 'CNY/GPU', but this price is in USD/GPU"),
        ("25,000 usd", "unit 'usd', but this price is in USD/GPU (write 25000)"),
        (0, "0 is out of bounds; allowed: 100 to 1,000,000 USD/GPU"),
        ("-40000", "-40,000 is out of bounds; allowed: 100 to 1,000,000 USD/GPU"),
        (1e6 + 1, "1,000,001 is out of bounds; allowed: 100 to 1,000,000 USD/GPU"),
        (math.nan, "nan is not a finite number [USD/GPU]"),
        ("1e999", "inf is not a finite number [USD/GPU]"),
        (10**400, f"{10**98} is not a number [USD/GPU]"),
        (True, "True is not a number [USD/GPU]"),
    ],
)
def test_a_price_that_makes_no_sense_is_refused_with_its_key_and_unit(given, reason):
    with pytest.raises(InputError) as refused:
        value_of("h100_usd", given)
    assert str(refused.value) == f"h100_usd: {reason}"


def test_a_number_without_a_unit_may_be_given_in_percent_and_its_unit_is_never_shown_as_1():
    assert [value_of("utilisation", text) for text in ("90%", "90 %", "12.5%")] == [0.9, 0.9, 0.125]
    for text, reason in {
        "90": "90 is out of bounds; allowed: 0.01 to 1",
        "900%": "9 is out of bounds; allowed: 0.01 to 1",
        "%": "'' is not a number",
        "nan": "nan is not a finite number",
    }.items():
        with pytest.raises(InputError) as refused:
            value_of("utilisation", text)
        assert str(refused.value) == f"utilisation: {reason}"


@settings(max_examples=100)
@given(KEY, st.floats(allow_nan=True, allow_infinity=True) | st.floats(0, 1))
def test_every_number_within_bounds_is_taken_in_every_way_to_write_it_and_no_other(key, number):
    described = price_keys()[key]
    if 0 <= number <= 1:
        number = described.minimum + number * (described.maximum - described.minimum)
    if not described.minimum <= number <= described.maximum:
        with pytest.raises(InputError, match=f"^{key}: "):
            value_of(key, number)
        return
    for given_ in (number, repr(number), f"{number!r} {described.unit}"):
        assert value_of(key, given_) == number


def within(shares):
    """Put a share of the way between a key's bounds for each share."""
    bounds = {key: (price_keys()[key].minimum, price_keys()[key].maximum) for key in shares}
    return {key: low + shares[key] * (high - low) for key, (low, high) in bounds.items()}


@given(st.lists(st.dictionaries(KEY, st.floats(0, 1), max_size=4), max_size=4))
def test_of_overrides_of_one_price_the_last_wins_and_others_go_in_any_order(shares):
    book, last = PriceBook.article(), {}
    for prices in map(within, shares):
        book, last = book.override(prices), last | prices
    assert dict(book) == dict(PriceBook.article()) | last
    assert book.given == last
    backwards = PriceBook.article().override(dict(reversed(last.items())))
    assert (dict(backwards), backwards.scenario) == (dict(book), book.scenario)


@pytest.mark.parametrize(
    ("given", "scenario"),
    [
        ({}, "article"),
        ({"h100_usd": 40_000}, "article"),
        ({"h100_usd": 25_000}, "h100_usd=25000"),
        ({"usd_cny": 7.1, "h100_usd": 25_000.5}, "h100_usd=25000.5;usd_cny=7.1"),  # in one order
        ({"gpu_hours": 39.3e6}, "gpu_hours=39300000"),  # without an exponent
    ],
)
def test_a_scenario_is_named_after_what_sets_it_apart_from_the_articles(given, scenario):
    assert PriceBook.article().override(given).scenario == scenario


@given(st.dictionaries(KEY, st.floats(0, 1), max_size=4))
def test_the_prices_a_scenario_is_made_of_are_read_back_out_of_its_name(shares):
    given_ = {key: float(f"{value:.15g}") for key, value in within(shares).items()}
    book = PriceBook.article().override(given_)
    assert stated(book.scenario) == book.changed
    assert stated(book.scenario.replace(";", ",")) == book.changed


@pytest.mark.parametrize(
    "name", ["", "2025", "cheap;dear", "hl00_usd=2", "pue=9", "pue=nan", "pue=1.2;pue=1.3", "pue", "Article"]
)
def test_a_name_that_is_not_made_of_prices_states_none(name):
    assert stated(name) is None
