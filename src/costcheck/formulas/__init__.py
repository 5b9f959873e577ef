"""Formulas of the cost of language models: numbers in, numbers out. They read no file and know no article.

================ =======================================================================================
``architecture``  parameters of dense models and of mixtures of experts, stored and active
``training``      FLOP, utilisation, GPU-hours, GPUs for a deadline, wall-clock time, activations
``serving``       weights, KV cache, GPUs to hold them, decoding speed, USD a million tokens
``money``         purchase, rental, amortisation, energy and emissions, currency, blended price
``language``      tokens to words, words to books
``scores``        two models on the same benchmarks, or one model before and after
``ratios``        how many times, how much more, which place
``units``         bytes, GB and GiB, prefixes
================ =======================================================================================

Functions of quantities work elementwise on plain numbers, NumPy arrays and pandas Series alike, broadcast
together; a list becomes an array, and Series are matched by index. Functions of columns (in ``scores`` and
``ratios``) give one number. Neither NumPy nor pandas is imported for plain numbers.

What makes no sense is refused with a ``FormulaError``. A quantity must be positive and finite unless its
description gives another range; a column holds at least one element, and only finite numbers or names;
columns read row by row have one length and, as Series, one index. A result beyond what a float holds is what
Python and NumPy make of it.

Units stand in brackets (notation: ``signatures``). A number that somebody measured or estimated is an
argument without a default; defaults are neutral (a utilisation of 1) or definitions (days in a year).
"""

from ._guard import FormulaError
from .architecture import (
    active_parameter_count,
    attention_parameters,
    latent_attention_parameters,
    moe_parameter_count,
    parameter_count,
)
from .language import books_from_words, words_from_tokens
from .money import (
    amortised_usd_per_gpu_hour,
    blended_price,
    cluster_purchase,
    convert,
    emissions_tonnes,
    energy_mwh,
    energy_usd_per_gpu_hour,
    purchase,
    rental,
)
from .ratios import (
    count,
    difference,
    highest,
    lowest,
    mean,
    median,
    rank_from_largest,
    rank_from_smallest,
    ratio,
    total,
)
from .scores import (
    biggest_gains,
    mean_difference,
    mean_ratio,
    named_in_top_gains,
    share_won,
    standard_errors_apart,
    wins,
    within_interval,
)
from .serving import (
    cost_per_mtok,
    decode_tokens_per_second,
    gpus_to_hold,
    kv_cache_bytes,
    weight_bytes,
)
from .training import (
    activation_bytes_per_layer,
    flop_of_run,
    gpu_hours,
    gpu_years,
    gpus_for_deadline,
    inference_flop_per_token,
    mfu,
    mfu_of_run,
    palm_flop_per_token,
    training_flop,
    wall_clock_days,
    wall_clock_hours,
)
from .units import bytes_to_gb, bytes_to_gib, gb_to_bytes, percent, tera

__all__ = [
    "FormulaError", "activation_bytes_per_layer", "active_parameter_count", "amortised_usd_per_gpu_hour",
    "attention_parameters", "biggest_gains", "blended_price", "books_from_words", "bytes_to_gb",
    "bytes_to_gib", "cluster_purchase", "convert", "cost_per_mtok", "count", "decode_tokens_per_second",
    "difference", "emissions_tonnes", "energy_mwh", "energy_usd_per_gpu_hour", "flop_of_run", "gb_to_bytes",
    "gpu_hours", "gpu_years", "gpus_for_deadline", "gpus_to_hold", "highest", "inference_flop_per_token",
    "kv_cache_bytes", "latent_attention_parameters", "lowest", "mean", "mean_difference", "mean_ratio",
    "median", "mfu", "mfu_of_run", "moe_parameter_count", "named_in_top_gains", "palm_flop_per_token",
    "parameter_count", "percent", "purchase", "rank_from_largest",
    "rank_from_smallest", "ratio", "rental", "share_won", "standard_errors_apart", "tera",
    "total", "training_flop", "wall_clock_days", "wall_clock_hours", "weight_bytes", "wins",
    "within_interval", "words_from_tokens",
]  # fmt: skip
