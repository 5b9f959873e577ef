"""YAML as plain trees: what is read, with its lines, and what is refused before it can do harm."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck.data.yaml_nodes import Node, read
from costcheck.errors import InputError


def tree(text, deepest=9, most=99):
    content = text if isinstance(text, bytes) else text.encode()
    return read(content, "it.yaml", deepest=deepest, most=most)


def test_each_part_knows_the_line_it_begins_in_and_whether_it_was_quoted():
    root = tree("a: 1\nb:\n  - 'x'\n  - y: z\n")
    assert root.value["a"] == Node(1, "1", True)
    quoted, mapping = root.value["b"].value
    assert quoted == Node(3, "x", False)
    assert mapping.value["y"] == Node(4, "z", True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a: 1\nb: !!python/object:os.system x\n", "line 2: tags (tag:yaml", id="tag"),
        pytest.param("!mine%1B k: x\n", "line 1: tags (!mine) are not allowed", id="a tag of a key"),
        pytest.param("a: 1\nb: &x [1]\n", "line 2: anchors (&x) are not allowed", id="anchor"),
        pytest.param("a: *x\n", "line 1: aliases (*name) are not allowed", id="alias"),
        pytest.param("a: 1\nb: 2\na: 3\n", "line 3: duplicate key 'a'", id="doubled key"),
        pytest.param("? [1]\n: 2\n", "line 1: a key is expected here", id="a list as key"),
        pytest.param("a: 1\n---\nb: 2\n", "line 2: a second document; a file holds one", id="two documents"),
        pytest.param("a:\n\tb: 1\n", "it.yaml, line 2: a tab; indent with blanks", id="a tab"),
        pytest.param("a: \x07\n", "it.yaml: not YAML", id="a control character"),
        pytest.param(b"a: 1\nb: \xff\n", "line 2: not text in UTF-8", id="not UTF-8"),
        pytest.param("[" * 100_000, "line 1: nested more than 9 deep", id="depth that ends a process"),
        pytest.param(f"[{'1,' * 100}]", "line 1: more than 99 items in one list", id="a long list"),
        pytest.param("\n".join(f"k{n}: 1" for n in range(100)), "line 100: more than 99", id="many keys"),
        # what moves what a terminal shows
        ('a: 1\nb: "\\e[31mred"', "line 2: control characters are not allowed, as U+001B"),
        ("a: 1\nb: x\u202ey", "line 2: control characters are not allowed, as U+202E"),
    ],
)
def test_what_data_does_not_need_is_refused_with_its_line(text, message):
    with pytest.raises(InputError) as refused:
        tree(text)
    assert message in str(refused.value)
    assert str(refused.value).startswith("it.yaml")
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 300


def test_lists_of_lists_are_bounded_as_a_whole():
    # each list is short enough; all in all there are 30 * 31 + 1 parts
    many = f"[{','.join(['[' + ','.join('x' * 30) + ']'] * 30)}]"
    assert read(many.encode(), "it.yaml", deepest=9, most=30, parts=931) is not None
    with pytest.raises(InputError, match="line 1: more than 930 parts in the file"):
        read(many.encode(), "it.yaml", deepest=9, most=30, parts=930)


@settings(max_examples=150)
@given(st.text(alphabet="ab: -[]{}\n#\"'&*!|>?%@,\t\u00e9~", max_size=40))
def test_any_text_is_read_or_refused(text):
    try:
        tree(text)
    except InputError as error:
        assert str(error).startswith("it.yaml")  # noqa: PT017
