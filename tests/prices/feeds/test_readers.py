"""The six readers: what they take, what they leave out and why, and what refuses a whole feed."""

import datetime as dt
import io
import json
import zipfile

import pytest

from costcheck.errors import InputError
from costcheck.prices import feeds

TODAY = dt.datetime.now(dt.UTC).date()
TOMORROW = (TODAY + dt.timedelta(days=1)).isoformat()
HOSTS = (
    "fireworks_ai/accounts/fireworks/models/llama-v3p1-405b-instruct",
    "lambda_ai/llama3.1-405b-instruct-fp8",
    "nebius/meta-llama/Meta-Llama-3.1-405B-Instruct",
)
HEADERS = {
    "ecb": "Date,USD,JPY,BGN,CNY,",
    "epoch": "Price source,Price date,Hardware model,Vendor,Price per chip-hour (on-demand),"
    "Price per chip-hour (1-year CUD),Price (hardware purchase),Notes",
    "skypilot": "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,Memory,Price,Region,GpuInfo,SpotPrice",
    "gpuhunt": "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size",
}


def row(date, rent="", buy="", *, model="NVIDIA H100 SXM5 80GB", source="https://example.org/a", more=",,"):
    """A row of Epoch AI's table; more: vendor, price for a year, note."""
    vendor, year, note = more.split(",")
    return f"{source},{date},{model},{vendor},{rent},{year},{buy},{note}"


def entry(input_=3e-06, output=1.5e-05, **more):
    """An entry of LiteLLM's map."""
    return {"input_cost_per_token": input_, "output_cost_per_token": output, **more}


def model(id_, prompt="0.000003", completion="0.000015"):
    """A model of OpenRouter's answer."""
    return {"id": id_, "pricing": {"prompt": prompt, "completion": completion, "image": "0"}}


GOOD = {
    "ecb": "2024-07-21,1.25,150,1,8,",
    "epoch": row("2024-07-31", buy="36000"),
    "skypilot": "gpu_8x,H100,8.0,208,1800,24.0,us-east,,",
    "gpuhunt": "one,r1,3.0,26,200,1,H100,80.0,False,",
    "litellm": {"gpt-4o-mini": entry()},
    "openrouter": model("openai/gpt-4o-mini"),
}


def read(name, *rows, header=None, date="2026-01-01"):
    """Read a feed of some rows: lines of CSV, entries of LiteLLM's map, or models of OpenRouter's answer."""
    if name == "litellm":
        data = json.dumps({key: value for entries in rows for key, value in entries.items()})
    elif name == "openrouter":
        data = json.dumps({"data": rows})
    else:
        data = "".join(f"{line}\n" for line in (header or HEADERS[name], *rows))
    return feeds.read(name, data.encode(), "file", date)


def zipped(**members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.csv", content)
    return packed.getvalue()


def values(reading):
    return {quote.key: quote.value for quote in reading.quotes}


# --------------------------------------------------------------------------------------- what is taken
@pytest.mark.parametrize(
    ("name", "rows", "key", "value", "unit"),
    [
        # 8 yuan, 150 yen and 1.25 dollars for a euro: 6.4 yuan and 120 yen for a dollar
        ("ecb", ["2024-07-22,1.25,150,N/A,8.0,"], "usd_cny", 6.4, "CNY/USD"),
        ("epoch", [row("2024-07-11", rent="3.49")], "rental_usd_per_gpu_hour", 3.49, "USD/GPU-hour"),
        # 24 USD an hour for 8 GPUs is 3
        ("skypilot", [GOOD["skypilot"]], "rental_usd_per_gpu_hour", 3.0, "USD/GPU-hour"),
        # a name that says the variant: 16 USD an hour for 8
        ("gpuhunt", ["a,r,16,1,1,8,H100_SXM5,80.0,false,"], "rental_usd_per_gpu_hour", 2.0, "USD/GPU-hour"),
        ("skypilot", ["x,H100-SXM5-80GB,8,,,16.0,us,,"], "rental_usd_per_gpu_hour", 2.0, "USD/GPU-hour"),
        # 0.00000005 * 1,000,000 = 0.05, which floating point alone makes 0.049999999999999996
        ("litellm", [{"gpt-4o-mini": entry(0.00000005)}], "gpt4o_mini_input_usd_per_mtok", 0.05, "USD/Mtok"),
        ("litellm", [{"gpt-4o": entry("2.5e-06", "0.00001")}], "gpt4o_output_usd_per_mtok", 10.0, "USD/Mtok"),
    ],
)
def test_a_price_becomes_one_in_the_unit_of_its_key(name, rows, key, value, unit):
    (quote,) = (quote for quote in read(name, *rows).quotes if quote.key == key)
    assert (quote.value, quote.unit, quote.low, quote.high) == (value, unit, None, None)


@pytest.mark.parametrize(
    ("name", "rows", "numbers", "note"),
    [
        # 24 USD for 8 GPUs is 3, 14 for 4 is 3.5, 4 for 1 is 4
        ("skypilot",
            [GOOD["skypilot"], "g4,H100,4.0,1,9,14.0,us-east,,", 'g1,H100,1.0,2,2,4.0,"us \r\n west ",,'],
            (3.5, 3.0, 4.0), "median of 3: gpu_8x us-east 3, g4 us-east 3.5, g1 us west 4"),
        ("epoch", [row("2025-03-03", buy=usd, source=usd[0]) for usd in ("28e3", "47e3", "31e3")],
            (31000.0, 28000.0, 47000.0), "median of 3: 28000, 47000, 31000; 2 and 4 and 3"),
        ("litellm", [dict(zip(HOSTS, [entry(3e-06), entry(8e-07), entry(1e-06)], strict=True))],
            (1.0, 0.8, 3.0), f"median of 3: {HOSTS[0]} 3, {HOSTS[1]} 0.8, {HOSTS[2]} 1"),
    ],
)  # fmt: skip
def test_several_rows_of_a_key_and_day_are_one_quote_their_median_with_the_range(name, rows, numbers, note):
    quote, alone = read(name, *rows).quotes[0], read(name, rows[0]).quotes[0]
    assert (quote.value, quote.low, quote.high) == numbers
    assert quote.note == note
    assert quote.source == alone.source  # so that the same day read again replaces it
    # one row alone keeps its vendor and address
    (rent,) = read("epoch", row("2024-07-11", "3.49", more="Somebody,,")).quotes
    assert (rent.source, rent.note) == ("Epoch AI hardware prices, file", "Somebody; https://example.org/a")


def test_the_ecbs_zip_and_its_file_of_one_day_are_read_too():
    whole = f"{HEADERS['ecb']}\r\n{GOOD['ecb']}\r\n".encode()
    assert feeds.read("ecb", zipped(rates=whole), "file").quotes == read("ecb", GOOD["ecb"]).quotes
    day = read("ecb", "5 July 2024, 1.25, 150.00, 8.00, ", header="Date, USD, JPY, CNY, ").quotes
    assert [(quote.value, quote.as_of) for quote in day] == [(6.4, "2024-07-05"), (120.0, "2024-07-05")]


def test_the_zip_of_gpuhunt_gives_all_its_providers():
    rows = {"lambda": GOOD["gpuhunt"], "oci": "bm,r2,80.0,1,1,8,H100,80.0,False,"}
    data = zipped(**{name: f"{HEADERS['gpuhunt']}\n{line}\n" for name, line in rows.items()})
    (quote,) = feeds.read("gpuhunt", data, "catalog.zip", "2025-01-01").quotes
    assert (quote.value, quote.note) == (6.5, "median of 2: one lambda r1 3, bm oci r2 10")


# ------------------------------------------------------------------------------------ what is left out
VERSION = "a dated version or a variant, with a price of its own"
ZERO = "a price of zero, which means unknown"
OTHER = "another variant of the GPU (PCIe, NVL, MEGA)"
UNUSED = "not a price that costcheck uses"
SPOT = "a spot price, which can be taken away at any time"
NO_HOST = "the price of GPUs without their host, which is a row of its own"
UNKNOWN = "a name of the H100 that costcheck does not know"
VARIES = "a price of -1, by which OpenRouter says that it varies"


@pytest.mark.parametrize(
    ("name", "other", "reason"),
    [
        ("ecb", "2024-07-22,N/A,150,1,8,", "no rate of the dollar"),
        ("ecb", "2024-07-22,1.25,,1,N/A,", "no rate of a currency that costcheck uses"),
        ("epoch", row("2024-07-01", rent="2", model="NVIDIA H100 PCIe"), OTHER.replace(", MEGA", "")),
        ("epoch", row(TOMORROW, rent="2", model="NVIDIA A100"), UNUSED),
        ("epoch", row("2024-07-01", more=",2,"), "no price on demand and none to buy"),
        ("skypilot", "cpu,,,4,16,0.2,us,,", "no GPU"),
        ("skypilot", "a,A100,1.0,4,16,-1.2,us,,", UNUSED),
        ("skypilot", "1x_H100,H100,1.0,4,16,2,us,{'Name': 'H100 PCIe'},", OTHER),
        ("skypilot", "Standard_NC40ads_H100_v5,H100,1.0,4,16,7,us,,", OTHER),
        ("skypilot", "gpu_8x,H100,8.0,208,1800,,us,,9.0", "no price"),
        ("skypilot", ",H100,8.0,,,78.0,us,{'Name': 'H100'},", NO_HOST),
        ("skypilot", "x,H100_PCIe,1,,,2.0,us,,", UNKNOWN),
        ("epoch", row("2024-07-01", rent="2", model="NVIDIA H100 CNX"), UNKNOWN),
        ("gpuhunt", "one,r1,1.2,26,200,1,H100,80.0,True,", SPOT),
        ("gpuhunt", "one,r1,2.5,26,200,1,H100,94.0,False,", OTHER),
        ("gpuhunt", "a3-megagpu-8g,r1,80,26,200,8,H100,80.0,False,", OTHER),
        ("litellm", {"gpt-4o-2024-05-13": entry()}, VERSION),
        ("litellm", {"gpt-4o": entry(output="0")}, ZERO),
        ("litellm", {"gpt-4o": entry(None)}, "no price"),
        ("litellm", {"other": entry(base_model="gpt-4o")}, UNUSED),
        ("litellm", {"gpt-4o": entry(deprecation_date="2026-01-01")}, "withdrawn by then"),
        ("openrouter", model("openai/gpt-4o:free"), VERSION),
        ("openrouter", model("meta-llama/llama-3.1-405b"), "the base model, not the one for instructions"),
        ("openrouter", model("openai/gpt-4o", "-1", "-1"), VARIES),
    ],
)
def test_a_row_that_is_no_price_of_a_key_is_skipped_with_its_reason(name, other, reason):
    reading = read(name, GOOD[name], other)
    assert values(reading) == values(read(name, GOOD[name]))
    assert (reading.rows, reading.taken, dict(reading.skipped)) == (2, 1, {reason: 1})
    assert all(line.endswith(reason) for line in reading.left_out)
    assert reading.left_out or reason not in (NO_HOST, UNKNOWN)
    # up to the day on which it is withdrawn a model has a price
    reading = read("litellm", {"gpt-4o": entry(deprecation_date="2026-01-02")})
    assert values(reading)["gpt4o_input_usd_per_mtok"] == 3


@pytest.mark.parametrize(
    ("name", "other", "reason"),
    [
        ("ecb", "2024-07-22,cheap,150,1,8,", "file, line 3: 'cheap' is not a finite number"),
        ("ecb", "31 February 2024,1.25,150,1,8,", "file, line 3: '31 February 2024' is not a date"),
        ("ecb", "2024-07-22,1.25,150", "file, line 3: 3 cells, but the header has 6"),
        ("ecb", "2024-07-21,1.25,150,1,8,", "file, line 3: duplicate 2024-07-21 (file, line 2)"),
        ("ecb", "2024-07-22,0.0001,150,1,8,", "file, line 3, usd_cny: 80,000 is out of bounds"),
        ("epoch", row("2024-W30-1", rent="2"), "file, line 3, column Price date: '2024-W30-1' is not a date"),
        # it begins on line 3 and ends on line 4
        ("epoch", row("2024-07-01", rent="x", more=',,"one\ntwo"'), "file, line 3, column Price"),
        ("skypilot", "x,H100,0.5,1,1,2,us,,", "file, line 3: '0.5' GPUs; a whole number"),
        ("gpuhunt", "one,r1,1.2,26,200,1,H100,80.0,maybe,", "file, line 3, spot: 'maybe' is neither"),
        ("litellm", {"gpt-4o": entry(3e-6, True)}, "file, gpt-4o, output_cost_per_token: True is not"),
        ("litellm", {"gpt-4o": entry(2.5)}, "gpt-4o, gpt4o_input_usd_per_mtok: 2,500,000 is out of bounds"),
        ("litellm", {"odd": 3}, "odd: int instead of an object"),
        ("openrouter", {"id": "x"}, "model 2: no id or no pricing"),
        ("openrouter", model("openai/gpt-4o-mini", "9e-6"), "model 2: duplicate openai/gpt-4o-mini"),
    ],
)
def test_a_row_that_cannot_be_read_is_listed_with_its_place_and_the_others_are_taken(name, other, reason):
    reading = read(name, GOOD[name], other)
    assert values(reading) == values(read(name, GOOD[name]))
    assert (reading.rows, reading.taken, len(reading.unreadable)) == (2, 1, 1)
    assert reading.unreadable[0].startswith(reason)


# --------------------------------------------------------------------------- what refuses a whole feed
@pytest.mark.parametrize(
    ("name", "other", "reason"),
    [
        ("ecb", "2024-07-22,1.25,150,1,-8,", "file, line 3: -8 is negative"),
        ("ecb", f"{TOMORROW},1.25,150,1,8,", f"file, line 3: {TOMORROW} is in the future; today is "),
        ("ecb", '2024-07-22,"1.25,150,1,8,', "file, line 3: not CSV, as"),
        ("openrouter", model("openai/gpt-4o", "-0.5"), "file, openai/gpt-4o, prompt: -0.5 is negative"),
        ("litellm", {"gpt-4o": entry(-1)}, "file, gpt-4o, input_cost_per_token: -1 is negative"),
    ],
)
def test_a_negative_price_a_day_ahead_or_a_broken_row_refuses_the_whole_feed(name, other, reason):
    with pytest.raises(InputError) as refused:
        read(name, GOOD[name], other)
    assert str(refused.value).startswith(reason)


def test_a_rate_of_today_is_taken():
    assert read("ecb", f"{TODAY},1.25,150,1,8,").quotes[0].as_of == f"{TODAY}"


TWICE = '{"gpt-4o": {"input_cost_per_token": 1e-6, "input_cost_per_token": 2e-6}}'


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("ecb", "Date,USD,JPY\n", "line 1: column 'CNY' is missing; ECB euro reference rates has Date, USD"),
        ("ecb", f"{HEADERS['ecb']}\n", "the file has no rows"),
        ("ecb", f"{HEADERS['ecb']}\n2024-07-22,N/A,1,1,1,\n", "; 1 read: 1 × no rate of the dollar"),
        ("ecb", b"Date\n\xff", "line 2: not UTF-8"),
        ("ecb", zipped(), "the ZIP holds no CSV file"),
        pytest.param("ecb", zipped(a=b"1")[:40], "the ZIP cannot be unpacked", id="half a ZIP"),
        ("litellm", json.dumps({"gpt-4o": entry()})[:-30], "no JSON, as LiteLLM price map is"),
        ("litellm", "null", "not LiteLLM price map: no object of JSON"),
        ("litellm", b"{\xff", "line 1: not UTF-8"),
        ("openrouter", '{"error": {"code": 429}}', "no list 'data'"),
        # of two prices nobody knows which holds
        ("litellm", TWICE, "input_cost_per_token: [1e-06, 2e-06] is not a finite number"),
        ("litellm", '{"gpt-4o": {}, "\\u0067pt-4o": {}}', "gpt-4o: list instead of an object"),
        ("openrouter", '{"data": [{"id": "openai/gpt-4o", "pricing": {}, "pricing": {}}]}', "no pricing"),
    ],
)
def test_what_is_no_such_feed_is_refused_in_one_line(name, data, reason):
    with pytest.raises(InputError) as refused:
        feeds.read(name, data.encode() if isinstance(data, str) else data, "file")
    assert str(refused.value).startswith("file")
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)
