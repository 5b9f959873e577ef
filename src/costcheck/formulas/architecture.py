"""Parameters of decoder-only transformers, dense ones and mixtures of experts, from their architecture.

A matrix between two widths has as many parameters as their product. Plain whole numbers give an exact int.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._elementwise import everywhere
from ._guard import Computed, FormulaError, Quantity, flag, not_above, positive, whole

if TYPE_CHECKING:
    from typing import TypeAlias

    import numpy as np
    import pandas as pd

    Flag: TypeAlias = "bool | np.ndarray[Any, Any] | pd.Series[Any]"


def parameter_count(
    n_layers: Quantity,
    hidden_size: Quantity,
    n_heads: Quantity,
    n_kv_heads: Quantity,
    head_dim: Quantity,
    ffn_size: Quantity,
    vocab_size: Quantity,
    tied_embeddings: Flag = False,
    gated_mlp: Flag = True,
    biases: Flag = False,
    layer_norm: Flag = False,
    learned_positions: Quantity = 0,
    relative_positions: Flag = False,
) -> Computed:
    """Parameters of a dense decoder; the defaults are those of Llama.

    GPT-2 and OPT have tied embeddings, an MLP without a gate, biases, LayerNorm and learned positions.

    Args:
        n_layers: Transformer layers; this and all sizes are whole numbers [layer].
        hidden_size: Width of the residual stream [element].
        n_heads: Query heads a layer [head].
        n_kv_heads: Key-value heads a layer, at most ``n_heads`` [head].
        head_dim: Width of one head; all heads need not be as wide as the residual stream [element].
        ffn_size: Inner width of the MLP [element].
        vocab_size: Tokens in the vocabulary, padding included [token].
        tied_embeddings: Whether the output layer shares the weights of the input embedding [bool].
        gated_mlp: Whether the MLP has three matrices, as with SwiGLU, and not two [bool].
        biases: Whether the matrices of every layer have biases [bool].
        layer_norm: Whether norms shift as well as scale: LayerNorm, not RMSNorm [bool].
        learned_positions: Positions with a learned embedding, 0 with rotary ones or ALiBi [token].
        relative_positions: Whether every layer has a matrix for relative positions, as Transformer-XL [bool].
    Returns: Parameters [parameter].
    Source: Llama 3 paper (arXiv:2407.21783), section 3.2 and Table 3; grouped-query attention: Ainslie et al.
        (arXiv:2305.13245), section 2.2; GPT-2: OpenAI's gpt-2 repository, src/model.py; relative positions:
        Dai et al. (arXiv:1901.02860), section 3.3.

    Llama 3.1 405B as released; with the 16 key-value heads of the leaked files it is 410,081,247,232.

    >>> parameter_count(126, 16_384, 128, 8, 128, 53_248, 128_256)
    405853388800
    """
    layers, hidden = whole("n_layers", n_layers), whole("hidden_size", hidden_size)
    heads, kv_heads = whole("n_heads", n_heads), whole("n_kv_heads", n_kv_heads)
    head, ffn = whole("head_dim", head_dim), whole("ffn_size", ffn_size)
    positions = whole("learned_positions", learned_positions, zero=True)
    into_mlp = 1 + flag("gated_mlp", gated_mlp)
    embeddings = (2 - flag("tied_embeddings", tied_embeddings)) * whole("vocab_size", vocab_size) + positions
    attention = attention_parameters(hidden, heads, kv_heads, head)
    attention = attention + flag("relative_positions", relative_positions) * hidden * heads * head
    mlp = (into_mlp + 1) * hidden * ffn
    bias = (heads + 2 * kv_heads) * head + hidden + into_mlp * ffn + hidden
    norm = (1 + flag("layer_norm", layer_norm)) * hidden
    layer = attention + mlp + flag("biases", biases) * bias + 2 * norm
    return embeddings * hidden + layers * layer + norm


def attention_parameters(
    hidden_size: Quantity, n_heads: Quantity, n_kv_heads: Quantity, head_dim: Quantity
) -> Computed:
    """Parameters of one layer's attention, without biases.

    Args:
        hidden_size: Width of the residual stream [element].
        n_heads: Query heads [head].
        n_kv_heads: Key-value heads, at most ``n_heads`` [head].
        head_dim: Width of one head [element].
    Returns: The matrices of queries, keys, values and output [parameter/layer].
    Source: Ainslie et al. (arXiv:2305.13245), section 2.2.

    Mixtral 8x7B: 2 * 4096 * 128 * (32 + 8).

    >>> attention_parameters(4096, 32, 8, 128)
    41943040
    """
    heads, kv_heads = whole("n_heads", n_heads), whole("n_kv_heads", n_kv_heads)
    not_above("n_kv_heads", kv_heads, "n_heads", heads)
    return 2 * whole("hidden_size", hidden_size) * whole("head_dim", head_dim) * (heads + kv_heads)


def latent_attention_parameters(
    hidden_size: Quantity,
    n_heads: Quantity,
    query_rank: Quantity,
    kv_rank: Quantity,
    head_dim: Quantity,
    rope_dim: Quantity,
    value_dim: Quantity,
) -> Computed:
    """Parameters of one layer's multi-head latent attention, as in DeepSeek-V2 and V3.

    Args:
        hidden_size: Width of the residual stream [element].
        n_heads: Heads [head].
        query_rank: Width to which queries are compressed, 0 where they are not [element].
        kv_rank: Width to which keys and values are compressed [element].
        head_dim: Width of a head's query and key without position [element].
        rope_dim: Width of the part with rotary position, of which the key is shared by all heads [element].
        value_dim: Width of a head's value [element].
    Returns: Matrices, and the norms of what is compressed [parameter/layer].
    Source: DeepSeek-V2 (arXiv:2405.04434), section 2.1 and appendix C.

    DeepSeek-V3.

    >>> latent_attention_parameters(7168, 128, 1536, 512, 128, 64, 128)
    187107328
    """
    hidden, heads = whole("hidden_size", hidden_size), whole("n_heads", n_heads)
    rank, kv = whole("query_rank", query_rank, zero=True), whole("kv_rank", kv_rank)
    head, rope, value = (
        whole("head_dim", head_dim),
        whole("rope_dim", rope_dim),
        whole("value_dim", value_dim),
    )
    query = heads * (head + rope)
    queries = rank * (hidden + 1 + query) + (rank == 0) * hidden * query
    value = whole("value_dim", value_dim)
    keys_and_values = hidden * (kv + rope) + kv + kv * heads * (head + value)
    return queries + keys_and_values + heads * value * hidden


def moe_parameter_count(
    n_layers: Quantity,
    hidden_size: Quantity,
    attention_parameters: Quantity,
    n_experts: Quantity,
    expert_size: Quantity,
    vocab_size: Quantity,
    shared_experts: Quantity = 0,
    dense_layers: Quantity = 0,
    dense_ffn_size: Quantity = 0,
    tied_embeddings: Flag = False,
) -> Computed:
    """Parameters of a mixture of experts: all that are stored, modules that predict further tokens left out.

    Args:
        n_layers: Transformer layers, dense ones included [layer].
        hidden_size: Width of the residual stream [element].
        attention_parameters: Of one layer: ``attention_parameters`` or ``latent_attention_parameters``; norms
            of queries and keys, twice the width of a head, can be added [parameter/layer].
        n_experts: Routed experts in a layer [1].
        expert_size: Inner width of one expert, a gated MLP [element].
        vocab_size: Tokens in the vocabulary [token].
        shared_experts: Experts of the same width that every token passes through [1].
        dense_layers: Layers with one MLP instead of experts, at most ``n_layers`` [layer].
        dense_ffn_size: Inner width of their MLP; needed with ``dense_layers`` [element].
        tied_embeddings: Whether the output layer shares the weights of the input embedding [bool].
    Returns: Parameters [parameter].
    Source: Mixtral (arXiv:2401.04088), section 2; DeepSeek-V3 (arXiv:2412.19437), sections 2.1 and 4.2.

    Mixtral 8x7B, 46.7 billion.

    >>> moe_parameter_count(32, 4096, attention_parameters(4096, 32, 8, 128), 8, 14_336, 32_000)
    46702792704
    """
    layers, hidden = whole("n_layers", n_layers), whole("hidden_size", hidden_size)
    attention = positive("attention_parameters", attention_parameters)
    experts = whole("n_experts", n_experts)
    mlps = experts + whole("shared_experts", shared_experts, zero=True)
    dense = not_above("dense_layers", whole("dense_layers", dense_layers, zero=True), "n_layers", layers)
    dense_ffn = whole("dense_ffn_size", dense_ffn_size, zero=True)
    if not everywhere((dense == 0) | (dense_ffn > 0)):
        raise FormulaError("dense_ffn_size must be positive where dense_layers is, but is 0")
    embeddings = (2 - flag("tied_embeddings", tied_embeddings)) * whole("vocab_size", vocab_size)
    router_and_experts = hidden * (experts + 3 * whole("expert_size", expert_size) * mlps)
    in_mlps = dense * 3 * hidden * dense_ffn + (layers - dense) * router_and_experts
    return embeddings * hidden + layers * (attention + 2 * hidden) + in_mlps + hidden


def active_parameter_count(
    parameters: Quantity,
    moe_layers: Quantity,
    hidden_size: Quantity,
    expert_size: Quantity,
    n_experts: Quantity,
    active_experts: Quantity,
) -> Computed:
    """Parameters of a mixture of experts that one token uses: all but those of the idle experts.

    Both embeddings are counted if ``parameters`` holds both, as Mistral does. DeepSeek leaves out the input
    embedding, which is only looked up: its figure comes from parameters with ``tied_embeddings``.

    Args:
        parameters: Parameters stored [parameter].
        moe_layers: Layers with experts [layer].
        hidden_size: Width of the residual stream [element].
        expert_size: Inner width of one expert, a gated MLP [element].
        n_experts: Routed experts in a layer [1].
        active_experts: Routed experts a token passes through, at most ``n_experts`` [1].
    Returns: Parameters [parameter].
    Source: Mixtral (arXiv:2401.04088), section 2.1.

    Mixtral 8x7B, 12.9 billion: 46,702,792,704 - 32 * 6 * 3 * 4096 * 14,336.

    >>> active_parameter_count(46_702_792_704, 32, 4096, 14_336, n_experts=8, active_experts=2)
    12879925248
    """
    stored, experts = positive("parameters", parameters), whole("n_experts", n_experts)
    active = not_above("active_experts", whole("active_experts", active_experts), "n_experts", experts)
    expert = 3 * whole("hidden_size", hidden_size) * whole("expert_size", expert_size)
    idle = whole("moe_layers", moe_layers) * (experts - active) * expert
    not_above("the number of idle parameters", idle, "parameters", stored)
    return stored - idle
