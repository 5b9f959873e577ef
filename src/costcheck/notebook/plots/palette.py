"""The charts' colours: Okabe and Ito's palette, which people of every colour vision can tell apart."""

BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PINK, GREY, INK = "#56B4E9", "#CC79A7", "#8C8C8C", "#222222"
FAINT = "#555555"
"""Of text that matters less."""
DASHED = (0, (4, 3))
