"""`import costcheck as cc`: what a notebook of somebody's own calls."""

from __future__ import annotations

import subprocess
import sys

import pytest

import costcheck as cc
from costcheck.claims import verdicts
from costcheck.claims.kinds_and_colours import LOOKS
from costcheck.claims.loading import example
from costcheck.errors import InputError
from costcheck.prices import own_file
from costcheck.prices.quotes import Quote

MINE = Quote("h100_usd", 28_000.0, None, None, "USD/GPU", "2024-08-31", "an offer", "primary", None)


@pytest.mark.parametrize(
    "code",
    [
        "import costcheck as cc; assert not [name for name in sys.modules if name.startswith('costcheck.')]",
        "from costcheck.notebook.show import check; import costcheck.prices; import costcheck as cc",
        "import costcheck as cc; cc.prices(); import costcheck.prices.book",
        "from costcheck import prices; import costcheck as cc; assert prices is cc.prices",
    ],
)
def test_prices_can_be_called_whatever_was_imported_before_and_the_package_alone_imports_nothing(code):
    code = f"import sys; {code}; print(cc.prices(h100_usd=25_000)['h100_usd'], cc.formulas.purchase(2, 3))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("25000.0 6\n", "")


def test_prices_are_of_a_day_a_file_and_the_readers_own(tmp_path):
    own_file.write(tmp_path / "mine.csv", [MINE])
    assert cc.prices()["h100_usd"] == 40_000
    assert cc.prices(as_of="2024-07-31").scenario == "as of 2024-07-31"
    assert cc.prices(book=tmp_path / "mine.csv")["h100_usd"] == 28_000
    mine = cc.prices(as_of="2024-09-30", book=str(tmp_path / "mine.csv"), pue="1.2 ")
    assert (mine["h100_usd"], mine.scenario) == (28_000, "mine.csv as of 2024-09-30;pue=1.2")


def test_a_book_shows_what_differs_as_text_and_as_a_table_with_nothing_of_a_files_name_as_markup():
    book = cc.prices(as_of="2024-07-31", pue=1.2)
    assert repr(book).splitlines()[0] == "as of 2024-07-31;pue=1.2: 4 prices differ from the articles'"
    assert "  h100_usd  36,017.75 USD/GPU, not 40,000 (as of 2024-07-31)" in repr(book).splitlines()
    assert repr(cc.prices()) == "article: no prices differ from the articles'"
    table = cc.prices().with_quotes([MINE], "<b>.csv")._repr_html_()
    assert "<td>h100_usd</td><td>28,000 USD/GPU</td><td>40,000</td><td>&lt;b&gt;.csv</td>" in table


def test_verdicts_are_those_of_the_command_each_by_its_id_or_all_as_a_table():
    checked = cc.check(cc.prices(h100_usd=25_000))
    assert list(checked) == verdicts(cc.prices(h100_usd=25_000))
    assert list(cc.check()) == verdicts()
    data, _ = checked._repr_mimebundle_()
    assert "1.075 billion USD" in data["text/html"]
    assert data["text/plain"] == repr(checked)
    assert repr(checked["J37"]).endswith("億 (1e8) read as a billion")
    with pytest.raises(InputError, match=r"^unknown claim 'Z510': did you mean 'Z51'\?$"):
        checked["Z510"]


def test_an_article_of_ones_own_is_checked_at_ones_own_prices(tmp_path):
    (tmp_path / "mine.yaml").write_bytes(example("deepseek_v3").read_bytes())
    for article in (str(tmp_path / "mine.yaml"), tmp_path / "mine.yaml", "deepseek_v3"):
        checked = cc.check(article, prices=cc.prices(usd_cny=7))
        assert [verdict.claim.id for verdict in checked][:2] == ["D1", "D2"]
    with pytest.raises(InputError, match=r"no\.yaml: cannot be read"):
        cc.check("no.yaml")
    with pytest.raises(InputError, match="two price books"):
        cc.check(cc.prices(), prices=cc.prices())
    with pytest.raises(InputError, match="not a list: give a file of claims"):
        cc.check(["mine.yaml"])


def test_a_frame_has_numbers_as_numbers_and_kinds_as_categories():
    checked = cc.check(cc.prices(h100_usd=25_000))
    frame = checked.frame()
    assert frame.loc["Z51", ["value", "recomputed", "at_your_prices"]].tolist() == [1.7e9, 1.72e9, 1.075e9]
    assert frame["kind"].cat.ordered
    assert list(frame["kind"].cat.categories) == [look.words for look in LOOKS]
    assert frame.at["J37", "kind"] == "off by a factor"
    assert frame["premise"].dtype == "category"
    assert frame["kind"].notna().all()
    assert len(frame) == len(checked)
