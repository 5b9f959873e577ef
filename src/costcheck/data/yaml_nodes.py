"""YAML files as plain trees with a line for each part; refused is all that a file of data does not need.

Aliases can make a small file a huge one, tags can name Python objects, and depth can end a parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from costcheck.errors import InputError

LARGEST = 8 * 2**20
"""A file [byte]; a thousand claims take less than one of them."""
MOST_PARTS = 1_000_000
"""Texts, lists and mappings in a file; a hundred thousand scenarios of four prices take fewer."""
LONGEST_SHOWN = 100
UNSEEN = r"\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
"""What no one sees: it turns text around, ends a line, or makes two names look like one.

Joiners (U+200C, U+200D) are none of these: Persian, Hindi and emoji are written with them."""
CONTROLS = re.compile(rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{UNSEEN}\ud800-\udfff]")
"""What is no text: it could move, colour or turn around what a terminal shows; and half a character."""


class Node(NamedTuple):
    """A part of a file: text, a list or a mapping, and the line it begins in.

    A plain text, without quotes, may stand for a number, true or nothing; which, the caller decides.
    """

    line: int
    value: str | list[Node] | dict[str, Node]
    plain: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether it is empty, in one of YAML's ways to write it."""
        return self.plain and self.value in ("", "~", "null", "Null", "NULL")

    @property
    def parts(self) -> Mapping[Any, Node]:
        """What is in it: by key, of a list by place, of a text nothing."""
        if isinstance(self.value, str):
            return {}
        return self.value if isinstance(self.value, dict) else dict(enumerate(self.value))

    def text(self, key: str) -> str:
        """Return the text of a key; empty where there is none."""
        part = self.parts.get(key)
        return part.value if part and isinstance(part.value, str) and not part.is_nothing else ""


def read(content: bytes, name: str, *, deepest: int, most: int, parts: int = MOST_PARTS) -> Node | None:
    """Read the one document of a YAML file in UTF-8; ``None`` where it holds nothing but comments.

    At most ``deepest`` lists and mappings may stand within one another, with ``most`` items in each, and
    ``parts`` in all: short lists within short lists add up.

    Raises:
        InputError: It is no YAML in UTF-8, or has more than that, or what data does not need.
    """
    import yaml

    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{name}, line {line}: not text in UTF-8 ({error.reason})") from None
    try:
        # events rather than composed nodes: what is refused is refused before it is built, and building
        # nodes recurses in C without a limit
        events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        next(events)
        if isinstance(next(events), yaml.StreamEndEvent):
            return None
        reader = _Reader(name, deepest, most, parts, events)
        root = reader.node(next(events), 0)
        next(events)
        following = next(events)
        if not isinstance(following, yaml.StreamEndEvent):
            raise reader.error(following, "a second document; a file holds one")
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        mark = getattr(error, "problem_mark", None)
        where = f"{name}, line {mark.line + 1}" if mark else name
        if mark and text.startswith("\t", mark.index):
            raise InputError("a tab; indent with blanks", where=where) from None
        raise InputError(f"{where}: not YAML ({problem})") from None
    return root


class _Reader:
    def __init__(self, name: str, deepest: int, most: int, parts: int, events: Iterator[Any]) -> None:
        import yaml

        self.name, self.deepest, self.most, self.parts, self.events = name, deepest, most, parts, events
        self.count, self.yaml = 0, yaml

    def error(self, event: Any, problem: str) -> InputError:
        return InputError(problem, where=f"{self.name}, line {event.start_mark.line + 1}")

    def node(self, event: Any, depth: int) -> Node:
        yaml, wrong = self.yaml, None
        self.count += 1
        if isinstance(event, yaml.AliasEvent):
            wrong = "aliases (*name) are not allowed; write the value again"
        elif event.anchor is not None:
            wrong = f"anchors (&{shown(event.anchor)}) are not allowed; write the value where it is needed"
        elif event.tag is not None:
            wrong = f"tags ({shown(event.tag)}) are not allowed; write the plain value"
        elif self.count > self.parts:
            wrong = f"more than {self.parts:,} parts in the file (texts, lists, mappings)"
        elif isinstance(event, yaml.ScalarEvent):
            text = event.value
            if text.isprintable() or not (control := CONTROLS.search(text)):
                return Node(event.start_mark.line + 1, text, event.implicit[0])
            wrong = f"control characters are not allowed, as U+{ord(control[0]):04X}"
        elif depth == self.deepest:
            wrong = f"nested more than {self.deepest} deep"
        if wrong:
            raise self.error(event, wrong)
        line = event.start_mark.line + 1
        is_list = isinstance(event, yaml.SequenceStartEvent)
        built: dict[Any, Node] = {}  # of a list, by place
        while not isinstance(event := next(self.events), yaml.CollectionEndEvent):
            key: int | str = len(built)
            if key == self.most:
                what = "items in one list" if is_list else "keys in one mapping"
                raise self.error(event, f"more than {self.most:,} {what}")
            if not is_list:
                if not isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
                    raise self.error(event, "a key is expected here")
                key = str(self.node(event, depth).value)
                if key in built:
                    raise self.error(event, f"duplicate key {shown(key)!r}")
                event = next(self.events)
            built[key] = self.node(event, depth + 1)
        return Node(line, list(built.values()) if is_list else built)


def shown(text: str) -> str:
    r"""Cut a text that is too long for a message, and leave out what is no text.

    >>> shown("x" * 200) == "x" * 100 + "...", shown("\x1b[31mred")
    (True, '[31mred')
    """
    text = CONTROLS.sub("", text)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
