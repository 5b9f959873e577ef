"""The Python API's documentation, in a browser with nothing to load from elsewhere."""

import subprocess
import sys


def test_a_formula_is_found_by_searching_the_documentation(pages, tmp_path):
    command = ["-W", "ignore:Error parsing type annotation", "-m", "pdoc", "-d", "google", "-o", tmp_path]
    subprocess.run([sys.executable, *command, "costcheck"], check=True, cwd=tmp_path)
    page = pages()
    page.goto((tmp_path / "costcheck.html").as_uri())
    page.get_by_placeholder("Search").fill("gpus_for_deadline")
    page.locator("main").get_by_role("link", name="gpus_for_deadline").first.click()
    page.wait_for_url("**/formulas*.html#gpus_for_deadline")
    assert "Budget [GPU-hour]" in page.locator("main").inner_text()
