"""Names for parts of sums, and claims that say the same as an earlier one."""

import pytest

from costcheck.claims import load, verdicts
from costcheck.claims.loading import Text
from costcheck.errors import InputError

HEAD = "article: a\ntitle: a\nlanguage: en\n"


def checked(text):
    return {verdict.claim.id: verdict for verdict in verdicts(of=load([Text(HEAD + text, "a.yaml")]))}


def test_a_name_stands_for_a_part_of_a_sum_but_not_within_a_cell_or_a_formula():
    text = """\
given: {fleet: 8 GPU}
names:
  hours: fleet * 24 hour
  twice: hours * 2
  gpt: 5
  mean: 7
claims:
  - {id: A1, printed: 128 GPU-hours, sum: twice / 3}
  - {id: A2, printed: '0.905', unit: '1', sum: 'leaked_scores[model=gpt-4o, benchmark=boolq].score'}
  - {id: A3, printed: 6 kW, sum: 'mean([gpt, mean]) * 1 kW'}
"""
    assert [str(verdict.arithmetic) for verdict in checked(text).values()] == ["holds"] * 3


def test_what_says_the_same_is_as_the_claim_before_but_for_what_it_gives_itself():
    text = "claims:\n  - {id: A1, printed: 480 kWh, about: first, sum: 20 kW * 1 day}\n"
    text += "  - {id: A2, printed: 4800 kWh, same_as: A1}\n"
    first, second = checked(text).values()
    assert (str(first.arithmetic), str(second.arithmetic)) == ("holds", "off by 10×")
    assert second.claim.about == "first"


DOUBLED = "".join(f"  n{step + 1}: n{step} + n{step}\n" for step in range(60))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("claims:\n  - {id: A1, printed: 1 kW, same_as: A2}\n  - {id: A2, printed: 1 kW, sum: 1 kW}\n",
         "line 5, claim A1, key same_as: unknown earlier claim 'A2'"),
        ("names: {Big: 1 kW}\nclaims:\n  - {printed: 1 kW, sum: 1 kW}\n", "key names.Big: 'Big' is not"),
        ("names: {big: [1]}\nclaims:\n  - {printed: 1 kW, sum: big}\n", "key names.big: a text is needed"),
        ("names: {a: b + 1, b: a + 1}\nclaims:\n  - {printed: '5', sum: a}\n", "names may use those above"),
        ("names: {a: 5, unused: 1 +* 2}\nclaims:\n  - {printed: '5', sum: a}\n", "names.unused: unexpected"),
        ("names: {power: 1 kW}\nclaims:\n  - {printed: 1 kW, sum: powr}\n", "did you mean 'power'?"),
        (f"names:\n  n0: 1 kW\n{DOUBLED}claims:\n  - {{printed: 1 kW, sum: n60}}\n", "a sum of more than"),
    ],
)  # fmt: skip
def test_a_wrong_name_is_refused_with_its_place(text, message):
    with pytest.raises(InputError) as refused:
        checked(text)
    assert message in str(refused.value)
