"""What must hold of every row of a loan: the database itself refuses the rest."""

from django.db import models
from django.db.models import F, Q

from loan.domain.terms import FeeCollection

LOAN_CONSTRAINTS: list[models.BaseConstraint] = [
    models.CheckConstraint(condition=Q(principal_paise__gt=0), name="loan_principal_is_positive"),
    models.CheckConstraint(
        condition=Q(principal_paid_paise__gte=0)
        & Q(principal_paid_paise__lte=F("principal_paise") + F("capitalised_paise")),
        name="loan_principal_paid_is_within_the_principal",
    ),
    models.CheckConstraint(
        condition=Q(due_day__isnull=False, frequency__in=["MONTHLY", "QUARTERLY"])
        & Q(due_day__gte=1)
        & Q(due_day__lte=31)
        | Q(due_day__isnull=True, frequency__in=["FORTNIGHTLY", "WEEKLY"]),
        name="loan_due_day_is_1_to_31_or_empty_when_repaid_by_weeks",
    ),
    models.CheckConstraint(
        condition=Q(interest_moratorium_periods__lte=F("principal_moratorium_periods")),
        name="loan_interest_moratorium_is_within_that_of_principal",
    ),
    models.CheckConstraint(
        condition=Q(broken_interest_paise__gte=0) & Q(moratorium_interest_paise__gte=0),
        name="loan_broken_and_moratorium_interest_are_not_negative",
    ),
    models.CheckConstraint(
        condition=Q(capitalises_on__isnull=True, capitalised_paise__gte=0)
        | Q(
            Q(capitalised_paise=0) | Q(capitalised_paise__gte=F("moratorium_interest_paise")),
            capitalises_on__isnull=False,
            moratorium_interest="CAPITALISED",
            moratorium_interest_paise__gt=0,
        ),
        name="loan_capitalises_the_moratorium_interest_whole_and_first",
    ),
    models.CheckConstraint(
        condition=Q(holiday_ends_on__isnull=True, holiday_interest_paise=0)
        | Q(holiday_ends_on__isnull=False, holiday_interest_paise__gt=0),
        name="loan_holiday_that_ends_has_interest_to_capitalise",
    ),
    models.CheckConstraint(
        condition=Q(penal_by_rule=False, penal_rate_bps=0, penal_slabs=[])
        | (
            Q(penal_by_rule=True, penal_charge_paise=0)
            & (Q(penal_rate_bps__gt=0) | ~Q(penal_slabs=[]))
        ),
        name="loan_has_one_rule_of_penal_charges",
    ),
    models.CheckConstraint(
        condition=Q(advance_paise__gte=0) & Q(excess_paise__gte=0),
        name="loan_advance_and_excess_are_not_negative",
    ),
    models.CheckConstraint(
        condition=Q(status="ACTIVE", closed_on__isnull=True, written_off_on__isnull=True)
        | Q(status="WRITTEN_OFF", closed_on__isnull=True, written_off_on__isnull=False)
        | Q(
            status="CLOSED",
            closed_on__isnull=False,
            oldest_unpaid_due_date__isnull=True,
            principal_paid_paise=F("principal_paise") + F("capitalised_paise"),
        )
        | Q(
            status="CLOSED",
            closed_on__isnull=False,
            oldest_unpaid_due_date__isnull=True,
            written_off_on__isnull=False,
            given_up_paise__gt=0,
        ),
        name="loan_is_closed_only_when_fully_repaid_or_given_up",
    ),
    models.CheckConstraint(
        condition=Q(suspended_interest_paise__gte=0)
        & Q(suspended_charges_paise__gte=0)
        & Q(suspended_penal_paise__gte=0)
        & Q(suspended_fees_paise__gte=0),
        name="loan_income_in_suspense_is_not_negative",
    ),
    models.CheckConstraint(
        condition=Q(borrower_npa_since__isnull=False)
        | Q(
            suspended_interest_paise=0,
            suspended_charges_paise=0,
            suspended_penal_paise=0,
            suspended_fees_paise=0,
        ),
        name="loan_income_is_suspended_only_while_non_performing",
    ),
    models.CheckConstraint(
        condition=Q(borrower_marked_class__isnull=True) | Q(borrower_npa_since__isnull=False),
        name="loan_of_a_marked_borrower_is_non_performing",
    ),
    models.CheckConstraint(
        condition=Q(fee_collection__in=[way.value for way in FeeCollection]),
        name="loan_fee_collection_is_known",
    ),
    models.CheckConstraint(
        condition=Q(first_due_date__gt=F("disbursed_on")),
        name="loan_first_due_date_follows_disbursement",
    ),
]
