"""The chart of what changed: everything drawn, nothing over anything else, whatever it is called."""

import itertools

import pytest

from costcheck.notebook import show
from costcheck.notebook.plots.comparison import LOOKS, changed
from costcheck.notebook.plots.style import safe_label


def drawn(factors, others=("b",), first="a", left_out=()):
    figure = changed(factors, others, first, "The point", left_out)
    figure.draw_without_rendering()
    return figure


def words(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def boxes(figure):
    """Where everything that is written stands [pixel]."""
    axes = figure.axes[0]
    low, high = axes.get_xlim()
    ticks = [label for label in axes.get_xticklabels() if low <= label.get_position()[0] <= high]
    shown = [*axes.texts, *axes.get_yticklabels(), *ticks, axes._left_title, *figure.texts, *figure.legends]
    return [one.get_window_extent() for one in shown if getattr(one, "get_text", lambda: "legend")().strip()]


@pytest.mark.parametrize(
    ("factors", "others", "said"),
    [
        pytest.param({"Z51  ticket": {"b": 0.625}, "Z52  yuan": {"b": 2}}, ["b"], ["0.62×", "2×"], id="one"),
        pytest.param({"Z51": {"b": 0.5, "d": 3}}, ["b", "c", "d"], ["0.5×", "3×"], id="several"),
        pytest.param(
            {"Z51": {str(n): n for n in (2, 3, 9)}}, list("abcdefghi"), ["9×"], id="many: the range"
        ),
        pytest.param({"Z51": {"a": 0.2, "b": 4}}, list("abcdefghi"), ["0.2×", "4×"], id="many, both ways"),
        pytest.param({}, ["b"], [], id="nothing changed"),
    ],
)
def test_each_factor_stands_beside_its_dot(factors, others, said):
    figure = drawn(factors, others)
    assert sorted(words(figure)) == said
    assert figure.axes[0].get_xscale() == "log"


@pytest.mark.parametrize(
    "values",
    [
        [[0.625]] * 20,
        [[1.0001, 0.9999]],
        [[1, 1, 1, 1, 1]] * 3,
        [[1e-9, 1e9, 3]],
        [[780650434.0, 0.001953125]],
        [[0.84, 0.9, 0.78], [0.1, 30]],
    ],
    ids=str,
)
@pytest.mark.parametrize("label", ["b", "x" * 150])
def test_no_label_stands_on_another_or_outside(values, label):
    others = [f"{label}{n}" for n in range(max(map(len, values)))]
    factors = {f"Z{at}  the claim": dict(zip(others, row, strict=False)) for at, row in enumerate(values)}
    figure = drawn(factors, others, first=label, left_out=[label])
    found = boxes(figure)
    for one, other in itertools.combinations(found, 2):
        # boxes may touch: a font's line is a little higher than its letters
        across = min(one.x1, other.x1) - max(one.x0, other.x0)
        down = min(one.y1, other.y1) - max(one.y0, other.y0)
        assert across < 2 or down < 4
    for one in found:
        assert one.x0 >= -1
        assert one.x1 <= figure.bbox.x1 + 1


def test_only_as_many_results_as_there_are_looks_are_told_apart_and_each_is_named():
    others = [f"_{n}" for n in range(len(LOOKS))]
    (legend,) = drawn({"Z51": dict.fromkeys(others, 2.0)}, others).legends
    assert [text.get_text() for text in legend.get_texts()] == others
    assert drawn({"Z51": {"0": 2.0}}, [str(n) for n in range(len(LOOKS) + 1)]).legends == []


def test_what_it_is_compared_with_and_what_is_left_out_stand_at_the_foot():
    foot = drawn({"Z51": {"b": 2.0}}, first="out/articles", left_out=["Z1", "Z2"])._supxlabel.get_text()
    assert foot.splitlines() == ["1×: out/articles", "dots: b", "changed without a factor: Z1, Z2"]


@pytest.mark.parametrize("name", ["漢字", "$x$", "_", "\x1b[31m\nb", " ", "\ud800"])
def test_any_name_is_drawn_without_a_warning_and_the_same_bytes_each_time(name):
    shown = [
        show.show(drawn({name: {name: 2.0}}, [name], first=name, left_out=[name]), "compare", "alt").svg
        for _ in range(2)
    ]
    assert shown[0] == shown[1]
    assert "\n" not in safe_label(name, "instead")


@pytest.mark.parametrize("factors", [[0.62], [1.0004], [0.9996, 1.0001], [0.5, 1.2], [30], [1e-6, 1e6]])
def test_the_axis_is_marked_at_one_and_elsewhere(factors):
    axes = drawn({f"Z{at}": {"b": factor} for at, factor in enumerate(factors)}).axes[0]
    marks = [label.get_text() for label in axes.get_xticklabels()]
    assert "1×" in marks
    assert len(marks) > 1
    assert len(set(marks)) == len(marks)


@pytest.mark.parametrize("count", range(1, len(LOOKS) + 1))
def test_the_dots_of_a_claim_stay_in_its_row(count):
    others = [str(n) for n in range(count)]
    axes = drawn({"Z51": dict.fromkeys(others, 2.0), "Z52": {}}, others).axes[0]
    assert len(axes.texts) == count
    assert all(-0.5 < text.xy[1] < 0.5 for text in axes.texts)


def test_a_factor_is_written_on_the_side_away_from_one_where_no_line_runs():
    axes = drawn({"Z51": {"b": 0.5, "c": 2.0}}, ["b", "c"]).axes[0]
    assert {text.get_text(): text.get_ha() for text in axes.texts} == {"0.5×": "right", "2×": "left"}
