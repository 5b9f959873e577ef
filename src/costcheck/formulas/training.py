"""What it takes to train a decoder-only transformer: FLOP, GPU-hours, days, memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._elementwise import everywhere
from ._guard import (
    Computed,
    FormulaError,
    Quantity,
    flag,
    fraction,
    not_above,
    not_negative,
    one_of,
    positive,
    whole,
)

if TYPE_CHECKING:
    from typing import Any

    import numpy as np
    import pandas as pd

SECONDS_PER_HOUR = 3600
HOURS_PER_DAY = 24


def training_flop(parameters: Quantity, tokens: Quantity) -> Computed:
    """Compute to train a dense transformer once over its tokens, C = 6ND.

    Args:
        parameters: Parameters N [parameter].
        tokens: Training tokens D [token].
    Returns: Training compute; attention over the context is left out [FLOP].
    Sum: 6 * parameters * tokens.
    Source: Kaplan et al. (arXiv:2001.08361), section 2.1; Hoffmann et al. (arXiv:2203.15556), appendix F.

    The Llama 3 paper prints 3.8e25 for its 405e9 parameters and 15.6e12 tokens (section 1).

    >>> f"{training_flop(405e9, 15.6e12):.3g}"
    '3.79e+25'
    """
    return 6 * positive("parameters", parameters) * positive("tokens", tokens)


def inference_flop_per_token(
    parameters: Quantity,
    n_layers: Quantity = 0,
    hidden_size: Quantity = 0,
    context_tokens: Quantity = 0,
) -> Computed:
    """Compute of one forward pass for one token, 2N, plus 4Lhs where the attention is counted too.

    Args:
        parameters: Parameters N [parameter].
        n_layers: Transformer layers L, zero or more; needed with ``context_tokens`` [layer].
        hidden_size: Width h of all query heads, zero or more; needed with ``context_tokens`` [element].
        context_tokens: Tokens s the new one attends to, zero or more; 0 leaves the attention out [token].
    Returns: Forward compute [FLOP/token].
    Source: 2N: Kaplan et al. (arXiv:2001.08361), section 2.1; Pope et al. (arXiv:2211.05102), section 2.
        4Lhs: a third of the 12LHQT for forward and backward pass in Chowdhery et al. (arXiv:2204.02311),
        appendix B. Kaplan's Table 1 has half of it, 2Lhs: the mean over a causal mask.

    >>> inference_flop_per_token(70e9)
    140000000000.0
    >>> inference_flop_per_token(1000, n_layers=2, hidden_size=10, context_tokens=5)
    2400
    """
    layers, hidden = not_negative("n_layers", n_layers), not_negative("hidden_size", hidden_size)
    context = not_negative("context_tokens", context_tokens)
    if not everywhere((context == 0) | (layers * hidden > 0)):
        raise FormulaError(
            "n_layers and hidden_size must be positive where context_tokens is, but one of them is 0"
        )
    return 2 * positive("parameters", parameters) + 4 * layers * hidden * context


def palm_flop_per_token(
    parameters: Quantity,
    n_layers: Quantity,
    n_heads: Quantity,
    head_dim: Quantity,
    sequence_tokens: Quantity,
) -> Computed:
    """Model FLOP to train on one token, attention over the whole sequence included, 6N + 12LHQT.

    Args:
        parameters: Parameters N, without an input embedding that is only looked up [parameter].
        n_layers: Transformer layers L, a whole number as heads and width are [layer].
        n_heads: Query heads H a layer [head].
        head_dim: Width Q of one head [element].
        sequence_tokens: Sequence length T [token].
    Returns: Forward and backward compute, recomputation not counted [FLOP/token].
    Source: Chowdhery et al. (arXiv:2204.02311), appendix B.

    PaLM 540B: 6 * 540.35e9 + 12 * 118 * 48 * 256 * 2048.

    >>> f"{palm_flop_per_token(540.35e9, 118, 48, 256, 2048):.4g}"
    '3.278e+12'
    """
    heads_in_all = whole("n_layers", n_layers) * whole("n_heads", n_heads)
    attention = 12 * heads_in_all * whole("head_dim", head_dim) * positive("sequence_tokens", sequence_tokens)
    return 6 * positive("parameters", parameters) + attention


def mfu(model_flop_per_second: Quantity, peak_flop_per_second: Quantity) -> Computed:
    """Model FLOP utilisation: the share of the hardware's peak that went into the model.

    Args:
        model_flop_per_second: Model FLOP achieved a second, recomputation not counted, for instance a GPU
            [FLOP/s/A].
        peak_flop_per_second: Peak of the same hardware in the precision used, DENSE: data sheets print
            twice as much for structured sparsity [FLOP/s/A].
    Returns: Utilisation; a value above 1 says that an argument is wrong [1].
    Sum: model_flop_per_second / peak_flop_per_second.
    Source: Chowdhery et al. (arXiv:2204.02311), section 4.1 and appendix B.

    Llama 3 paper, Table 4: 430 TFLOP/s a GPU is 43 % of an H100's 989.4 in bf16.

    >>> round(mfu(430e12, 989.4e12), 3)
    0.435
    """
    achieved = positive("model_flop_per_second", model_flop_per_second)
    return achieved / positive("peak_flop_per_second", peak_flop_per_second)


def mfu_of_run(training_flop: Quantity, gpu_hours: Quantity, peak_flop_per_second: Quantity) -> Computed:
    """Utilisation over all GPU-hours a run was billed for, restarts and idle hours included.

    Args:
        training_flop: Model FLOP of the whole run [FLOP].
        gpu_hours: GPU-hours of the whole run [GPU-hour].
        peak_flop_per_second: Dense peak of one GPU in the precision used [FLOP/s].
    Returns: Utilisation, below the MFU of a single step [1].
    Sum: training_flop / (gpu_hours * 3600 s/hour) / peak_flop_per_second.
    Source: The definition of MFU (Chowdhery et al., arXiv:2204.02311, appendix B) taken over the run.

    Llama 3.1 405B: 3.8e25 FLOP (paper, section 1) in 30.84e6 H100-hours (model card), against 38-43 % a step.

    >>> round(mfu_of_run(3.8e25, 30.84e6, 989.4e12), 3)
    0.346
    """
    seconds = positive("gpu_hours", gpu_hours) * SECONDS_PER_HOUR
    return mfu(positive("training_flop", training_flop) / seconds, peak_flop_per_second)


def flop_of_run(gpu_hours: Quantity, peak_flop_per_second: Quantity, mfu: Quantity) -> Computed:
    """Model FLOP of a run, estimated from the GPU-hours it took.

    Args:
        gpu_hours: GPU-hours of the whole run [GPU-hour].
        peak_flop_per_second: Dense peak of one GPU in the precision used [FLOP/s].
        mfu: Utilisation over the whole run, 0 < mfu <= 1 [1].
    Returns: Training compute [FLOP].
    Sum: gpu_hours * 3600 s/hour * peak_flop_per_second * mfu.
    Source: The definition of MFU (Chowdhery et al., arXiv:2204.02311, appendix B) solved for the FLOP; the
        second method of Epoch AI, "Estimating Training Compute of Deep Learning Models", 2022.

    2,000 hours at half of 1e15 FLOP/s: 7.2e6 seconds times 5e14.

    >>> flop_of_run(2000, 1e15, 0.5)
    3.6e+21
    """
    achieved = positive("peak_flop_per_second", peak_flop_per_second) * fraction("mfu", mfu)
    return positive("gpu_hours", gpu_hours) * SECONDS_PER_HOUR * achieved


def gpu_hours(training_flop: Quantity, peak_flop_per_second: Quantity, mfu: Quantity) -> Computed:
    """GPU-hours to spend a compute budget at a given utilisation.

    Args:
        training_flop: Model FLOP of the whole run [FLOP].
        peak_flop_per_second: Dense peak of one GPU in the precision used [FLOP/s].
        mfu: Model FLOP utilisation, 0 < mfu <= 1 [1].
    Returns: GPU-hours [GPU-hour].
    Sum: training_flop / (peak_flop_per_second * mfu) / 3600 s/hour.
    Source: The definition of MFU (Chowdhery et al., arXiv:2204.02311, appendix B) solved for time.

    3.6e21 FLOP at half of 1e15 FLOP/s take 7.2e6 seconds.

    >>> gpu_hours(3.6e21, 1e15, 0.5)
    2000.0
    """
    achieved = positive("peak_flop_per_second", peak_flop_per_second) * fraction("mfu", mfu)
    return positive("training_flop", training_flop) / achieved / SECONDS_PER_HOUR


def gpu_years(gpu_hours: Quantity, days_in_year: Quantity = 365) -> Computed:
    """Years one GPU alone would need to spend a compute budget.

    Args:
        gpu_hours: Budget [GPU-hour].
        days_in_year: Days counted as a year: 365, or 365.25 with leap years [day].
    Returns: Years on one GPU [year].
    Sum: gpu_hours / 24 h/day / (days_in_year / 1 year).
    Source: The division behind the articles' 3,500 years; they do not say how long a year is.

    >>> round(gpu_years(30.84e6), 1)
    3520.5
    """
    hours_in_year = positive("days_in_year", days_in_year) * HOURS_PER_DAY
    return positive("gpu_hours", gpu_hours) / hours_in_year


def gpus_for_deadline(gpu_hours: Quantity, days: Quantity, utilisation: Quantity = 1.0) -> Computed:
    """GPUs that must run side by side to spend a compute budget in time.

    Args:
        gpu_hours: Budget [GPU-hour].
        days: Wall-clock time allowed [day].
        utilisation: Share of that time in which a GPU really works, 0 < u <= 1 [1].
    Returns: GPUs needed, not rounded up [GPU].
    Sum: gpu_hours / 24 h/day / days / utilisation.
    Source: The division behind the articles' 43,000 (zh, section on cost): a month of 30 days, every GPU
        busy throughout.

    >>> round(gpus_for_deadline(30.84e6, days=30))
    42833
    """
    hours = positive("days", days) * HOURS_PER_DAY * fraction("utilisation", utilisation)
    return positive("gpu_hours", gpu_hours) / hours


def wall_clock_hours(gpu_hours: Quantity, gpus: Quantity, utilisation: Quantity = 1.0) -> Computed:
    """Hours on the clock until a fleet has spent a compute budget.

    Args:
        gpu_hours: Budget [GPU-hour].
        gpus: GPUs side by side [GPU].
        utilisation: Share of the time in which a GPU really works, 0 < u <= 1 [1].
    Returns: Wall-clock time [hour].
    Sum: gpu_hours / gpus / utilisation.
    Source: Definition of the GPU-hour.

    >>> wall_clock_hours(1000, gpus=10, utilisation=0.5)
    200.0
    """
    working = positive("gpus", gpus) * fraction("utilisation", utilisation)
    return positive("gpu_hours", gpu_hours) / working


def wall_clock_days(gpu_hours: Quantity, gpus: Quantity, utilisation: Quantity = 1.0) -> Computed:
    """Days on the clock until a fleet has spent a compute budget.

    Args:
        gpu_hours: Budget [GPU-hour].
        gpus: GPUs side by side [GPU].
        utilisation: Share of the time in which a GPU really works, 0 < u <= 1 [1].
    Returns: Wall-clock time [day].
    Sum: gpu_hours / gpus / utilisation / 24 h/day.
    Source: Definition of the GPU-hour.

    Llama 3.1 405B on the most GPUs its paper names (Table 4): 30.84e6 / 16,384 / 24.

    >>> round(wall_clock_days(30.84e6, gpus=16_384), 1)
    78.4
    """
    return wall_clock_hours(gpu_hours, gpus, utilisation) / HOURS_PER_DAY


def activation_bytes_per_layer(
    batch: Quantity,
    sequence_tokens: Quantity,
    hidden_size: Quantity,
    n_heads: Quantity,
    tensor_parallel: Quantity = 1,
    sequence_parallel: bool | np.ndarray[Any, Any] | pd.Series[Any] = False,
    recompute: str = "none",
) -> Computed:
    """Memory in which one GPU keeps what a layer computed until its gradient is due.

    For a GPT with an MLP four times its width, without a gate, with dropout, in 16 bits.

    Args:
        batch: Sequences b in a micro-batch [1].
        sequence_tokens: Sequence length s [token].
        hidden_size: Width h of the residual stream, a whole number as heads and GPUs are [element].
        n_heads: Attention heads a in a layer [head].
        tensor_parallel: GPUs t that share a layer's matrices and heads, at most ``n_heads`` [GPU].
        sequence_parallel: Whether they share norms and dropouts too [bool].
        recompute: ``"none"`` keeps everything; ``"selective"`` computes the attention scores again;
            ``"full"`` keeps the input of the layer only, whole on every GPU [name].
    Returns: None: sbh(34 + 5as/h), over t GPUs sbh(10 + 24/t + 5as/ht), with sequence parallelism sbh(34
        + 5as/h)/t. Selective: the same without 5as/h. Full: 2sbh [byte].
    Source: Korthikanti et al. (arXiv:2205.05198), section 4.

    With every size 1: 34 + 5.

    >>> activation_bytes_per_layer(1, 1, 1, 1)
    39.0
    """
    b, s = positive("batch", batch), positive("sequence_tokens", sequence_tokens)
    h, heads = whole("hidden_size", hidden_size), whole("n_heads", n_heads)
    t = not_above("tensor_parallel", whole("tensor_parallel", tensor_parallel), "n_heads", heads)
    # What is not kept is multiplied by 0, not left out: many in any argument are to give many.
    inputs, others, scores = {"none": (0, 1, 1), "selective": (0, 1, 0), "full": (2, 0, 0)}[
        one_of("recompute", recompute, ("none", "selective", "full"))
    ]
    norms_and_dropouts = 10 / t ** flag("sequence_parallel", sequence_parallel)
    kept = inputs + others * (norms_and_dropouts + 24 / t) + scores * 5 * heads * s / (h * t)
    return s * b * h * kept
