"""Figures as PNG at print size."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

PRINT_DPI = 300
PNG_HEADER = 33
"""The signature of a PNG and its first chunk [byte]."""


def png(svg: str) -> bytes:
    """Draw a figure as PNG at print size, 300 dots an inch."""
    import resvg_py

    drawn: bytes = resvg_py.svg_to_bytes(svg_string=svg, dpi=PRINT_DPI, background="white")
    # resvg does not say at what size it is meant to be printed: that goes behind the header
    a_metre = round(PRINT_DPI / 0.0254)
    said = b"pHYs" + struct.pack(">IIB", a_metre, a_metre, 1)
    return (
        drawn[:PNG_HEADER]
        + struct.pack(">I", 9)
        + said
        + struct.pack(">I", zlib.crc32(said))
        + drawn[PNG_HEADER:]
    )
