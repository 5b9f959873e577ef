"""Claims made up, and verdicts of single claims."""

import dataclasses

import pytest

from costcheck.claims import load, verdicts
from costcheck.claims.loading import Text
from costcheck.sensitivity import find, moving

ARTICLE = """{{article: tiny, title: tiny, language: en, claims: [
  {{id: T1, printed: '{printed}', {more}sum: '{sum}'}}]}}"""


@pytest.fixture(scope="session")
def reckoned():
    """Read the one claim of an article, as one that moves with prices."""

    def read(sum_, printed, prices=None, more=""):
        text = ARTICLE.format(sum=sum_, printed=printed, more=more)
        return find("T1", moving(of := load([Text(text, "tiny.yaml")]), prices), of)

    return read


@pytest.fixture(scope="session")
def verdict_on():
    """Check a claim in one way only, in an article that may state prices."""

    def check(moved, yours=None, **stated):
        claim = dataclasses.replace(moved.claim, readings=[], depends_on=None, variants=[], instead=[])
        article = dataclasses.replace(moved.article, claims=[claim], **stated)
        object.__setattr__(article, "origin", moved.article.origin)  # as of the package, with its prices
        return verdicts(yours, of=[article])[0]

    return check
