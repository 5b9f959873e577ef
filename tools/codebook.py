"""The codebook of ``data/``: ``datapackage.json`` told as a page a reader can use.

``python -m tools.codebook`` writes ``data/README.md`` anew; a test keeps the two equal.
"""

from __future__ import annotations

import json
from typing import Any

from costcheck.data.tables import home

TYPES = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "date": "date",
}


def codebook(package: dict[str, Any]) -> str:
    """Write out a data package as Markdown.

    Args:
        package: A Frictionless Data Package whose ``resources`` hold table schemas. A numeric field gives
            its ``unit``. Beyond the standard it may hold ``verification_words`` (word, meaning),
            ``common_fields`` (explained once, not in each table), ``not_verified`` (resource, rows, what)
            and ``not_found`` (texts).

    Returns:
        The page, ending in a newline.

    Raises:
        KeyError: A resource or a field lacks what the page needs, such as a description.

    >>> field = {"name": "mass", "type": "number", "unit": "kg", "description": "Rest mass"}
    >>> table = {"name": "t", "path": "t.csv", "title": "T", "description": "A row is one.",
    ...          "licenses": [], "sources": [], "schema": {"fields": [field]}}
    >>> print(codebook({"title": "D", "description": "All.", "resources": [table]}).splitlines()[-1])
    | `mass` | number | kg | Rest mass |  |
    """
    common = package.get("common_fields", [])
    sections = [_head(package, common)]
    sections += [_table(resource, common) for resource in package["resources"]]
    return "\n\n".join(sections) + "\n"


def main() -> None:
    """Write ``README.md`` beside ``datapackage.json``."""
    folder = home("data")
    package: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    page = folder / "README.md"
    page.write_text(codebook(package), encoding="utf-8", newline="\n")
    print(f"wrote {page}: {len(package['resources'])} tables")


def _head(package: dict[str, Any], common: list[dict[str, Any]]) -> str:
    parts = [
        "<!-- Made by `python -m tools.codebook` from datapackage.json: change that file, not this. -->",
        f"# {package['title']}",
        package["description"],
        "Tables are CSV in UTF-8; an empty cell means that nothing is known or applies. "
        "The code of this project is under the MIT licence. "
        "**The rows are not: each keeps the terms of its source**, named under each table.",
        _grid(
            ["table", "what it holds"],
            [[f"[{each['path']}](#{_anchor(each['path'])})", each["title"]] for each in package["resources"]],
        ),
    ]
    if common:
        parts += [
            "## Columns of every table",
            "Nearly every table has `note`, `source`, `as_of` and `verification`; some also have `trait`.",
            _fields(common),
            "**as_of** is as exact as the source allows: a day, a month or a year. "
            "Where a figure changed later, each value has a row or a column of its own.",
            "**trait** tells figures apart that share a unit but are not the same thing: GPUs for training "
            "are not GPUs for serving (`phase=`), a size in BF16 is not one in FP32 (`precision=`), "
            "words are not characters (`counted_in=`). A claim that offers one as the other is found by it.",
        ]
    if "verification_words" in package:
        words = [[f"`{each['word']}`", each["meaning"]] for each in package["verification_words"]]
        parts += [
            "**verification** begins with one of these, and may go on after a colon:",
            _grid(["word", "meaning"], words),
        ]
    if "not_verified" in package:
        parts += [
            "## What is not verified",
            _grid(
                ["table", "rows", "what"],
                [
                    [f"{each['resource']}.csv", str(each["rows"]), each["what"]]
                    for each in package["not_verified"]
                ],
            ),
        ]
    if "not_found" in package:
        parts += ["Looked for and not found, so no figure of theirs is used:", _bullets(package["not_found"])]
    return "\n\n".join(parts)


def _table(resource: dict[str, Any], common: list[dict[str, Any]]) -> str:
    fields: list[dict[str, Any]] = resource["schema"]["fields"]
    shared = {field["name"] for field in common} & {field["name"] for field in fields}
    parts = [f"## {resource['path']}", f"**{resource['title']}.** {resource['description']}"]
    key = resource["schema"].get("primaryKey")
    if key:
        parts.append(
            "One row for each "
            + " and ".join(f"`{name}`" for name in ([key] if isinstance(key, str) else key))
            + "."
        )
    if resource["licenses"]:
        parts += ["Terms:", _bullets([_link(each) for each in resource["licenses"]])]
    if resource["sources"]:
        parts += ["Sources:", _bullets([_link(each) for each in resource["sources"]])]
    if shared:
        names = ", ".join(f"`{field['name']}`" for field in fields if field["name"] in shared)
        parts.append(f"Columns, besides {names} (above):")
    parts.append(_fields([field for field in fields if field["name"] not in shared]))
    return "\n\n".join(parts)


def _fields(fields: list[dict[str, Any]]) -> str:
    return _grid(
        ["column", "type", "unit", "meaning", "allowed"],
        [
            [
                f"`{field['name']}`",
                TYPES[field["type"]],
                field.get("unit", ""),
                field["description"],
                _allowed(field.get("constraints", {})),
            ]
            for field in fields
        ],
    )


def _allowed(constraints: dict[str, Any]) -> str:
    said = ["required"] if constraints.get("required") else []
    if constraints.get("unique"):
        said.append("unique")
    if "enum" in constraints:
        said.append("one of " + ", ".join(f"`{value}`" for value in constraints["enum"]))
    if "minimum" in constraints:
        said.append(f"at least {constraints['minimum']}")
    if "maximum" in constraints:
        said.append(f"at most {constraints['maximum']}")
    if "pattern" in constraints:
        said.append(f"form `{constraints['pattern']}`")
    return "; ".join(said)


def _link(named: dict[str, str]) -> str:
    return f"[{named['title']}]({named['path']})" if "path" in named else named["title"]


def _bullets(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _grid(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _anchor(path: str) -> str:
    """Return the anchor that GitHub gives a heading made of a file name."""
    return path.lower().replace(".", "")


if __name__ == "__main__":
    main()
