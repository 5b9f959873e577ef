"""The rules that `conftest.py` holds pages to can be broken."""

import pytest


@pytest.mark.parametrize(
    ("body", "of"),
    [
        ("<script>console.error('wrong')</script>", "complaints"),
        ("<script>throw Error('wrong')</script>", "complaints"),
        ("<img src='http://192.0.2.1/a.png'>", "outside"),
        ("<script>try { new WebSocket('ws://192.0.2.1/') } catch {}</script>", "outside"),
    ],
)
def test_a_page_that_complains_or_asks_outside_is_noticed(body, of, pages, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><title>t</title>{body}")
    page = pages()
    page.goto(file.as_uri(), wait_until="commit")
    page.wait_for_timeout(300)
    assert getattr(page, of)
    page.complaints.clear()
    page.outside.clear()


def test_what_a_screen_reader_cannot_name_is_noticed(pages, faults, tmp_path):
    file = tmp_path / "page.html"
    file.write_text("<!doctype html><html lang=en><title>t</title><main><h1>t</h1><input></main>")
    page = pages()
    page.goto(file.as_uri())
    assert [fault.partition(" ")[0] for fault in faults(page)] == ["label"]
