"""The chain over the trail: whole when nobody touched it, broken when somebody did."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection

from bright_credit.common.audit_trail.chain import chain_entries, chain_faults, head_of_chain
from bright_credit.common.audit_trail.models import AuditEntry, AuditLink
from loan.models import LoanProduct
from tests.audit import findings
from tests.builders import a_product
from tests.integration.loan.racing import collide

pytestmark = pytest.mark.django_db


def changes(count: int) -> None:
    a_product()
    for days in range(count):
        LoanProduct.objects.update(penal_grace_days=days + 1)


def test_entries_are_chained_once_and_in_order() -> None:
    changes(3)
    waiting = head_of_chain()
    assert (waiting.position, waiting.unchained) == (0, AuditEntry.objects.count())
    assert chain_entries() == AuditEntry.objects.count()
    assert chain_entries() == 0
    first = head_of_chain()
    assert (first.position, first.unchained) == (AuditEntry.objects.count(), 0)
    changes(4)
    assert chain_entries() > 0
    assert head_of_chain().digest != first.digest
    assert list(chain_faults()) == []


def _as_no_trigger_sees(statement: str) -> None:
    """Do what only a superuser of the database can: past the triggers."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


TAMPERING = {
    "an entry changed": "UPDATE audit_trail_auditentry SET actor = 'nobody' WHERE id = {entry}",
    "a value changed": "UPDATE audit_trail_auditentry SET after = '{{}}' WHERE id = {entry}",
    "an entry removed": "DELETE FROM audit_trail_auditentry WHERE id = {entry}",
    "a link removed": "DELETE FROM audit_trail_auditlink WHERE entry_id = {entry}",
    "a digest changed": "UPDATE audit_trail_auditlink SET digest = 'x' WHERE entry_id = {entry}",
}


@pytest.mark.parametrize("how", TAMPERING)
def test_whoever_tampers_breaks_the_chain(how: str) -> None:
    changes(5)
    chain_entries()
    entry = AuditLink.objects.order_by("position")[3].entry_id
    _as_no_trigger_sees(TAMPERING[how].format(entry=entry))
    faults = list(chain_faults())
    assert faults
    assert [found for found in findings() if found.check == "audit trail"]
    with pytest.raises(SystemExit):
        call_command("verify_audit_trail")
    _as_no_trigger_sees(TAMPERING["a link removed"].format(entry=entry))


def test_the_command_chains_and_prints_the_head(capsys: pytest.CaptureFixture[str]) -> None:
    changes(2)
    call_command("verify_audit_trail")
    said = capsys.readouterr().out
    assert head_of_chain().digest in said
    assert "The audit trail verifies." in said


@pytest.mark.django_db(transaction=True)
def test_two_who_chain_at_once_make_one_chain() -> None:
    changes(5)
    chained: list[Callable[[], int]] = [chain_entries, chain_entries]

    def hold() -> object:
        with connection.cursor() as cursor:
            return cursor.execute("SELECT pg_advisory_xact_lock(%s)", [0x61756469745F74])

    counts = collide(chained, hold=hold)
    assert sorted(counts) == [0, AuditEntry.objects.count()]  # type: ignore[type-var]
    assert list(chain_faults()) == []


@pytest.mark.django_db(transaction=True)
def test_who_commits_late_is_chained_late() -> None:
    """The entry of a transaction that began first is chained by the next pass, behind the rest."""
    changes(1)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("UPDATE auth_group SET name = name || 'x' WHERE name = 'viewer'")
            changes(3)
            chain_entries()
            cursor.execute("COMMIT")
    finally:
        other.close()
    assert chain_entries() == 1
    assert list(chain_faults()) == []
    last = AuditLink.objects.select_related("entry").latest("position")
    assert last.entry.table_name == "auth_group"
    assert AuditEntry.objects.filter(pk__gt=last.entry_id).exists()
