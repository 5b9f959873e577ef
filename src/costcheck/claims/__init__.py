"""Articles as files of claims, and the verdicts on them."""

from costcheck.claims.article import Article, Claim
from costcheck.claims.loading import articles, load
from costcheck.claims.translations import disagreements
from costcheck.claims.verdict import Verdict, verdicts

__all__ = ["Article", "Claim", "Verdict", "articles", "disagreements", "load", "verdicts"]
