"""The indexes of the table of loans: by which the runs find what a day changes.

A day reads no loan that it leaves alone. Each index holds the few loans that one question is about;
a loan that is none of them costs it nothing.
"""

from typing import Final

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

LOAN_INDEXES: Final[tuple[models.Index, ...]] = (
    models.Index(fields=["borrower", "-id"], name="loan_by_borrower"),
    # The billing run seeks the loans that cross a delinquency edge today, and finds what
    # it has to ask of them here, without reading their rows. A chunk asks for its own keys
    # of each date: PostgreSQL 18 skips from one date to the next, older ones filter.
    models.Index(
        fields=["oldest_unpaid_due_date", "id"],
        include=["npa_since"],
        name="loan_oldest_unpaid_due",
        condition=Q(status="ACTIVE"),
    ),
    # The overdue loans whose days of grace run out today, by how many they have.
    models.Index(
        fields=["penal_grace_days", "due_day", "oldest_unpaid_due_date", "id"],
        name="loan_penal_candidates",
        condition=Q(status="ACTIVE", penal_charge_paise__gt=0),
    ),
    models.Index(
        fields=["penal_grace_days", "oldest_unpaid_due_date", "id"],
        name="loan_penal_candidates_any_day",
        condition=Q(status="ACTIVE", penal_charge_paise__gt=0)
        & (Q(due_day__isnull=True) | Q(schedule_version__gt=1)),
    ),
    # The few loans whose moratorium has yet to end, by the day on which it does.
    models.Index(
        fields=["capitalises_on", "id"],
        name="loan_to_capitalise",
        condition=Q(capitalises_on__isnull=False, capitalised_paise=0, status="ACTIVE"),
    ),
    models.Index(
        fields=["holiday_ends_on", "id"],
        name="loan_holiday_to_end",
        condition=Q(holiday_ends_on__isnull=False, status="ACTIVE"),
    ),
    models.Index(
        fields=["capitalises_on"],
        name="loan_capitalised_by_day",
        condition=Q(capitalised_paise__gt=0),
    ),
    # The few loans that hold money in advance; their dues are met from it.
    models.Index(
        fields=["oldest_unpaid_due_date", "id"],
        name="loan_with_advance",
        condition=Q(advance_paise__gt=0),
    ),
    # The overdue loans whose penal charges are by rate or slab.
    models.Index(
        fields=["oldest_unpaid_due_date", "id"],
        name="loan_penal_by_rule",
        condition=Q(status="ACTIVE", penal_by_rule=True),
    ),
    # The few loans that the day's end makes non-performing because they were restructured.
    models.Index(
        fields=["restructured_on", "id"],
        name="loan_restructured",
        condition=Q(restructured_on__isnull=False, npa_since__isnull=True, status="ACTIVE"),
    ),
    # What a day's manifest counts, without reading the whole book.
    models.Index(fields=["npa_since"], name="loan_npa", condition=Q(npa_since__isnull=False)),
    # Whose class a day changes: those to be marked yet; those marked, with their arrears.
    models.Index(
        fields=["borrower"],
        name="loan_to_classify",
        condition=Q(npa_since__isnull=False, borrower_npa_since__isnull=True),
    ),
    models.Index(
        fields=["borrower"],
        name="loan_off_books_to_classify",
        condition=Q(status="WRITTEN_OFF", borrower_npa_since__isnull=True),
    ),
    models.Index(
        fields=["borrower", "id"],
        include=[
            "borrower_npa_since",
            "borrower_marked_class",
            "npa_since",
            "oldest_unpaid_due_date",
            "status",
        ],
        name="loan_of_npa_borrower",
        condition=Q(borrower_npa_since__isnull=False),
    ),
    # Whose interest is held in suspense as it is billed.
    models.Index(
        fields=["id"],
        name="loan_to_suspend",
        condition=Q(borrower_npa_since__isnull=False, status="ACTIVE"),
    ),
    models.Index(
        fields=["closed_on"],
        name="loan_closed_by_day",
        condition=Q(closed_on__isnull=False),
    ),
    BrinIndex(fields=["disbursed_on"], name="loan_disbursed_by_day"),
)
