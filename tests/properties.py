"""How long properties are looked for: the same examples in the gate, new ones when one searches.

The gate judges a change, not the dice: it derives its examples from each test, so that a run says
the same twice. `make properties` throws new examples, many times as many.
"""

from hypothesis import settings

GATE = "gate"
SEARCH = "search"
_TIMES_AS_MANY = {GATE: 1, SEARCH: 50}
_USUAL_EXAMPLES = 100

# A busy machine is no fault: there is no deadline.
settings.register_profile(GATE, derandomize=True, deadline=None, max_examples=_USUAL_EXAMPLES)
settings.register_profile(
    SEARCH, deadline=None, max_examples=_USUAL_EXAMPLES * _TIMES_AS_MANY[SEARCH], print_blob=True
)


def as_many(examples: int) -> int:
    """Return how many examples to try where the gate tries so many."""
    return examples * _TIMES_AS_MANY.get(settings.get_current_profile_name(), 1)
