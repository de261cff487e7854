"""What a change of terms makes of the instalments to come."""

from loan.domain.early_repayment import instalments_of, remaining_of
from loan.domain.events import Keeping, RateChanged
from loan.domain.in_force import InForce
from loan.domain.running_period import is_in_moratorium, running_period
from loan.domain.schedule import InstalmentPlan
from loan.domain.terms import LoanTerms
from loan.domain.walk import Walk


def change_rate(walk: Walk, event: RateChanged) -> None:
    """Reckon the instalments to come at another rate; nothing where no schedule can be made of it.

    That is also so when they would come to less than is held in advance for them.
    """
    after = walk.in_force.with_rate(event.annual_rate_bps, from_date=event.from_date)
    if is_in_moratorium(walk.terms, event.value_date):
        return
    coming = _at_rate(walk.terms, walk, after, keeping=event.keeping)
    if coming is None or sum(row.total_paise for row in coming) < walk.position.advance_paise:
        return
    walk.in_force = after
    walk.replace_schedule(coming, on=event.value_date, event_key=event.key)


def _at_rate(
    terms: LoanTerms, walk: Walk, after: InForce, *, keeping: Keeping
) -> tuple[InstalmentPlan, ...] | None:
    running = running_period(
        terms, walk.in_force, walk.schedule, billed_through=walk.position.billed_through
    )
    if running is None:
        return None
    remaining = remaining_of(
        terms,
        after,
        running,
        principal_paise=running.row.opening_principal_paise,
        first_number=running.row.number,
        interest_from=running.since,
        apart_paise=running.apart_paise(),
    )
    return instalments_of(
        remaining,
        after.conventions(terms),
        running.coming,
        keeps_emi=keeping is Keeping.EMI,
        longer=True,
    )
