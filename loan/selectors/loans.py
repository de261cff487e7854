"""Finding loans, and reading one back as the values the core computes with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    F,
    OuterRef,
    QuerySet,
    SmallIntegerField,
    When,
)

from bright_credit.common.errors import NotFound
from bright_credit.common.postgresql.messages import ReadyQuery, Rows, Slot, Statement, send
from bright_credit.common.public_id import year_and_key_of
from loan.domain.allocation import AllocationOrder
from loan.domain.day_counts import DayCount
from loan.domain.frequency import Frequency
from loan.domain.lifecycle import LoanStatus
from loan.domain.loaded_schedule import LoadedSchedule
from loan.domain.penal import PenalSlab
from loan.domain.position import oldest_unpaid_due_date
from loan.domain.schedule import InstalmentPlan
from loan.domain.servicing import ChargeKind, OpenCharge, Position
from loan.domain.terms import (
    BrokenPeriodInterest,
    InstalmentRounding,
    InterestMethod,
    LoanTerms,
    MoratoriumInterest,
    SplitRounding,
)
from loan.models import Charge, Due, Instalment, Loan
from users.domain.callers import Caller
from users.looks import notice
from users.selectors import borrowers_within

_POSITION_COLUMNS = (
    "next_number",
    "next_interest_paid_paise",
    "next_principal_paid_paise",
    "capitalised_paise",
    "principal_paid_paise",
    "interest_paid_paise",
    "charges_paid_paise",
    "penal_paid_paise",
    "advance_paise",
    "excess_paise",
    "penal_levied_through",
    "npa_since",
    "closed_on",
    "restructured_on",
    "written_off_on",
    "written_off_principal_paise",
    "written_off_interest_paise",
    "written_off_charges_paise",
    "written_off_other_paise",
    "written_off_penal_paise",
    "written_off_fees_paise",
    "given_up_paise",
    "holiday_ends_on",
    "holiday_interest_paise",
)

#: The columns of a loan's row that hold its position.
POSITION_FIELDS = (
    "status",
    "position_date",
    "oldest_unpaid_due_date",
    "schedule_version",
    *_POSITION_COLUMNS,
)


#: Charges as they were levied: within a date the calendar's come first. Keys do not tell, because
#: one that was cancelled may have been levied again.
ORDER_OF_LEVY = (
    "levied_on",
    Case(When(kind=Charge.Kind.PENAL, then=0), default=1, output_field=SmallIntegerField()),
    "id",
)


#: The columns of an instalment that the core knows, in the order that `plans_in` takes them.
PLAN_COLUMNS = (
    "number",
    "due_date",
    "opening_principal_paise",
    "principal_paise",
    "interest_paise",
)


class LoanNotFound(NotFound):
    """There is no loan with this id."""

    code = "loan_not_found"


def loan_key(loan_id: str) -> int:
    """Return the primary key in a loan's public id. Raises `LoanNotFound` for anything else."""
    found = year_and_key_of(loan_id, prefix="LN-", width=4)
    if found is None:
        raise LoanNotFound("There is no loan with this id.", field="loan_id")
    return found[1]


def loan_by_public_id(loan_id: str, *, queryset: QuerySet[Loan] | None = None) -> Loan:
    """Return the loan, from `queryset` if given. Raises `LoanNotFound`."""
    loans = Loan.objects.all() if queryset is None else queryset
    return _named(loans.filter(pk=loan_key(loan_id)), loan_id)


def _named(loans: Iterable[Loan], loan_id: str) -> Loan:
    for loan in loans:
        if loan.public_id == loan_id:
            return loan
    raise LoanNotFound("There is no loan with this id.", field="loan_id")


def loan_for(caller: Caller, loan_id: str, *, queryset: QuerySet[Loan] | None = None) -> Loan:
    """Return the loan, from `queryset` if given, when the caller may reach its borrower.

    Raises `LoanNotFound` for anybody else's loan as for one that is not there, after the same
    statement. The look is noticed for the access log.
    """
    loans = Loan.objects.all() if queryset is None else queryset
    within = borrowers_within(caller, path="borrower__")
    return seen_loan(loans.filter(within, pk=loan_key(loan_id)), loan_id, caller=caller)


def seen_loan(loans: Iterable[Loan], loan_id: str, *, caller: Caller) -> Loan:
    """Return the loan with this id, of those that were read for a caller who may reach them.

    Raises `LoanNotFound`. The look is noticed for the access log.
    """
    found = _named(loans, loan_id)
    notice(caller, found.borrower_id, record=found.public_id)
    return found


def terms_of(loan: Loan) -> LoanTerms:
    """Return the loan's terms as the core knows them."""
    return LoanTerms(
        principal_paise=loan.principal_paise,
        annual_rate_bps=loan.annual_rate_bps,
        tenure_months=loan.tenure_months,
        interest_method=InterestMethod(loan.interest_method),
        instalment_rounding=InstalmentRounding(loan.instalment_rounding),
        split_rounding=SplitRounding(loan.split_rounding),
        disbursed_on=loan.disbursed_on,
        first_due_date=loan.first_due_date,
        due_day=loan.due_day,
        frequency=Frequency(loan.frequency),
        day_count=DayCount(loan.day_count),
        broken_period_interest=BrokenPeriodInterest(loan.broken_period_interest),
        principal_moratorium_periods=loan.principal_moratorium_periods,
        interest_moratorium_periods=loan.interest_moratorium_periods,
        moratorium_interest=MoratoriumInterest(loan.moratorium_interest),
        penal_grace_days=loan.penal_grace_days,
        penal_charge_paise=loan.penal_charge_paise,
        penal_rate_bps=loan.penal_rate_bps,
        penal_slabs=tuple(
            PenalSlab(after_days=days, amount_paise=paise) for days, paise in loan.penal_slabs
        ),
        bounce_charge_paise=loan.bounce_charge_paise,
        waterfall=AllocationOrder(loan.allocation_order).waterfall,
        npa_waterfall=(
            AllocationOrder(loan.npa_allocation_order).waterfall
            if loan.npa_allocation_order
            else None
        ),
        foreclosure_charge_bps=loan.foreclosure_charge_bps,
    )


@dataclass(frozen=True, slots=True)
class LoanState:
    """A loan as stored, in the core's values, with the rows its charges stand in."""

    loan: Loan
    terms: LoanTerms
    schedule: Sequence[InstalmentPlan]
    position: Position
    charges: dict[str, Charge]


def plan_of(instalment: Instalment) -> InstalmentPlan:
    """Return a stored instalment as the core's value."""
    return InstalmentPlan(
        number=instalment.number,
        due_date=instalment.due_date,
        opening_principal_paise=instalment.opening_principal_paise,
        principal_paise=instalment.principal_paise,
        interest_paise=instalment.interest_paise,
    )


def schedule_of(loan: Loan, *, from_number: int = 1) -> LoadedSchedule:
    """Return the loan's schedule in force, reading only the rows from `from_number` on."""
    (rows,) = send(
        _PLANS.asking(loan=loan.pk, version=loan.schedule_version, from_number=from_number)
    )
    return _loaded(rows, from_number=from_number)


def _loaded(rows: Rows, *, from_number: int) -> LoadedSchedule:
    return LoadedSchedule(plans_in(rows), length=from_number - 1 + len(rows))


def plans_in(rows: Rows) -> tuple[InstalmentPlan, ...]:
    """Return the instalments in rows of `PLAN_COLUMNS`."""
    return tuple(
        InstalmentPlan(
            number=number,
            due_date=due_date,
            opening_principal_paise=opening_principal_paise,
            principal_paise=principal_paise,
            interest_paise=interest_paise,
        )
        for number, due_date, opening_principal_paise, principal_paise, interest_paise in rows
    )


def first_schedule_of(loan: Loan) -> tuple[InstalmentPlan, ...]:
    """Return the schedule that the loan was disbursed with: the one its history begins at."""
    (rows,) = send(reading_first_schedule(loan))
    return plans_in(rows)


def reading_first_schedule(loan: Loan) -> Statement:
    """Return the statement whose rows, by `plans_in`, are `first_schedule_of` a loan."""
    return _PLANS.asking(loan=loan.pk, version=1, from_number=1)


def open_charges() -> QuerySet[Charge]:
    """Return the charges not fully paid, in the order of levy."""
    owed = Charge.objects.filter(paid_paise__lt=F("amount_paise"), cancelled_by=None)
    return owed.order_by(*ORDER_OF_LEVY)


_LOAN, _VERSION = Slot("loan", BigIntegerField()), Slot("version", SmallIntegerField())
_PLANS = ReadyQuery(
    Instalment.objects.filter(
        loan=_LOAN, version=_VERSION, number__gte=Slot("from_number", SmallIntegerField())
    )
    .order_by("number")
    .values_list(*PLAN_COLUMNS)
)
_CHARGES = ReadyQuery(open_charges().filter(loan=_LOAN))
_LAST_BILLED: ReadyQuery[Due] = ReadyQuery(
    Due.objects.filter(loan=_LOAN).order_by("-number").values_list("number")[:1]
)
_LAST_BILLED_IN_FORCE: ReadyQuery[Due] = ReadyQuery(
    Due.objects.filter(
        Exists(
            Instalment.objects.filter(
                loan=_LOAN,
                version=_VERSION,
                number=OuterRef("number"),
                revision=OuterRef("revision"),
            )
        ),
        loan=_LOAN,
    )
    .order_by("-number")
    .values_list("number")[:1]
)


def billed_through(loan: Loan) -> int:
    """Return the number of the last instalment billed of the schedule in force; 0 if none is."""
    (rows,) = send(_finding_last_billed(loan))
    return _last_of(rows)


def _finding_last_billed(loan: Loan) -> Statement:
    if loan.schedule_version == 1:
        return _LAST_BILLED.asking(loan=loan.pk)
    return _LAST_BILLED_IN_FORCE.asking(loan=loan.pk, version=loan.schedule_version)


def _last_of(rows: Rows) -> int:
    return rows[0][0] if rows else 0


def state_of(loan: Loan) -> LoanState:
    """Return everything the core needs to continue from the stored position. One message."""
    return state_in(send(*reading_state(loan)), loan)


def reading_state(loan: Loan) -> tuple[Statement, ...]:
    """Return the statements whose answers `state_in` takes."""
    plans = _PLANS.asking(loan=loan.pk, version=loan.schedule_version, from_number=loan.next_number)
    return _CHARGES.asking(loan=loan.pk), plans, _finding_last_billed(loan)


def state_in(answers: Sequence[Rows], loan: Loan) -> LoanState:
    """Return the state that these answers hold; see `state_of`."""
    owed, plans, billed = answers
    charges = {charge.key: charge for charge in _CHARGES.read(owed)}
    return LoanState(
        loan=loan,
        terms=terms_of(loan),
        schedule=_loaded(plans, from_number=loan.next_number),
        position=stored_position(
            loan, billed_through=_last_of(billed), open_charges=charges.values()
        ),
        charges=charges,
    )


def stored_position(loan: Loan, *, billed_through: int, open_charges: Iterable[Charge]) -> Position:
    """Return the position that the loan's row and its open charges hold."""
    return Position(
        as_of=loan.position_date,
        status=LoanStatus(loan.status),
        billed_through=billed_through,
        next_number=loan.next_number,
        next_interest_paid_paise=loan.next_interest_paid_paise,
        next_principal_paid_paise=loan.next_principal_paid_paise,
        capitalised_paise=loan.capitalised_paise,
        principal_paid_paise=loan.principal_paid_paise,
        interest_paid_paise=loan.interest_paid_paise,
        charges_paid_paise=loan.charges_paid_paise,
        penal_paid_paise=loan.penal_paid_paise,
        advance_paise=loan.advance_paise,
        excess_paise=loan.excess_paise,
        open_charges=tuple(
            OpenCharge(
                key=charge.key,
                kind=ChargeKind(charge.kind),
                levied_on=charge.levied_on,
                amount_paise=charge.amount_paise,
                paid_paise=charge.paid_paise,
                instalment_number=charge.instalment_number,
                gst_paise=charge.gst_paise,
            )
            for charge in open_charges
        ),
        penal_levied_through=loan.penal_levied_through,
        npa_since=loan.npa_since,
        closed_on=loan.closed_on,
        restructured_on=loan.restructured_on,
        written_off_on=loan.written_off_on,
        written_off_principal_paise=loan.written_off_principal_paise,
        written_off_interest_paise=loan.written_off_interest_paise,
        written_off_charges_paise=loan.written_off_charges_paise,
        written_off_other_paise=loan.written_off_other_paise,
        written_off_penal_paise=loan.written_off_penal_paise,
        written_off_fees_paise=loan.written_off_fees_paise,
        given_up_paise=loan.given_up_paise,
        holiday_ends_on=loan.holiday_ends_on,
        holiday_interest_paise=loan.holiday_interest_paise,
    )


def place(loan: Loan, position: Position, schedule: Sequence[InstalmentPlan]) -> None:
    """Put a position into the columns of a loan's row, without saving it."""
    for name in _POSITION_COLUMNS:
        setattr(loan, name, getattr(position, name))
    loan.status = position.status.value
    loan.position_date = position.as_of
    loan.oldest_unpaid_due_date = oldest_unpaid_due_date(position, schedule)
