"""Articles as files of claims, and the verdicts on them."""

from costcheck.claims.article import Article, Claim, articles, load
from costcheck.claims.verdict import Verdict, disagreements, verdicts

__all__ = ["Article", "Claim", "Verdict", "articles", "disagreements", "load", "verdicts"]
