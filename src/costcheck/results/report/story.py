"""The story at the head of the page: four sentences, with the numbers and names of the verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from costcheck.claims import Verdict
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
    """Sentences on verdicts, by the anchors of their claims: what is named links to its claim.

    ``about`` paraphrases each claim, ``printed`` has its figure; ``different`` are different statements.
    """

    def __init__(
        self,
        words: Words,
        verdicts: Mapping[str, Verdict],
        about: Mapping[str, str],
        printed: Mapping[str, str],
        different: Sequence[str],
    ) -> None:
        self.words, self.verdicts, self.about, self.printed = words, verdicts, about, printed
        self.different = [(anchor, verdicts[anchor]) for anchor in different]

    def of_the_two(self) -> list[Markup]:
        """Tell what is wrong with the packaged articles; nothing unless all of it is in the verdicts."""
        verdicts = self.verdicts
        if not verdicts.keys() >= {*FOLLOWING, *TOO_HIGH, PRICE, INSTEAD}:
            return []
        stated: dict[str, float] = {
            anchor: verdicts[anchor].claim.figure.value  # type: ignore[union-attr]
            for anchor in (*FOLLOWING, *TOO_HIGH, PRICE)
        }
        wrong = {anchor: verdict for anchor, verdict in self.different if verdict.kind is Kind.WRONG}
        repeated = [v for v in verdicts.values() if v.kind is Kind.WRONG and v.claim.translates in wrong]
        factors = {round(stated[theirs] / stated[ours], 6) for theirs, ours in TOO_HIGH.items()}
        right = verdicts[INSTEAD].instead[0]
        true = (
            all(verdicts[anchor].kind.is_right for anchor in FOLLOWING)
            and all(verdicts[anchor].kind is Kind.OFF for anchor in TOO_HIGH)
            and all(verdicts[anchor].premise is Premise.WRONG_CATEGORY for anchor in (*FOLLOWING, *TOO_HIGH))
        )
        named = [self._link(anchor, text) for anchor, text in self.words.rights() if anchor in wrong][:NAMED]
        if not (true and named and right.ratio and len(factors) == 1):
            return []
        number, count = self.words.number, self.words.count
        numbers = {anchor: self._link(anchor, number(value)) for anchor, value in stated.items()}
        numbers["gpus"] = self._link(INSTEAD, number(right.value / stated[PRICE]))
        return [
            self._say("story_follows", **numbers),
            self._say("story_running", **numbers, usd=number(right.value), times=number(1 / right.ratio)),
            self._say("story_too_high", **numbers, factor=count(factors.pop())),
            self._say(
                "story_facts",
                wrong=count(len(wrong)),
                repeated=count(len(repeated)),
                list=self._list(named),
            ),
        ]

    def of_any(self) -> list[Markup]:
        """Tell of any articles how much holds, and the largest mistakes by name."""
        found = [verdict for _, verdict in self.different]
        checked = [verdict for verdict in found if verdict.kind not in (Kind.ASSUMED, Kind.NOT_CHECKED)]
        misplaced = [at for at, verdict in self.different if verdict.premise is Premise.WRONG_CATEGORY]
        unexamined = sum(verdict.premise is Premise.NOT_EXAMINED for verdict in checked)
        count, kinds = self.words.count, [verdict.kind for verdict in found]
        return [
            self._say(
                "story_holds",
                count=count(len(found)),
                checked=count(len(checked)),
                holding=count(sum(verdict.kind.is_right for verdict in checked)),
            ),
            self._mistakes(),
            self._say("story_misplaced", count=count(len(misplaced)), list=self._claims(misplaced))
            if misplaced
            else self._say("story_placed", count=count(unexamined)),
            self._say(
                "story_rest",
                depends=count(kinds.count(Kind.DEPENDS)),
                assumed=count(kinds.count(Kind.ASSUMED)),
                unchecked=count(kinds.count(Kind.NOT_CHECKED)),
            ),
        ]

    def of_scenarios(self, scenarios: int, moving: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Markup]:
        """Tell how claims, by their anchors, move across scenarios."""
        count = self.words.count
        told = [
            self._say(
                "story_scenarios",
                count=count(scenarios),
                claims=len(self.verdicts),
                moving=count(len(moving)),
            )
        ]
        if moving:
            widest, range_ = max(moving, key=lambda claim: float(claim[1]["spread"]))
            name = self._link(widest, self.about[widest])
            ends = {end: range_[end] for end in ("low", "at_low", "high", "at_high")}
            told.append(self._say("story_widest", name=name, **ends))
            always = sum(claim["holding"] == claim["count"] for _, claim in moving)
            never = sum(not claim["holding"] for _, claim in moving)
            sometimes = len(moving) - always - never
            shares = {"always": count(always), "sometimes": count(sometimes), "never": count(never)}
            told.append(self._say("story_shares", **shares))
        return [*told, self._mistakes()]

    def _mistakes(self) -> Markup:
        """Name what is wrong, the largest factors first."""
        wrong = [(anchor, verdict) for anchor, verdict in self.different if verdict.kind.is_mistake]
        wrong.sort(key=lambda claim: -round(claim[1].factor or 0))
        if not wrong:
            return self._say("story_no_mistake")
        named = self._claims([anchor for anchor, _ in wrong])
        count = self.words.count(len(wrong))
        return self._say("story_mistakes", count=count, different=len(self.different), list=named)

    def _claims(self, anchors: Sequence[str]) -> Markup:
        shown = []
        for anchor in anchors[:NAMED]:
            finding = self.verdicts[anchor].arithmetic
            what = [self.printed[anchor], self.words.verdict(finding) if finding.kind.is_mistake else ""]
            beside = ", ".join(filter(None, what))
            shown.append(self._link(anchor, self.about[anchor]) + (f" ({beside})" if beside else ""))
        return self._list(shown, anchors[NAMED:])

    def _list(self, shown: Sequence[Markup], others: Sequence[str] = ()) -> Markup:
        between, last = escape(self.words("list_between")), escape(self.words("list_last"))
        *first, final = (self._say("list_item", item=item) for item in shown)
        if others:
            return between.join([*first, final, self._say("more_sources", count=len(others))])
        return last.join([between.join(first), final]) if first else final

    def _link(self, anchor: str, text: str) -> Markup:
        return Markup('<a href="#{}">{}</a>').format(anchor, text)

    def _say(self, key: str, **parts: object) -> Markup:
        return Markup(self.words.template(key)).format(**parts)  # noqa: S704 - words.csv is ours
