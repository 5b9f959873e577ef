"""Texts to read: plain text, Markdown, HTML, PDF, DOCX."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """A cell of a table in a text: where it stands, and the headers of its row and column."""

    start: int
    end: int
    row: str
    column: str


@dataclass(frozen=True)
class Document:
    """The text of an article as a person sees it, its language (en, zh, ja), and the cells of its tables."""

    text: str
    language: str
    name: str = "text"
    title: str = ""
    cells: tuple[Cell, ...] = ()
