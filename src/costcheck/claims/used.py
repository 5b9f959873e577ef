"""Which prices a claim rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from costcheck.claims import references
from costcheck.claims.article import Article, Call, variant_call


def prices_of(of: Sequence[Article]) -> list[str]:
    """Return the prices, the articles' own too, that claims are reckoned from, each once, as they come.

    >>> from costcheck.claims import articles
    >>> prices_of(articles())[:3]
    ['llama_405b_input_usd_per_mtok', 'llama_405b_output_usd_per_mtok', 'input_tokens_per_output_token']
    """
    found = (
        reference.key
        for article in of
        for reference in _references(article)
        if isinstance(reference, references.PriceReference)
    )
    return list(dict.fromkeys(found))


def inputs_of(article: Article) -> list[str]:
    """Return the names of the article's own inputs that its claims, or variants of them, are reckoned from.

    >>> from costcheck.claims.loading import example, load
    >>> inputs_of(load([example("deepseek_v3")])[0])[-1]
    'cluster_gpus'
    """
    found = (
        one.name for one in _references(article, variants=True) if isinstance(one, references.InputReference)
    )
    return list(dict.fromkeys(found))


def _references(article: Article, *, variants: bool = False) -> Iterator[references.Reference]:
    for claim in article.claims:
        parts = [claim.call, claim.fact, *claim.instead, f"prices.{claim.price}" if claim.price else None]
        if variants:
            parts += [part for one in claim.variants for part in (variant_call(claim, one), one.fact)]
        for part in parts:
            yield from _in(part, tuple(article.prices))


def _in(part: Any, own: tuple[str, ...]) -> Iterator[references.Reference]:
    if isinstance(part, Call):
        yield from _in(list(part.filled().values()), own)
    elif isinstance(part, list):
        for one in part:
            yield from _in(one, own)
    elif isinstance(part, str):
        yield references.parse(part, own)
