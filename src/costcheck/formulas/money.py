"""What it costs: to buy, rent, write off, power, in which currency, and through an API."""

from __future__ import annotations

import math

from ._guard import Computed, Quantity, at_least, fraction, not_negative, positive, share_below_one

WATT_PER_KILOWATT = 1000
WATT_HOURS_PER_MWH = 1e6


def purchase(gpus: Quantity, usd_per_gpu: Quantity) -> Computed:
    """Price of a fleet of GPUs, nothing around them.

    Args:
        gpus: GPUs bought [GPU].
        usd_per_gpu: Price of one, or an eighth of the price of a server of eight [USD/GPU].
    Returns: Price [USD].
    Sum: gpus * usd_per_gpu.
    Source: The multiplication behind the articles' 1.7e9 USD (zh, section on cost).

    >>> purchase(43_000, 40_000)
    1720000000
    """
    return positive("gpus", gpus) * positive("usd_per_gpu", usd_per_gpu)


def cluster_purchase(
    gpus: Quantity, usd_per_gpu: Quantity, interconnect_share: Quantity, server_markup: Quantity = 1.0
) -> Computed:
    """Price of a fleet of GPUs with its servers and the network between them.

    Args:
        gpus: GPUs bought [GPU].
        usd_per_gpu: Price of one GPU, alone or as a part of a server [USD/GPU].
        interconnect_share: Share of the whole price that goes into the network between servers, 0 <= s < 1;
            Cottier et al. take 0.19 [1].
        server_markup: Price of a server over that of its GPUs, at least 1: Cottier et al. take 1.64 for the
            price of a single GPU; leave 1 where ``usd_per_gpu`` is a part of a server's price [1].
    Returns: Price [USD].
    Sum: gpus * usd_per_gpu * server_markup / (1 - interconnect_share).
    Source: Cottier et al. (arXiv:2405.21015), appendix A.1, Table 2.

    80 of 100 USD are left for the servers when the network takes 20 %.

    >>> cluster_purchase(8, usd_per_gpu=10, interconnect_share=0.2)
    100.0
    """
    servers = purchase(gpus, usd_per_gpu) * at_least("server_markup", server_markup, 1)
    return servers / (1 - share_below_one("interconnect_share", interconnect_share))


def rental(gpu_hours: Quantity, usd_per_gpu_hour: Quantity) -> Computed:
    """Price of renting GPUs by the hour.

    Args:
        gpu_hours: GPU-hours used [GPU-hour].
        usd_per_gpu_hour: Price of one GPU, not of an instance of eight; say whether on demand, spot or by
            term [USD/GPU-hour].
    Returns: Price [USD].
    Sum: gpu_hours * usd_per_gpu_hour.
    Source: Cottier et al. (arXiv:2405.21015), section 2.4.

    >>> round(rental(30.84e6, 2.5))
    77100000
    """
    return positive("gpu_hours", gpu_hours) * positive("usd_per_gpu_hour", usd_per_gpu_hour)


def amortised_usd_per_gpu_hour(
    purchase_usd: Quantity,
    age_years: Quantity = 0.0,
    *,
    orders_of_magnitude_per_year: Quantity,
    hours_per_year: Quantity = 8766,
) -> Computed:
    """Value a GPU loses in an hour while newer ones make it obsolete.

    The value falls exponentially with age; the loss in an hour is its slope, which is exact for a short run
    and a little high for a long one.

    Args:
        purchase_usd: Price at which the GPU was bought, with its part of server and network [USD].
        age_years: Time from its purchase to the start of the run, zero or more [year].
        orders_of_magnitude_per_year: Powers of ten by which the value falls in a year; Cottier et al. take
            0.14 [1/year].
        hours_per_year: 8766 is 365.25 days, as in Epoch's code; the paper prints 365 * 24 = 8760 [hour/year].
    Returns: Depreciation [USD/GPU-hour].
    Source: Cottier et al. (arXiv:2405.21015), section 2.2 and appendix A.3.

    A GPU of 30,000 USD, new: 30,000 * 0.14 * ln 10 / 8766.

    >>> round(amortised_usd_per_gpu_hour(30_000, orders_of_magnitude_per_year=0.14), 3)
    1.103
    """
    orders = positive("orders_of_magnitude_per_year", orders_of_magnitude_per_year)
    lost_by_now = 10 ** (-orders * not_negative("age_years", age_years))
    value = positive("purchase_usd", purchase_usd) * lost_by_now
    return value * orders * math.log(10) / positive("hours_per_year", hours_per_year)


def energy_usd_per_gpu_hour(
    tdp_watt: Quantity,
    server_overhead: Quantity,
    average_power: Quantity,
    pue: Quantity,
    usd_per_kwh: Quantity,
) -> Computed:
    """Price of the electricity one GPU uses in an hour, with its part of the server and of the data centre.

    Args:
        tdp_watt: Thermal design power of the GPU [W].
        server_overhead: Power of a server over that of its GPUs, at least 1; 1.82 for a DGX H100 [1].
        average_power: Average draw over design power, 0 < p <= 1; Cottier et al. take 0.75 for GPUs [1].
        pue: Power usage effectiveness of the data centre, at least 1; 1.1 for the large ones [1].
        usd_per_kwh: Price of electricity [USD/kWh].
    Returns: Price [USD/GPU-hour].
    Source: Cottier et al. (arXiv:2405.21015), section 2.3 and appendix A.4.

    An H100 in 2024: 0.7 kW * 1.82 * 0.75 * 1.1 = 1.051 kW, at 0.0771 USD/kWh.

    >>> round(energy_usd_per_gpu_hour(700, 1.82, 0.75, 1.1, 0.0771), 4)
    0.081
    """
    server_watt = positive("tdp_watt", tdp_watt) * at_least("server_overhead", server_overhead, 1)
    drawn_watt = server_watt * fraction("average_power", average_power) * at_least("pue", pue, 1)
    return drawn_watt / WATT_PER_KILOWATT * positive("usd_per_kwh", usd_per_kwh)


def energy_mwh(gpu_hours: Quantity, watt: Quantity, pue: Quantity = 1.0) -> Computed:
    """Electricity a run used.

    Args:
        gpu_hours: GPU-hours of the run [GPU-hour].
        watt: Power of one GPU, with its part of the server where that is meant [W].
        pue: Power usage effectiveness of the data centre, at least 1 [1].
    Returns: Electricity [MWh].
    Sum: gpu_hours * watt * pue / 1000000 Wh/MWh.
    Source: Patterson et al. (arXiv:2104.10350), section 2.1.

    Llama 3.1 405B as its model card counts: 30.84e6 H100-hours at 700 W.

    >>> round(energy_mwh(30.84e6, 700))
    21588
    """
    watt_hours = positive("gpu_hours", gpu_hours) * positive("watt", watt) * at_least("pue", pue, 1)
    return watt_hours / WATT_HOURS_PER_MWH


def emissions_tonnes(energy_mwh: Quantity, kg_per_kwh: Quantity) -> Computed:
    """Greenhouse gas emitted to make the electricity of a run.

    Args:
        energy_mwh: Electricity [MWh].
        kg_per_kwh: Carbon intensity of the supply, zero or more: 0 where it counts as
            carbon-free [kgCO2e/kWh].
    Returns: Emissions; a kilogram a kilowatt-hour is a tonne a megawatt-hour [tCO2e].
    Sum: energy_mwh * kg_per_kwh.
    Source: Patterson et al. (arXiv:2104.10350), section 2.1.

    >>> emissions_tonnes(1000, 0.4)
    400.0
    """
    return positive("energy_mwh", energy_mwh) * not_negative("kg_per_kwh", kg_per_kwh)


def convert(amount: Quantity, rate: Quantity) -> Computed:
    """Sum of money in another currency.

    Args:
        amount: Sum [A].
        rate: Units of the other currency for one of the base [B/A].
    Returns: Sum [B].
    Sum: amount * rate.
    Source: Definition of an exchange rate.

    >>> convert(100, rate=7.25)
    725.0
    """
    return positive("amount", amount) * positive("rate", rate)


def blended_price(
    input_usd_per_mtok: Quantity,
    output_usd_per_mtok: Quantity,
    input_weight: Quantity = 3.0,
    output_weight: Quantity = 1.0,
) -> Computed:
    """One price for a million tokens, of which some are read and some written.

    Args:
        input_usd_per_mtok: Price of tokens read; a zero in a price list stands for one not known [USD/Mtok].
        output_usd_per_mtok: Price of tokens written [USD/Mtok].
        input_weight: Parts read [1].
        output_weight: Parts written [1].
    Returns: Weighted mean [USD/Mtok].
    Sum: (input_weight * input_usd_per_mtok + output_weight * output_usd_per_mtok) / (input_weight +
        output_weight).
    Source: Artificial Analysis blends three parts of input with one of output (stated on its provider
        pages).

    GPT-4o of 13 May 2024: (3 * 5 + 15) / 4.

    >>> blended_price(5, 15)
    7.5
    """
    read, written = positive("input_weight", input_weight), positive("output_weight", output_weight)
    paid_to_read = read * positive("input_usd_per_mtok", input_usd_per_mtok)
    paid_to_write = written * positive("output_usd_per_mtok", output_usd_per_mtok)
    return (paid_to_read + paid_to_write) / (read + written)
