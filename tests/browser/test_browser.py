"""The rules that `conftest.py` checks every page against can be broken."""

import pytest


@pytest.mark.parametrize(
    ("body", "of"),
    [
        ("<script>console.error('wrong')</script>", "complaints"),
        ("<img src='http://192.0.2.1/a'>", "outside"),
    ],
)
def test_a_page_that_complains_asks_outside_or_cannot_be_read_aloud_is_noticed(
    body, of, pages, faults, tmp_path
):
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><html lang=en><title>t</title><main><h1>t</h1><input></main>{body}")
    page = pages()
    page.goto(file.as_uri(), wait_until="commit")
    assert "label" in [fault.partition(" ")[0] for fault in faults(page)]
    assert getattr(page, of)
    page.complaints.clear()
    page.outside.clear()
