"""The catalogs of instances: price an instance to price a GPU, spot rows, variants."""

import io
import zipfile

import pytest

from costcheck.errors import InputError
from costcheck.prices import feeds

SKYPILOT = "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,SpotPrice\n"
GPUHUNT = "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size\n"


def skypilot(*rows: str, header: str = SKYPILOT) -> feeds.Reading:
    return feeds.read(
        "skypilot", "".join([header, *(f"{row}\n" for row in rows)]).encode(), "vms.csv", "2025-01-01"
    )


def gpuhunt(*rows: str) -> feeds.Reading:
    return feeds.read(
        "gpuhunt", "".join([GPUHUNT, *(f"{row}\n" for row in rows)]).encode(), "p.csv", "2025-01-01"
    )


GOOD = "gpu_8x,H100,8.0,208,1800,24.0,us-east,,"
GOOD_HUNT = "one,r1,3.0,26,200,1,H100,80.0,False,"


def test_the_price_of_an_instance_is_divided_by_its_gpus():
    # by hand: 24 USD an hour for 8 GPUs is 3, 14 for 4 is 3.5, 4 for 1 is 4: the median is 3.5
    found = skypilot(GOOD, "gpu_4x,H100,4.0,104,900,14.0,us-east,,", "gpu_1x,H100,1.0,26,200,4.0,us-east,,")
    (quote,) = found.quotes
    assert (quote.key, quote.value, quote.low, quote.high) == ("rental_usd_per_gpu_hour", 3.5, 3.0, 4.0)
    assert quote.note == "median of 3: gpu_8x us-east 3, gpu_4x us-east 3.5, gpu_1x us-east 4"


def test_blanks_and_line_ends_in_a_cell_become_one_blank_in_the_note():
    assert skypilot('gpu_8x,H100,8.0,208,1800,24.0,"us \r\n east  ",,').quotes[0].note == "gpu_8x us east"


def test_the_columns_of_skypilot_are_found_by_name_in_any_order():
    header = "Region,SpotPrice,Price,AcceleratorCount,AcceleratorName,InstanceType\n"
    assert skypilot("us,1.0,24.0,8.0,H100,gpu_8x", header=header).quotes[0].value == 3.0


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("cpu,,,4,16,0.2,us,,", "no GPU"),
        ("a,A100,1.0,4,16,1.2,us,,", "not a price that costcheck uses"),
        ("mega,H100-MEGA,8.0,4,16,80,us,,", "a faster network"),
        ("gpu_1x_h100_pcie,H100,1.0,4,16,2,us,,", "another variant"),
        ("1x_H100,H100,1.0,4,16,2,us,{'Name': 'H100 PCIe'},", "another variant"),
        ("Standard_NC40ads_H100_v5,H100,1.0,4,16,7,us,,", "another variant"),
        ("g,GH200,1.0,4,16,2,us,,", "GH200"),
        ("gpu_8x,H100,8.0,208,1800,,us,,9.0", "no price"),
        ("gpu_8x,H100,8.0,208,1800,0.0,us,,", "a price of zero"),
    ],
)
def test_a_row_of_skypilot_that_is_no_h100_on_demand_is_skipped_with_its_reason(row, reason):
    found = skypilot(GOOD, row)
    assert found.quotes[0].value == 3.0
    assert (found.rows, found.taken) == (2, 1)
    ((said, count),) = found.skipped.items()
    assert reason in said
    assert count == 1


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("x,H100,8.0,1,1,much,us,,", "'much' is not a number"),
        ("x,H100,0.5,1,1,2,us,,", "'0.5' GPUs"),
        ("x,H100,,1,1,2,us,,", "'' GPUs"),
        ("x,H100,8.0,1,1,2", "6 cells, but the header has 9"),
        ("x,H100,1.0,1,1,5000,us,,", "out of bounds"),
    ],
)
def test_a_row_of_skypilot_that_cannot_be_read_is_listed(row, said):
    found = skypilot(GOOD, row)
    (listed,) = found.unreadable
    assert said in listed
    assert "line 3" in listed


def test_a_negative_price_refuses_the_whole_catalog_but_not_one_of_a_gpu_that_is_not_used():
    assert skypilot(GOOD, "a,A100,1.0,4,16,-1,us,,").quotes
    with pytest.raises(InputError, match=r"line 3, price: -24\.0 is negative"):
        skypilot(GOOD, "gpu_8x,H100,8.0,208,1800,-24.0,us,,")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("one,r1,1.2,26,200,1,H100,80.0,True,", "a spot price"),
        ("one,r1,2.5,26,200,1,H100NVL,94.0,False,", "another variant"),
        ("one,r1,2.5,26,200,1,H100,94.0,False,", "another variant"),
        ("a3-megagpu-8g,r1,80,26,200,8,H100,80.0,False,", "another variant"),
        ("cpu,r1,0.2,26,200,0,,,False,", "no GPU"),
    ],
)
def test_a_row_of_gpuhunt_that_is_no_h100_on_demand_is_skipped_with_its_reason(row, reason):
    found = gpuhunt(GOOD_HUNT, row)
    assert found.quotes[0].value == 3.0
    ((said, _),) = found.skipped.items()
    assert reason in said


@pytest.mark.parametrize("spot", ["", "maybe"])
def test_a_row_of_gpuhunt_that_does_not_say_whether_it_is_spot_is_listed(spot):
    found = gpuhunt(GOOD_HUNT, f"one,r1,1.2,26,200,1,H100,80.0,{spot},")
    assert "is neither True nor False" in found.unreadable[0]


def test_the_zip_of_gpuhunt_gives_all_its_providers():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("version", "1")
        archive.writestr("lambda.csv", f"{GPUHUNT}{GOOD_HUNT}\n")
        archive.writestr("oci.csv", f"{GPUHUNT}bm,r2,80.0,1,1,8,H100,80.0,False,\n")
    (quote,) = feeds.read("gpuhunt", packed.getvalue(), "catalog.zip", "2025-01-01").quotes
    assert (quote.value, quote.note) == (6.5, "median of 2: one lambda r1 3, bm oci r2 10")


def test_a_changed_header_is_refused():
    with pytest.raises(InputError, match="line 1: column 'AcceleratorCount' is missing"):
        skypilot(header="InstanceType,AcceleratorName,Price,Region\n")
