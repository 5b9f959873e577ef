"""The charts of memory: what stands on the page, not pixels."""

import pytest

from costcheck.notebook.plots.serving import memory_by_context, weights_by_precision

LARGE, SMALL = [1640.0, 820.0, 410.0, 205.0], [276.0, 138.0, 69.0, 34.5]


def weights():
    return weights_by_precision(
        {"fp32": 4, "bf16": 2, "fp8": 1, "int4": 0.5},
        {"Llama 3.1 405B": LARGE, "Llama 2 70B": SMALL},
        compared=(("Llama 3.1 405B", "bf16"), ("Llama 2 70B", "fp32")),
        remark="the articles compare these two",
        title="Like against like",
    )


def memory(gb_per_user=66.0):
    return memory_by_context(
        [1.0, 64_000.0, 128_000.0],
        weights_gb={"bf16": 812.0, "fp8": 406.0},
        cache_gb={users: [0.0, users * gb_per_user / 2, users * gb_per_user] for users in (1, 4, 16)},
        gpu="H100s",
        gpu_memory_gb=80.0,
        fleets=(8, 16),
        title="What serving takes",
    )


def test_bars_begin_at_zero_and_are_as_high_as_the_weights():
    bars = weights().axes[0].patches
    assert [bar.get_y() for bar in bars] == [0] * 8
    assert [bar.get_height() for bar in bars] == LARGE + SMALL


def test_only_the_two_bars_compared_are_in_full_colour():
    strong = [bar.get_height() for bar in weights().axes[0].patches if bar.get_alpha() == 1]
    assert strong == [820, 276]


def test_the_ratio_of_the_bars_compared_stands_above_them_and_like_against_like_below(written):
    texts = written(weights())
    assert "the articles compare these two: 3.0 times" in texts  # 820 / 276 = 2.97
    assert sum(text.endswith("5.9 times Llama 2 70B") for text in texts) == 4  # 820 / 138 = 5.94


def test_a_line_rises_from_the_weights_by_what_its_users_need():
    left, right = memory().axes
    ends = [(line.get_ydata()[0], line.get_ydata()[-1]) for line in left.lines[:3]]
    assert ends == [(812, 878), (812, 1076), (812, 1868)]
    assert right.lines[0].get_ydata()[0] == 406


def test_both_panels_have_one_scale_from_zero_and_the_memory_of_each_fleet():
    left, right = memory().axes
    assert left.get_ylim() == right.get_ylim()
    assert left.get_ylim()[0] == 0
    for axes in (left, right):
        assert [line.get_ydata()[0] for line in axes.lines[3:]] == [8 * 80, 16 * 80]


def test_fleets_are_in_view_though_the_model_be_small():
    assert memory(gb_per_user=0.001).axes[0].get_ylim()[1] > 16 * 80


@pytest.mark.parametrize("gb_per_user", [0.5, 66.0, 500.0])
def test_the_names_of_lines_do_not_overlap_nor_leave_the_page(gb_per_user, boxes):
    figure = memory(gb_per_user)
    names = [(text, box) for text, box in boxes(figure) if "user" in text and "context" not in text]
    assert [text for text, _ in names] == ["1 user", "4 users", "16 users"] * 2
    assert not any(box.count_overlaps([other for _, other in names]) > 1 for _, box in names)
    assert all(box.x1 <= figure.bbox.width for _, box in names)


def test_no_text_of_the_weights_overlaps_another(tidy):
    tidy(weights())
