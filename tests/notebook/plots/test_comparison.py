"""The chart of what changed: everything drawn, nothing over anything else, whatever it is called."""

import pytest

from costcheck.notebook.plots.comparison import LOOKS, changed

NINE = list("abcdefghi")


def drawn(factors, others=("b",), first="a", left_out=()):
    figure = changed(factors, others, first, "The point", left_out)
    figure.draw_without_rendering()
    return figure


@pytest.mark.parametrize(
    ("factors", "others", "labels"),
    [
        pytest.param({"Z51  ticket": {"b": 0.625}, "Z52": {"b": 2}}, ["b"], ["0.62×", "2×"], id="one"),
        pytest.param({"Z51": {"b": 0.5, "d": 3}}, ["b", "c", "d"], ["0.5×", "3×"], id="several"),
        pytest.param({"Z51": {str(n): n for n in (2, 3, 9)}}, NINE, ["9×"], id="many: the range"),
        pytest.param({}, ["b"], [], id="nothing changed"),
    ],
)
def test_each_factor_stands_beside_its_dot_on_the_side_away_from_one(factors, others, labels):
    axes = drawn(factors, others).axes[0]
    assert sorted(text.get_text() for text in axes.texts) == labels
    assert axes.get_xscale() == "log"
    for text in axes.texts:
        assert text.get_ha() == ("right" if text.get_text().startswith("0") else "left")


@pytest.mark.parametrize(
    "values",
    [[[0.625]] * 20, [[1] * 5] * 3, [[1e-9, 1e9, 3]], [[0.84, 0.9, 0.78], [0.1, 30]]],
)
@pytest.mark.parametrize("label", ["x" * 150, "漢字 $x$ \x1b[31m\nb \ud800"])
def test_no_label_stands_on_another_or_outside_whatever_it_is_called(values, label, tidy):
    others = [f"{label}{n}" for n in range(max(map(len, values)))]
    factors = {f"Z{at}  {label}": dict(zip(others, row, strict=False)) for at, row in enumerate(values)}
    tidy(drawn(factors, others, first=label, left_out=[label]))


def test_only_as_many_results_as_there_are_looks_are_told_apart_and_each_is_named():
    others = [f"_{n}" for n in range(len(LOOKS))]
    (legend,) = drawn({"Z51": dict.fromkeys(others, 2.0)}, others).legends
    assert [text.get_text() for text in legend.get_texts()] == others
    assert drawn({"Z51": {"0": 2.0}}, [str(n) for n in range(len(LOOKS) + 1)]).legends == []


def test_what_it_is_compared_with_and_what_is_left_out_stand_at_the_foot():
    foot = drawn({"Z51": {"b": 2.0}}, first="out/articles", left_out=["Z1", "Z2"])._supxlabel.get_text()
    assert foot.splitlines() == ["1×: out/articles", "dots: b", "changed without a factor: Z1, Z2"]
