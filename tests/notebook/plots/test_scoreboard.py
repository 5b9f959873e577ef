"""The chart of verdicts: what stands on the page, not pixels."""

from matplotlib.patches import Polygon, Rectangle

from costcheck.notebook.plots.scoreboard import scoreboard

CLAIMS = (
    ("A1", "one", "holds", "wrong category"),
    ("A2", "one", "holds", "sound"),
    ("A3", "one", "holds (unverified data)", "sound"),
    ("A4", "one", "off by 9.9×", "unsupported"),
    ("A5", "one", "wrong (unverified data)", "sound"),
    ("B1", "two", "holds", "sound"),
    ("B2", "two", "not computable", ""),
)


def drawn(claims=CLAIMS):
    return scoreboard(
        *(list(column) for column in zip(*claims, strict=True)), title="3 hold", subtitle="a tile a claim"
    )


def tiles(figure):
    """The tiles by what is written on them; those of the key have no text."""
    found = [patch for patch in figure.axes[0].patches if (patch.get_gid() or "").startswith("tile ")]
    return {tile.get_gid().removeprefix("tile "): tile for tile in found if tile.get_gid() != "tile "}


def test_each_claim_has_one_tile_with_its_id_on_it():
    figure = drawn()
    ids = [id_ for id_, *_ in CLAIMS]
    assert sorted(tiles(figure)) == sorted(ids)
    assert sorted(text.get_text() for text in figure.axes[0].texts if text.get_text() in ids) == sorted(ids)


def test_tiles_stand_in_the_row_of_their_verdict_and_the_column_of_their_article():
    place = {id_: tile.get_xy() for id_, tile in tiles(drawn()).items()}
    assert (
        place["A1"][1] == place["A2"][1] == place["B1"][1] < place["A3"][1] < place["A4"][1] < place["A5"][1]
    )
    assert max(place[id_][0] for id_ in ("A1", "A2", "A3", "A4", "A5")) < place["B1"][0]


def test_claims_in_the_wrong_category_stand_last_in_their_row():
    place = {id_: tile.get_x() for id_, tile in tiles(drawn()).items()}
    assert place["A2"] < place["A1"]


def test_only_tiles_on_unverified_data_are_hatched_whatever_the_verdict():
    assert {id_ for id_, tile in tiles(drawn()).items() if tile.get_hatch()} == {"A3", "A5"}


def test_a_premise_is_marked_on_its_tile():
    patches = drawn().axes[0].patches
    corners = [patch for patch in patches if isinstance(patch, Polygon)]
    frames = [patch for patch in patches if isinstance(patch, Rectangle) and not patch.get_fill()]
    assert (len(corners), len(frames)) == (1 + 1, 2 + 2)  # on the tiles, and in the key


def test_the_number_of_claims_stands_beside_each_row_of_each_article():
    said = [text.get_text() for text in drawn().axes[0].texts]
    assert said.count("2") == 1  # A1 and A2 hold
    assert {"one: 5 claims", "two: 2 claims"} <= set(said)


def test_a_long_row_is_wrapped_and_pushes_the_next_one_down():
    many = (*((f"A{n}", "one", "holds", "sound") for n in range(40)), ("A99", "one", "wrong", "sound"))
    found = tiles(drawn(many))
    assert len({found[f"A{n}"].get_y() for n in range(40)}) == 3  # 18 tiles across
    assert found["A99"].get_y() > found["A39"].get_y() + 1


def test_no_text_covers_another(tidy):
    kinds = ("holds", "wrong") * 40
    tidy(drawn(tuple((f"Z{n}", ("one", "two")[n % 2], kind, "") for n, kind in enumerate(kinds))))
