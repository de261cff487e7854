"""Registrations that arrive at the same moment, each on a connection of its own."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from tests.integration.users.people import Declaration, aadhaar_number, pan, registered
from users.models import AadhaarRecord, Borrower, PanRecord
from users.services.keeping import AlreadyRegistered
from users.services.numbers import change_pan

RUNNERS = 20

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("scored_700")]


def race(changes_of: Callable[[int], Declaration]) -> Counter[str]:
    """Register twenty people at once and count how it ended for them."""
    barrier = Barrier(RUNNERS)

    def run(person: int) -> AlreadyRegistered | None:
        try:
            barrier.wait(timeout=30)
            registered(person, **changes_of(person))
        except AlreadyRegistered as refusal:
            return refusal
        else:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=RUNNERS) as pool:
        refusals = list(pool.map(run, range(1, RUNNERS + 1)))
    # The database's own words, which quote the details, must not travel with a refusal.
    assert all(refusal.__context__ is None for refusal in refusals if refusal)
    return Counter("refused" if refusal else "registered" for refusal in refusals)


def test_one_aadhaar_number_twenty_times_at_once_makes_one_borrower() -> None:
    ended = race(lambda person: {"aadhaar_number": aadhaar_number(999)})
    assert ended == {"registered": 1, "refused": RUNNERS - 1}
    assert Borrower.objects.count() == AadhaarRecord.objects.count() == 1


def test_one_email_address_twenty_times_at_once_makes_one_borrower() -> None:
    ended = race(lambda person: {"email": "Rahul@BrightLend.example"})
    assert ended == {"registered": 1, "refused": RUNNERS - 1}
    assert Borrower.objects.count() == AadhaarRecord.objects.count() == 1


def test_one_pan_twenty_times_at_once_makes_one_borrower() -> None:
    ended = race(lambda person: {"pan": pan(999)})
    assert ended == {"registered": 1, "refused": RUNNERS - 1}
    assert Borrower.objects.count() == PanRecord.objects.count() == 1


def test_one_pan_given_by_many_at_once_is_one_borrowers() -> None:
    people = [registered(person).borrower.public_id for person in range(1, 9)]
    barrier = Barrier(len(people))

    def give(user_id: str) -> AlreadyRegistered | None:
        try:
            barrier.wait(timeout=30)
            change_pan(user_id, pan=pan(999))
        except AlreadyRegistered as refusal:
            return refusal
        else:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(people)) as pool:
        refusals = [refusal for refusal in pool.map(give, people) if refusal]
    assert len(refusals) == len(people) - 1
    assert all(refusal.__context__ is None for refusal in refusals)
    assert PanRecord.objects.count() == 1


def test_twenty_people_at_once_are_all_registered() -> None:
    assert race(lambda person: {}) == {"registered": RUNNERS}
    assert Borrower.objects.count() == AadhaarRecord.objects.count() == RUNNERS


def test_crossed_details_never_stop_each_other_for_good() -> None:
    """Each shares the e-mail with one neighbour, the Aadhaar number and a PAN with others."""
    ended = race(
        lambda person: {
            "email": f"pair-{person // 2}@brightlend.example",
            "aadhaar_number": aadhaar_number((person + 1) // 2),
            "pan": pan((person + 2) // 3),
        }
    )
    assert ended.total() == RUNNERS
    assert ended["registered"] >= 1
    assert Borrower.objects.count() == AadhaarRecord.objects.count() == ended["registered"]
