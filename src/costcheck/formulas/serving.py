"""What it takes to serve a decoder-only transformer: bytes, GPUs, tokens a second, USD a million tokens."""

from __future__ import annotations

from ._elementwise import larger, round_up
from ._guard import Computed, Quantity, fraction, not_negative, positive, whole

SECONDS_PER_HOUR = 3600
TOKENS_PER_MTOK = 1e6


def weight_bytes(parameters: Quantity, bytes_per_parameter: Quantity) -> Computed:
    """Memory of the weights alone.

    Args:
        parameters: Parameters stored [parameter].
        bytes_per_parameter: 4 for fp32, 2 for bf16 and fp16, 1 for fp8 and int8, 0.5 for int4
            [byte/parameter].
    Returns: Weights; see ``bytes_to_gb`` and ``bytes_to_gib`` [byte].
    Sum: parameters * bytes_per_parameter.
    Source: Definition of the number format. The leaked Llama 3.1 405B (22 July 2024) has a file index
        whose ``total_size`` is the example below, to the byte.

    >>> weight_bytes(410_081_247_232, 2)
    820162494464
    """
    return positive("parameters", parameters) * positive("bytes_per_parameter", bytes_per_parameter)


def kv_cache_bytes(
    n_layers: Quantity,
    n_kv_heads: Quantity,
    head_dim: Quantity,
    bytes_per_element: Quantity,
    tokens: Quantity,
    batch: Quantity = 1,
) -> Computed:
    """Memory of the keys and values kept while text is generated.

    Args:
        n_layers: Transformer layers, a whole number as heads and width are [layer].
        n_kv_heads: Key-value heads a layer: with grouped-query attention fewer than the query heads [head].
        head_dim: Width of one head [element].
        bytes_per_element: 2 for bf16 and fp16, 1 for fp8 [byte/element].
        tokens: Tokens in a sequence, prompt and answer [token].
        batch: Sequences kept at once [1].
    Returns: Keys and values of all layers [byte].
    Sum: 2 * n_layers * n_kv_heads * head_dim * bytes_per_element * tokens * batch.
    Source: Pope et al. (arXiv:2211.05102), section 3.3.

    Llama 3.1 405B, one token in bf16: 2 * 126 * 8 * 128 * 2.

    >>> kv_cache_bytes(126, 8, 128, bytes_per_element=2, tokens=1)
    516096
    """
    keys_and_values = (
        2 * whole("n_layers", n_layers) * whole("n_kv_heads", n_kv_heads) * whole("head_dim", head_dim)
    )
    per_token = keys_and_values * positive("bytes_per_element", bytes_per_element)
    return per_token * positive("tokens", tokens) * positive("batch", batch)


def gpus_to_hold(
    weight_bytes: Quantity,
    memory_bytes_per_gpu: Quantity,
    kv_cache_bytes: Quantity = 0,
    overhead_bytes: Quantity = 0,
    usable: Quantity = 1.0,
    multiple_of: Quantity = 1,
) -> Computed:
    """GPUs whose memory together holds a model that is being served.

    Args:
        weight_bytes: Weights [byte].
        memory_bytes_per_gpu: Memory of one GPU [byte].
        kv_cache_bytes: Keys and values of all sequences served at once, zero or more [byte].
        overhead_bytes: Whatever else must fit, zero or more: activations, runtime, fragmentation [byte].
        usable: Share of a GPU's memory that may be filled, 0 < u <= 1 [1].
        multiple_of: GPUs that are only had together, a whole number such as 8 in a server [GPU].
    Returns: GPUs, a whole multiple of ``multiple_of`` [GPU].
    Source: Division, rounded up. Meta's list of downloads (llama-models, models/sku_list.py, 30 July
        2024) gives 16 GPUs for Llama 3.1 405B in bf16 and 8 in fp8.

    >>> gpus_to_hold(811.7e9, 80e9)
    11
    >>> gpus_to_hold(811.7e9, 80e9, multiple_of=8)
    16
    """
    state = not_negative("kv_cache_bytes", kv_cache_bytes) + not_negative("overhead_bytes", overhead_bytes)
    room = positive("memory_bytes_per_gpu", memory_bytes_per_gpu) * fraction("usable", usable)
    gpus = round_up((positive("weight_bytes", weight_bytes) + state) / room)
    together = whole("multiple_of", multiple_of)
    return round_up(gpus / together) * together


def decode_tokens_per_second(
    weight_bytes: Quantity,
    kv_cache_bytes_per_sequence: Quantity,
    parameters: Quantity,
    memory_bytes_per_second: Quantity,
    peak_flop_per_second: Quantity,
    batch: Quantity = 1,
) -> Computed:
    """Upper bound on the tokens generated a second by all sequences of a batch together.

    A step reads the weights once and each sequence's cache once, computes 2N FLOP a sequence, and takes as
    long as the slower of the two.

    Args:
        weight_bytes: Weights read a step [byte].
        kv_cache_bytes_per_sequence: Keys and values of one sequence, zero or more [byte].
        parameters: Parameters N [parameter].
        memory_bytes_per_second: Memory bandwidth, summed over the GPUs that work on a token AT THE SAME
            TIME (tensor parallel). Pipeline stages work one after the other: they do not shorten one
            stream, so for a batch that is not split over the stages count the GPUs of one stage only
            [byte/s].
        peak_flop_per_second: Dense peak in the precision used, summed over the same GPUs [FLOP/s].
        batch: Sequences generated side by side [1].
    Returns: Tokens of the whole batch; divide by ``batch`` for the speed of one stream [token/s].
    Source: Pope et al. (arXiv:2211.05102), section 2; kipply, "Transformer Inference Arithmetic", 2022.

    100e9 bytes at 2e12 byte/s take 50 ms a token.

    >>> decode_tokens_per_second(100e9, 0, 50e9, memory_bytes_per_second=2e12, peak_flop_per_second=1e15)
    20.0
    """
    sequences = positive("batch", batch)
    cache = sequences * not_negative("kv_cache_bytes_per_sequence", kv_cache_bytes_per_sequence)
    bandwidth = positive("memory_bytes_per_second", memory_bytes_per_second)
    reading = (positive("weight_bytes", weight_bytes) + cache) / bandwidth
    flop = 2 * positive("parameters", parameters) * sequences
    computing = flop / positive("peak_flop_per_second", peak_flop_per_second)
    return sequences / larger(reading, computing)


def cost_per_mtok(
    usd_per_gpu_hour: Quantity, gpus: Quantity, tokens_per_second: Quantity, utilisation: Quantity = 1.0
) -> Computed:
    """Cost of a million generated tokens on GPUs paid by the hour.

    Args:
        usd_per_gpu_hour: Price of one GPU [USD/GPU-hour].
        gpus: GPUs that serve together [GPU].
        tokens_per_second: Tokens all of them generate together [token/s].
        utilisation: Share of the paid hours in which they do, 0 < u <= 1 [1].
    Returns: Cost [USD/Mtok].
    Sum: usd_per_gpu_hour * gpus * 1e6 token/Mtok / (tokens_per_second * 3600 s/hour * utilisation).
    Source: Definition; as in NVIDIA's "LLM Inference Benchmarking: How Much Does Your LLM Inference
        Cost?", 2025.

    8 GPUs at 3.60 USD are 28.80 USD an hour, and 1,000 tokens a second 3.6 Mtok an hour.

    >>> cost_per_mtok(3.6, gpus=8, tokens_per_second=1000)
    8.0
    """
    usd_per_hour = positive("usd_per_gpu_hour", usd_per_gpu_hour) * positive("gpus", gpus)
    busy_seconds = SECONDS_PER_HOUR * fraction("utilisation", utilisation)
    return usd_per_hour * TOKENS_PER_MTOK / (positive("tokens_per_second", tokens_per_second) * busy_seconds)
