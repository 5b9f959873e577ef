"""The story at the head of the page: four sentences, with the numbers and names of the verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from costcheck.claims.kinds_and_colours import Kind, Premise
from costcheck.results.report.words import Words

FOLLOWING = ("Z46", "Z47", "Z49", "Z51", "Z52")
"""The packaged articles' sums that follow from each other, each of training, and offered as serving."""
TOO_HIGH = {"J37": "Z51", "J38": "Z52"}
"""Those of the translation that do not, with what the original prints."""
PRICE, INSTEAD = "Z50", "Z53"
NAMED = 3
"""Claims that a sentence names; it counts the others."""


class Story:
    """Sentences on claims as the page shows them, by their anchors: what is named links to its claim."""

    def __init__(self, words: Words, claims: Mapping[str, Any], different: Sequence[Any]) -> None:
        self.words, self.claims, self.different = words, claims, different

    def of_the_two(self) -> list[Markup]:
        """Tell what is wrong with the packaged articles; nothing unless the verdicts bear all of it out."""
        if not self.claims.keys() >= {*FOLLOWING, *TOO_HIGH, PRICE, INSTEAD}:
            return []
        verdicts = {anchor: claim.verdict for anchor, claim in self.claims.items()}
        stated = {anchor: verdicts[anchor].claim.stated for anchor in (*FOLLOWING, *TOO_HIGH, PRICE)}
        factors = {round(stated[theirs] / stated[ours], 6) for theirs, ours in TOO_HIGH.items()}
        mistakes = [verdict.claim for verdict in verdicts.values() if verdict.kind is Kind.WRONG]
        wrong = {claim.id for claim in mistakes if not (claim.translates or claim.same_as)}
        repeated = [claim for claim in mistakes if claim.translates in wrong]
        is_true = len(factors) == 1 and all(
            verdicts[anchor].premise is Premise.WRONG_CATEGORY
            and (verdicts[anchor].kind is Kind.OFF if anchor in TOO_HIGH else verdicts[anchor].kind.is_right)
            for anchor in (*FOLLOWING, *TOO_HIGH)
        )
        named = [self._link(anchor, text) for anchor, text in self.words.rights() if anchor in wrong]
        if not (is_true and named):
            return []
        number, count, right = self.words.number, self.words.count, verdicts[INSTEAD].instead[0]
        usd, ratio = right.recomputed, verdicts[INSTEAD].ratio_to(right)
        numbers: dict[str, object] = {at: self._link(at, number(value)) for at, value in stated.items()}
        numbers["gpus"] = self._link(INSTEAD, number(usd / stated[PRICE]))
        numbers |= {"usd": number(usd), "times": number(1 / (ratio or 1)), "factor": count(*factors)}
        numbers |= {"wrong": count(len(wrong)), "repeated": count(len(repeated))}
        numbers["list"] = self._list(named[:NAMED])
        keys = ("story_follows", "story_running", "story_too_high", "story_facts")
        return [self._say(key, **numbers) for key in keys]

    def of_any(self) -> list[Markup]:
        """Tell of any articles how much holds, and the largest mistakes by name."""
        kinds = [claim.verdict.kind for claim in self.different]
        premises = [claim.verdict.premise for claim in self.different]
        misplaced = [claim for claim in self.different if claim.verdict.premise is Premise.WRONG_CATEGORY]
        rest = {
            "depends": kinds.count(Kind.DEPENDS),
            "assumed": kinds.count(Kind.ASSUMED),
            "unchecked": kinds.count(Kind.NOT_CHECKED),
        }
        unjudged = rest["assumed"] + rest["unchecked"]
        numbers = {
            "count": len(kinds),
            "checked": len(kinds) - unjudged,
            "holding": sum(kind.is_right for kind in kinds),
            "misplaced": len(misplaced),
            "unexamined": premises.count(Premise.NOT_EXAMINED),
        }
        parts = {name: self.words.count(number) for name, number in numbers.items()}
        names = self._claims(misplaced) if misplaced else ""
        placed = self._say("story_misplaced" if misplaced else "story_placed", list=names, **parts)
        held = self._say("story_holds" if unjudged else "story_holds_all", **parts)
        left = [
            self._say(f"rest_{name}", count=self.words.count(count)) for name, count in rest.items() if count
        ]
        listed = escape(self.words("list_between")).join(left)
        return [held, self._mistakes(), placed, *([self._say("story_rest", list=listed)] if left else [])]

    def of_scenarios(self, scenarios: int, moving: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[Markup]:
        """Tell how claims move across scenarios."""
        count = self.words.count
        numbers = {"count": count(scenarios), "claims": len(self.claims), "moving": count(len(moving))}
        sentences = [self._say("story_scenarios", **numbers)]
        if moving:
            widest, ends = max(moving, key=lambda claim: float(claim[1]["spread"]))
            sentences.append(
                self._say("story_widest", name=self._link(widest.anchor, widest.about.text), **ends)
            )
            always = sum(claim["holding"] == claim["count"] for _, claim in moving)
            never = sum(not claim["holding"] for _, claim in moving)
            shares = {"always": always, "sometimes": len(moving) - always - never, "never": never}
            sentences.append(self._say("story_shares", **{name: count(of) for name, of in shares.items()}))
        return [*sentences, self._mistakes()]

    def _mistakes(self) -> Markup:
        wrong = largest_first(self.different)
        if not wrong:
            return self._say("story_no_mistake")
        numbers = {"count": self.words.count(len(wrong)), "different": self.words.count(len(self.different))}
        return self._say("story_mistakes", list=self._claims(wrong), **numbers)

    def _claims(self, claims: Sequence[Any]) -> Markup:
        shown = []
        for claim in claims[:NAMED]:
            finding, name = claim.verdict.arithmetic, claim.about.text or claim.verdict.claim.printed
            what = [claim.gloss or claim.printed, self.words.verdict(finding) * finding.kind.is_mistake]
            shown.append(self._link(claim.anchor, name) + " ({})".format(", ".join(filter(None, what))))
        return self._list(shown, len(claims) - NAMED)

    def _list(self, shown: Sequence[Markup], others: int = 0) -> Markup:
        between, last = escape(self.words("list_between")), escape(self.words("list_last"))
        *first, final = (self._say("list_item", item=item) for item in shown)
        if others > 0:
            return between.join([*first, final, self._say("more_sources", count=others)])
        return last.join([between.join(first), final]) if first else final

    def _link(self, anchor: str, text: str) -> Markup:
        return Markup('<a href="#{}">{}</a>').format(anchor, text)

    def _say(self, key: str, **parts: object) -> Markup:
        return Markup(self.words.template(key)).format(**parts)  # noqa: S704 - words.csv is ours


def largest_first(claims: Sequence[Any]) -> list[Any]:
    """List the mistakes among claims, those that are off by the largest factors first."""
    wrong = [claim for claim in claims if claim.verdict.kind.is_mistake]
    return sorted(wrong, key=lambda claim: -round(claim.verdict.arithmetic.factor or 0))
