"""How near the formulas come to tables that others published, beside what a textbook's formula gives.

    python -m tools.published_tables

The tables are in tests/formulas/published/, with a README.md that holds what this prints.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from costcheck import formulas as f

ROOT = Path(__file__).resolve().parents[1]
PEAK = {"H100": 989.5e12, "A100": 312e12}
"""Dense, in bf16, as in Composer's own table, with which the MFU was computed [FLOP/s]."""
KG_PER_KWH = 0.429
"""What Patterson et al. (arXiv:2104.10350) reckon for GPT-3."""


@dataclass(frozen=True)
class Figure:
    """A published figure, the same by a formula and by hand, and half a unit of its last digit."""

    table: str
    row: str
    published: float
    computed: float
    by_hand: float
    half: float

    @property
    def error(self) -> float:
        """Relative error of the formula."""
        return abs(self.computed / self.published - 1)

    @property
    def error_by_hand(self) -> float:
        """Relative error of the formula by hand."""
        return abs(self.by_hand / self.published - 1)

    @property
    def to_last_digit(self) -> bool:
        """Whether the formula's figure rounds to the published one."""
        return abs(self.computed - self.published) <= self.half * (1 + 1e-9)


BY_HAND = {
    "parameters": "12 L h² + V h",
    "mixtures": "L (4 h² + 3 E h e) + 2 V h",
    "active": "the same with the active experts",
    "MFU": "6 N, without attention",
    "KV cache": "2 L h · 2 byte",
    "activations": "without attention scores",
    "emissions": f"{KG_PER_KWH} kg/kWh",
}


def _read(path: str) -> Iterator[dict[str, str]]:
    with (ROOT / path).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def parameters() -> Iterator[Figure]:
    """Dense models: every row of parameters.csv, and each shape of the MFU tables."""
    sizes = "n_layers", "hidden_size", "n_heads", "n_kv_heads", "head_dim", "ffn_size", "vocab_size"
    for row in _read("tests/formulas/published/parameters.csv"):
        layers, width, heads, kv_heads, head, ffn, vocabulary = (int(row[size]) for size in sizes)
        count = f.parameter_count(
            layers, width, heads, kv_heads, head, ffn, vocabulary, row["tied_embeddings"] == "1",
            row["gated_mlp"] == "1", row["biases"] == "1", row["layer_norm"] == "1",
            int(row["learned_positions"]), row["relative_positions"] == "1",
        )  # fmt: skip
        by_hand = 12 * layers * width**2 + vocabulary * width
        half = int(row["rounded_to"]) // 2
        yield Figure(f"parameters: {row['table']}", row["model"], int(row["published"]), count, by_hand, half)
    shapes = {
        (row["model"], row["sequence_tokens"]): row for row in _read("tests/formulas/published/mfu.csv")
    }
    for row in shapes.values():
        layers, width = int(row["n_layers"]), int(row["hidden_size"])
        count = f.parameter_count(
            layers, width, 1, 1, width, 4 * width, 50_368, tied_embeddings=True, gated_mlp=False, biases=True,
            layer_norm=True, learned_positions=int(row["sequence_tokens"]),
        )  # fmt: skip
        by_hand = 12 * layers * width**2 + 50_368 * width
        yield Figure("parameters: MPT", row["model"], int(row["parameters"]), count, by_hand, 0)


def mixtures() -> Iterator[Figure]:
    """Mixtures of experts: all parameters, then the active ones."""
    for row in _read("tests/formulas/published/mixtures.csv"):
        n = {key: int(value) for key, value in row.items() if key != "model" and value}
        width, layers, head = n["hidden_size"], n["n_layers"], n["head_dim"]
        if "kv_rank" in n:
            ranks = (n["query_rank"], n["kv_rank"])
            attention = f.latent_attention_parameters(
                width, n["n_heads"], *ranks, head, n["rope_dim"], n["value_dim"]
            )
        else:
            attention = f.attention_parameters(width, n["n_heads"], n["n_kv_heads"], head)
            attention += 2 * head * n["qk_norm"]
        sizes = (n["n_experts"], n["expert_size"], n["vocab_size"], n["shared_experts"])
        dense = (n["dense_layers"], n["dense_ffn_size"])
        total = f.moe_parameter_count(layers, width, attention, *sizes, *dense)
        used = f.moe_parameter_count(
            layers, width, attention, *sizes, *dense, tied_embeddings=not n["input_embedding_active"]
        )
        active = f.active_parameter_count(
            used, layers - dense[0], width, n["expert_size"], n["n_experts"], n["active_experts"]
        )

        def by_hand(experts: int, n: dict[str, int] = n) -> int:
            layer = 4 * n["hidden_size"] ** 2 + 3 * experts * n["hidden_size"] * n["expert_size"]
            return n["n_layers"] * layer + 2 * n["vocab_size"] * n["hidden_size"]

        half = n["rounded_to"] // 2
        yield Figure("mixtures", row["model"], n["published"], total, by_hand(n["n_experts"]), half)
        yield Figure(
            "active", row["model"], n["published_active"], active, by_hand(n["active_experts"]),
            n["active_rounded_to"] // 2,
        )  # fmt: skip


def mfu() -> Iterator[Figure]:
    """MFU of training MPT, from tokens a second."""
    for row in _read("tests/formulas/published/mfu.csv"):
        count, tokens = int(row["parameters"]), int(row["sequence_tokens"])
        flop = f.palm_flop_per_token(count, int(row["n_layers"]), 1, int(row["hidden_size"]), tokens)
        rate, peak = int(row["tokens_per_second"]), int(row["gpus"]) * PEAK[row["gpu"]]
        computed, by_hand = f.percent(f.mfu(flop * rate, peak)), 100 * 6 * count * rate / peak
        name = f"{row['model']}, {tokens} tokens, {row['gpus']} {row['gpu']}"
        half = 0.005 + computed / rate  # the table cuts tokens a second to whole ones
        yield Figure(f"MFU: {row['gpu']}", name, float(row["mfu_percent"]), computed, by_hand, half)


def kv_cache() -> Iterator[Figure]:
    """Keys and values in 16 bits."""
    for row in _read("tests/formulas/published/kv_cache.csv"):
        layers, heads, kv_heads, head, tokens = (int(row[key]) for key in list(row)[2:7])
        unit, digits = int(row["unit_bytes"]), len(row["published"].partition(".")[2])
        computed = f.kv_cache_bytes(layers, kv_heads, head, 2, tokens) / unit
        by_hand = 2 * layers * heads * head * 2 * tokens / unit
        name = f"{row['model']}, {tokens} tokens"
        table = f"KV cache: {row['table']}"
        yield Figure(table, name, float(row["published"]), computed, by_hand, 0.5 * 10**-digits)


def activations() -> Iterator[Figure]:
    """Memory that recomputation saves (arXiv:2205.05198): section 5 in percent, abstract in times."""
    for model, width, heads, percent in (("GPT-3", 12_288, 96, 70), ("MT-NLG", 20_480, 128, 65)):
        layer = (1, 2048, width, heads)  # micro-batch, tokens, width, heads
        kept = f.activation_bytes_per_layer(*layer, recompute="selective")
        saved = 1 - kept / f.activation_bytes_per_layer(*layer)
        yield Figure("activations", f"{model}, percent saved", percent, f.percent(saved), 0, 0.5)
    before = f.activation_bytes_per_layer(*layer, tensor_parallel=8)
    after = f.activation_bytes_per_layer(
        *layer, tensor_parallel=8, sequence_parallel=True, recompute="selective"
    )
    yield Figure("activations", "MT-NLG, times less", 5, before / after, (10 + 24 / 8) / (34 / 8), 0.5)


def emissions() -> Iterator[Figure]:
    """Each card's smaller models at the carbon intensity that its largest implies."""
    cards: dict[str, list[tuple[str, float, float]]] = {}
    for row in _read("data/training_runs.csv"):
        if row["row_role"] == "model":
            energy = f.energy_mwh(float(row["gpu_hours"]), float(row["tdp_w"]))
            cards.setdefault(row["family"], []).append((row["model"], energy, float(row["emissions_tco2e"])))
    for *smaller, (_, most_energy, most_tonnes) in cards.values():
        for model, energy, tonnes in smaller:
            computed = f.emissions_tonnes(energy, most_tonnes / most_energy)
            half = 0.005 if tonnes % 1 else 5
            yield Figure("emissions: Meta's cards", model, tonnes, computed, energy * KG_PER_KWH, half)


def figures() -> list[Figure]:
    """Return every published figure beside the formulas'."""
    tables = (parameters, mixtures, mfu, kv_cache, activations, emissions)
    return [figure for table in tables for figure in table()]


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 1 else f"{100 * share:.0f} %"


def main() -> None:
    """Print a table of errors in Markdown."""
    by_table: dict[str, list[Figure]] = {}
    for figure in figures():
        by_table.setdefault(figure.table, []).append(figure)
    print("| table | figures | to the last digit | median error | largest | by hand | median | largest |")
    print("|---|---|---|---|---|---|---|---|")
    for table, rows in by_table.items():
        ours, hand = [row.error for row in rows], [row.error_by_hand for row in rows]
        cells = [table, str(len(rows)), str(sum(row.to_last_digit for row in rows))]
        cells += [_percent(median(ours)), _percent(max(ours)), BY_HAND[table.partition(":")[0]]]
        print(f"| {' | '.join(cells)} | {_percent(median(hand))} | {_percent(max(hand))} |")


if __name__ == "__main__":
    main()
