"""YAML files as plain trees with a line for each part; refused is all that a file of data does not need.

Anchors and aliases can make a small file a huge one, tags can name Python objects, and depth can end a
parser. None of them has a use in an article or in scenarios.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Node:
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


class NodeError(InputError):
    """Something that is not allowed, with its place in the tree and what was read around it so far."""

    def __init__(
        self, name: str, line: int, at: tuple[str | int, ...], around: tuple[Any, ...], problem: str
    ) -> None:
        super().__init__(problem, where=f"{name}, line {line}")
        self.line, self.at, self.around = line, at, around


def read(content: bytes, name: str, *, deepest: int, most: int, parts: int = MOST_PARTS) -> Node | None:
    """Read the one document of a YAML file in UTF-8; ``None`` where it holds nothing but comments.

    At most ``deepest`` lists and mappings may stand within one another, with ``most`` items in each, and
    ``parts`` in all: short lists within short lists add up.

    Raises:
        InputError: It is no YAML in UTF-8, too large, or has a second document.
        NodeError: It has more depth or parts than allowed, or what data does not need.
    """
    import yaml

    if len(content) > LARGEST:
        raise InputError(f"{name}: larger than {LARGEST // 2**20} MiB, which no file of its kind needs")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{name}, line {line}: not text in UTF-8 ({error.reason})") from None
    reader = _Reader(name, deepest, most, parts)
    try:
        # events rather than composed nodes: what is refused is refused before it is built, and building
        # nodes recurses in C without a limit
        events = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        next(events)
        if isinstance(next(events), yaml.StreamEndEvent):
            return None
        root = reader.node(events, next(events))
        next(events)
        following = next(events)
        if not isinstance(following, yaml.StreamEndEvent):
            raise reader.error(following, "a second document; a file holds one")
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        mark = getattr(error, "problem_mark", None)
        where = f"{name}, line {mark.line + 1}" if mark else name
        raise InputError(f"{where}: not YAML ({problem})") from None
    return root


class _Reader:
    def __init__(self, name: str, deepest: int, most: int, parts: int) -> None:
        self.name, self.deepest, self.most, self.parts = name, deepest, most, parts
        self.count = 0
        self.at: list[str | int] = []
        self.around: list[Any] = []

    def error(self, event: Any, problem: str) -> NodeError:
        return NodeError(self.name, event.start_mark.line + 1, tuple(self.at), tuple(self.around), problem)

    def node(self, events: Iterator[Any], event: Any) -> Node:
        import yaml

        if isinstance(event, yaml.AliasEvent):
            raise self.error(event, "aliases (*name) are not allowed; write the value again")
        if event.anchor is not None:
            given = f"anchors (&{shown(event.anchor)})"
            raise self.error(event, f"{given} are not allowed; write the value where it is needed")
        if event.tag is not None:
            raise self.error(event, f"tags ({shown(event.tag)}) are not allowed; write the plain value")
        line = event.start_mark.line + 1
        self.count += 1
        if self.count > self.parts:
            raise self.error(event, f"more than {self.parts:,} parts in the file (texts, lists, mappings)")
        if isinstance(event, yaml.ScalarEvent):
            if control := CONTROLS.search(event.value):
                raise self.error(event, f"control characters are not allowed, as U+{ord(control[0]):04X}")
            return Node(line, event.value, event.implicit[0])
        if len(self.around) == self.deepest:
            del self.at[2:]  # the whole way down would say nothing
            raise self.error(event, f"nested more than {self.deepest} deep")
        is_list = isinstance(event, yaml.SequenceStartEvent)
        built: dict[Any, Node] = {}  # of a list, by place
        self.around.append(built)
        while not isinstance(event := next(events), yaml.CollectionEndEvent):
            if len(built) == self.most:
                what = "items in one list" if is_list else "keys in one mapping"
                raise self.error(event, f"more than {self.most:,} {what}")
            if is_list:
                key: str | int = len(built)
            elif isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
                key = str(self.node(events, event).value)
            else:
                raise self.error(event, "a key is expected here")
            self.at.append(key)
            if key in built:
                raise self.error(event, f"duplicate key {shown(str(key))!r}")
            built[key] = self.node(events, event if is_list else next(events))
            self.at.pop()
        self.around.pop()
        return Node(line, list(built.values()) if is_list else built)


def shown(text: str) -> str:
    r"""Cut a text that is too long for a message, and leave out what is no text.

    >>> shown("x" * 200) == "x" * 100 + "...", shown("\x1b[31mred")
    (True, '[31mred')
    """
    text = CONTROLS.sub("", text)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
