"""JupyterLab as a reader sees it: each notebook opened, run, changed."""

import json
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
COMMITTED = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
TALL = 12_000  # so that every cell is on screen


def code(name):
    return [cell for cell in COMMITTED[name]["cells"] if cell["cell_type"] == "code"]


def images(page):
    return page.locator(".jp-OutputArea-output img").evaluate_all("images => images.map(image => image.src)")


def test_restart_and_run_all_shows_the_committed_figures_and_saves_the_same_bytes(lab, pages):
    name = "01_training_time"
    page = pages(1280, TALL)
    lab.open(page, name)
    lab.run(page, len(code(name)))
    for kind in ("error", "stderr"):
        assert page.locator(f"[data-mime-type='application/vnd.jupyter.{kind}']").all_inner_texts() == []
    drawn = page.locator(".jp-OutputArea-output img").evaluate_all(
        "images => images.map(image => [image.alt, image.complete && image.naturalWidth > 100])"
    )
    figures = [output["metadata"].get("costcheck") for cell in code(name) for output in cell["outputs"]]
    assert drawn == [[figure["alt"], True] for figure in figures if figure]
    assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0
    with page.expect_response(lambda answer: answer.request.method == "PUT" and name in answer.url):
        page.keyboard.press("Control+s")
    assert (lab.folder / f"{name}.ipynb").read_bytes() == (NOTEBOOKS / f"{name}.ipynb").read_bytes()


def test_a_price_changed_in_the_parameters_cell_redraws_everything_below(lab, pages):
    name, price = "02_entry_ticket", "25000"
    page = pages(1280, TALL)
    lab.open(page, name)
    assert page.locator(".lm-TabBar-tab.jp-mod-dirty").count() == 0  # a notebook that is merely opened
    lab.run(page, len(code(name)))
    ticket = page.locator("table.costcheck tr", has=page.get_by_text("Z51", exact=True)).locator("td").nth(6)
    assert "1.72 billion USD" in ticket.inner_text()
    before = images(page)
    line = page.locator(".jp-CodeCell").first.locator(".cm-line", has_text="h100_usd")
    line.click()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+End")
    page.keyboard.type(f"h100_usd: float = {price}")
    lab.menu(page, "Run", "Run Selected Cell and All Below")
    page.get_by_text("43,000 H100s at 25,000 USD each").wait_for()
    lab.executed(page, len(code(name)))
    assert ticket.inner_text() == "1.075 billion USD: does not hold"  # 43,000 * 25,000
    assert [old == new for old, new in zip(before, images(page), strict=True)] == [False] * len(before)


def test_the_notebook_of_the_calculator_shows_it_and_asks_its_kernel(lab, pages):
    page = pages(1280, 1600)
    lab.open(page, "calculator")
    lab.menu(page, "Run", "Run All Cells")
    price = page.locator("[data-key=h100_usd] input[type=text]")
    price.fill("25000")
    price.press("Enter")
    page.locator(".tiles").get_by_text("1.075 billion USD").wait_for()
    lab.menu(page, "Kernel", "Restart Kernel")
    page.get_by_role("button", name="Confirm Kernel Restart").click()
    lab.idle(page)
    price.fill("30000")
    price.press("Enter")
    page.get_by_text("The kernel was restarted: run this cell again.").wait_for()
    page.close()
    page.complaints.clear()  # JupyterLab's own, where there are any
