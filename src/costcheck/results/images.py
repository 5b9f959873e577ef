"""Figures as PNG at print size."""

from __future__ import annotations

import struct
import zlib

PRINT_DPI = 300
PNG_HEADER = 33
"""The signature of a PNG and its first chunk [byte]."""


def png(svg: str) -> bytes:
    """Draw a figure as PNG at print size, 300 dots an inch."""
    import resvg_py

    drawn: bytes = resvg_py.svg_to_bytes(svg_string=svg, dpi=PRINT_DPI, background="white")
    # resvg does not write at what size it is meant to be printed: that goes behind the header
    a_metre = round(PRINT_DPI / 0.0254)
    size = b"pHYs" + struct.pack(">IIB", a_metre, a_metre, 1)
    chunk = struct.pack(">I", 9) + size + struct.pack(">I", zlib.crc32(size))
    return drawn[:PNG_HEADER] + chunk + drawn[PNG_HEADER:]
