"""The numbers that a text does not print but names: a GPU's peak, a model's size, an exchange rate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from costcheck.data import tables
from costcheck.reading.candidates import Operand, signature

_BYTES = {
    2: "bf16|fp16|float16|16[- ]bit",
    1: "fp8|int8|8[- ]bit",
    0.5: "int4|4[- ]bit|4 ?(?:比特|ビット)",
    4: "fp32",
}


def known_in(text: str, units: set[str], rates: Mapping[str, float]) -> list[Operand]:
    """Return the numbers that a text does not print but names: a GPU's peak, a model's size, a rate."""
    operands: list[Operand] = []

    def add(written: str, value: float, unit: str, extra: float) -> None:
        operands.append(Operand(written, signature(unit), value, extra=extra, unit=unit))

    is_compute = any("FLOP" in unit for unit in units) or bool(re.search("MFU|HFU|FLOP", text))
    hard = {signature(unit).hard for unit in units}
    has_bytes = not hard.isdisjoint((signature("byte").hard, signature("byte/token").hard))
    for row in _gpus_in(text) if is_compute else ():
        if row["bf16_dense_tflops"]:
            cell = f'(gpus["{row["gpu"]}"].bf16_dense_tflops / 1 GPU)'
            add(cell, float(row["bf16_dense_tflops"]), "TFLOP/s/GPU", 2.0)
    for flop, extra in ((6, 1.0), (2, 2.0)) if is_compute else ():
        add(f"{flop} FLOP/parameter/token", flop, "FLOP/parameter/token", extra)
    if is_compute or has_bytes:
        for size in dict.fromkeys(
            re.findall(r"(?<![\w.$])([1-9]\d*(?:\.\d+)?|0\.\d*[1-9])B\b(?! tok)", text)
        ):
            add(f"{size}e9 parameter", float(size) * 1e9, "parameter", 1.5)
        for bytes_, names in _BYTES.items():
            if re.search(names, text, re.IGNORECASE):
                add(f"{bytes_:g} byte/parameter", bytes_, "byte/parameter", 1.0)
    if "KV" in text and has_bytes:
        add("2", 2, "1", 0.5)  # keys and values
    if signature("byte/second").hard in hard:
        add("1 token", 1, "token", 0.7)  # takes each weight from memory once
    money = {re.split("[-/]", unit)[0] for unit in units}
    for pair, rate in rates.items():
        if set(pair.split("/")) <= money:
            add(f"prices.usd_{pair[:3].lower()}", rate, pair, 0.7)
    return operands


def _gpus_in(text: str) -> Iterator[Mapping[str, str]]:
    seen = set()
    for row in tables.rows("gpus"):
        name = re.search(r"[A-Z]+\d+\w*|\d{4}", row["gpu"])
        if name and name[0] not in seen and re.search(rf"(?<![A-Za-z0-9]){name[0]}(?![0-9])", text):
            seen.add(name[0])
            yield row
