"""A small article to break: one claim that holds, written to a file of its own."""

import pytest

from costcheck.claims import load

HEAD = """\
article: tiny
title: A tiny article
language: en
publisher: nobody
date: 2024-07-23
address: example.org
claims:
"""
CLAIM = """\
  - id: T1
    where: here
    printed: 3500 years
    about: years on one GPU
    notebook: 01_training_time
    sum: gpu_years(prices.gpu_hours, 365 day)
"""


@pytest.fixture
def head():
    return HEAD


@pytest.fixture
def claim():
    return CLAIM


@pytest.fixture
def written(tmp_path):
    """Write articles, read them together, and give them back."""

    def write(*texts):
        paths = []
        for number, text in enumerate(texts):
            path = tmp_path / f"article{number or ''}.yaml"
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            paths.append(path)
        return load(paths)

    return write


@pytest.fixture
def with_claims(written):
    """Read an article made of the head and some claims."""
    return lambda *claims: written(HEAD + "".join(claims))
