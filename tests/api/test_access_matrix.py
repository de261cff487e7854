"""Every address, called by every kind of caller, about what is theirs, another's, and not there.

The table (`tests.api.access_table`) says who may call what. It is written by hand, to be read and
signed; the code has its own rules, and the two are held against each other. An address that is not
in it fails.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from loan.models import Loan
from loan.services.approvals.asking import Asked, ask
from loan.services.approvals.kinds import waiver
from loan.services.charges import levy_charge
from loan.services.happening import Author
from tests.api.access_table import (
    ABOUT_SOMEBODY,
    CHARGE,
    COLUMNS,
    CREATING,
    GUARDED,
    MISSING,
    NOT_NOW,
    PARTNERS_ALONE,
    SCOPES,
    TABLE,
    WELL,
    Target,
    call,
)
from tests.api.conftest import SetDate
from tests.api.problem import problem_of
from tests.api.test_conventions import ROUTES, taken
from tests.builders import a_disbursed_loan, pay
from tests.callers import (
    a_key,
    a_login,
    a_partner,
    as_borrower,
    as_partner,
    as_staff,
    bearer,
    signed_in,
)
from tests.integration.users.receiver import an_endpoint
from users.domain.callers import Caller, CallerKind
from users.domain.scopes import Scope
from users.models import Borrower, Partner, PartnerKey, SignInSession, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("live")]


@pytest.fixture
def live(settings: Settings) -> None:
    """Shut the sandbox's door, and ask staff for their second factor."""
    settings.OPEN_TO_LOOPBACK = False
    settings.STAFF_SECOND_FACTOR = True


@dataclass(frozen=True, slots=True)
class World:
    """Two borrowers of two partners, each with a loan."""

    partner: Partner
    owner: Borrower
    own: Target
    other: Target


@pytest.fixture
def world(today: SetDate) -> World:
    """Return a world of two who know nothing of each other."""
    loans = [a_disbursed_loan(amount_paise=100_000_00) for _ in range(2)]
    partners = [a_partner("First"), a_partner("Second")]
    for loan, partner in zip(loans, partners, strict=True):
        Borrower.objects.filter(pk=loan.borrower_id).update(partner=partner)
    own, other = map(_target, loans, partners)
    return World(partner=partners[0], owner=loans[0].borrower, own=own, other=other)


def _target(loan: Loan, partner: Partner) -> Target:
    payment = pay(loan, 100_00, on=loan.disbursed_on)
    levy_charge(
        loan.public_id,
        key=CHARGE,
        amount_paise=500_00,
        as_of=loan.disbursed_on,
        by=Author(reason="a test"),
    )
    endpoint = an_endpoint(partner, "https://hooks.example.com/matrix").endpoint
    return Target(
        loan.borrower.public_id, loan.public_id, payment.pk, _asked_for(loan), endpoint.pk
    )


def _asked_for(loan: Loan) -> int:
    """Return a request that another person has made, for a part of the charge."""
    today = loan.disbursed_on
    asked = ask(
        waiver(loan.public_id, CHARGE, amount_paise=100_00, as_of=today),
        by=Author(actor="maker", reason="a test"),
        maker=Caller(CallerKind.STAFF, 999_999),
        as_of=today,
        now=timezone.now(),
    )
    assert isinstance(asked, Asked)
    return asked.request.pk


def client_and_headers(column: str, world: World) -> tuple[Client, dict[str, str]]:
    """Return a caller of a column of the table."""
    if column == "borrower":
        return Client(), as_borrower(world.owner)
    if column == "partner":
        return Client(), as_partner(world.partner)
    return as_staff(a_login(column.replace(" ", "-"), role=column)), {}


def served() -> set[str]:
    """Return every address that answers, as the table writes them."""
    return {
        f"{method.upper()} {_with_names(address)}"
        for address, view in ROUTES
        for method in taken(view)
    }


def _with_names(address: str) -> str:
    address = address.replace("/endpoints/999999999", "/endpoints/<endpoint_id>")
    named = address.replace("/charges/LN-2099-999999", "/charges/<charge>")
    named = named.replace("/approvals/999999999", "/approvals/<approval_id>")
    named = named.replace("/borrowers/LN-2099-999999", "/borrowers/<user_id>")
    return named.replace("LN-2099-999999", "<loan_id>").replace("999999999", "<payment_id>")


def test_every_address_is_in_the_table() -> None:
    assert served() == set(TABLE)
    assert all(len(row) == len(COLUMNS) for row in TABLE.values())
    assert set(SCOPES) == {address for address, row in TABLE.items() if row[1] in {"own", "yes"}}


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("address", GUARDED)
def test_each_caller_gets_what_the_table_says(world: World, address: str, column: str) -> None:
    client, headers = client_and_headers(column, world)
    allowed = TABLE[address][COLUMNS.index(column)]
    statuses = [
        call(client, address, target, headers).status_code
        for target in (world.own, world.other, MISSING)
    ]
    if allowed == "no":
        assert statuses == [403, 403, 403]
    elif allowed == "yes":
        # A session that has signed out is closed to the calls that follow.
        assert statuses in ([201, 201, 201], [200, 200, 200], [200, 401, 401])
    else:
        well = 201 if address in CREATING else NOT_NOW.get(address, 200)
        assert statuses == [well, well if allowed == "all" else 404, 404]


@pytest.mark.parametrize("column", ["borrower", "partner"])
@pytest.mark.parametrize("address", ABOUT_SOMEBODY)
def test_anothers_and_nobodys_look_the_same_and_cost_the_same(
    world: World, address: str, column: str
) -> None:
    if TABLE[address][COLUMNS.index(column)] == "no":
        return
    client, headers = client_and_headers(column, world)
    call(client, address, world.own, headers)  # what is learnt once is learnt by now
    seen = []
    for target in (world.other, MISSING):
        with CaptureQueriesContext(connection) as asked:
            answer = call(client, address, target, headers)
        problem = problem_of(answer, status=404)
        problem.pop("instance")
        shapes = [_shape(query["sql"]) for query in asked.captured_queries]
        seen.append((problem, shapes, sorted(answer.headers)))
    assert seen[0] == seen[1]


def _shape(sql: str) -> str:
    """Return a statement without its values: what the time it takes depends on."""
    return re.sub(r"'[^']*'(::\w+)?|\bs[0-9]+_x[0-9]+\b|\b[0-9a-f]{32}\b|\b[0-9]+\b", "?", sql)


@pytest.mark.parametrize("address", GUARDED)
def test_who_has_proven_nothing_is_a_401_whatever_it_is_about(world: World, address: str) -> None:
    for target in (world.own, MISSING):
        for headers in _unproven(world):
            answer = call(Client(), address, target, headers)
            problem = problem_of(answer, status=401)
            assert problem["code"] in {"not_authenticated", "authentication_failed"}
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="BrightLend"'


def _unproven(world: World) -> list[dict[str, str]]:
    """Return headers that prove nothing: none, nonsense, and what was good once."""
    ended = signed_in(world.owner)
    SignInSession.objects.filter(borrower=world.owner).update(
        ended_at=timezone.now(), end_reason="SIGNED_OUT"
    )
    revoked = a_key(world.partner)
    PartnerKey.objects.filter(pk=revoked.key.pk).update(revoked_at=timezone.now())
    expired = a_key(world.partner)
    PartnerKey.objects.filter(pk=expired.key.pk).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    idle = a_partner(f"Idle {world.partner.keys.count()}")
    idle_key = a_key(idle)
    Partner.objects.filter(pk=idle.pk).update(active=False)
    return [
        {},
        {"HTTP_AUTHORIZATION": "Basic dXNlcjpwYXNz"},
        bearer("nonsense"),
        bearer("blk_0123456789abcdef_" + "A" * 43),
        bearer(ended.access_token),
        bearer(revoked.text),
        bearer(expired.text),
        bearer(idle_key.text),
        {"REMOTE_ADDR": "127.0.0.1"},
    ]


@pytest.mark.parametrize("address", GUARDED)
def test_staff_without_a_role_and_logins_that_are_not_staff_are_refused(
    world: World, address: str
) -> None:
    clients = [
        as_staff(a_login("newcomer")),
        as_staff(a_login("outsider", is_staff=False)),
        as_staff(a_login("unverified", role="operations"), verified=False),
        as_staff(a_login("boss", is_superuser=True), verified=False),
    ]
    for client in clients:
        problem_of(call(client, address, world.own, {}), status=403)


@pytest.mark.parametrize("address", [each for each in SCOPES if each not in PARTNERS_ALONE])
def test_a_superuser_may_call_and_a_login_that_was_switched_off_may_not(
    world: World, address: str
) -> None:
    boss = a_login("boss", is_superuser=True)
    client = as_staff(boss)
    assert call(client, address, world.other, {}).status_code in WELL
    User.objects.filter(pk=boss.pk).update(is_active=False)
    problem_of(call(client, address, world.other, {}), status=401)


@pytest.mark.parametrize("address", SCOPES)
def test_a_key_is_good_for_its_scopes_alone(world: World, address: str) -> None:
    alone = as_partner(world.partner, [SCOPES[address]])
    assert call(Client(), address, world.own, alone).status_code in WELL
    others = as_partner(world.partner, [scope for scope in Scope if scope != SCOPES[address]])
    problem_of(call(Client(), address, world.own, others), status=403, code="permission_denied")


@pytest.mark.parametrize("address", sorted(set(TABLE) - set(GUARDED)))
def test_signing_in_is_open_to_anybody_and_heeds_no_credentials(world: World, address: str) -> None:
    for headers in ({}, bearer("nonsense"), as_partner(world.partner)):
        answer = call(Client(), address, MISSING, headers)
        assert answer.status_code == 202 or answer.json()["code"] in {
            "code_refused",
            "refresh_refused",
        }


def test_a_borrower_whom_a_partner_registers_belongs_to_it(world: World) -> None:
    headers = as_partner(world.partner)
    answer = call(Client(), "POST /api/v1/users/register", world.own, headers)
    registered = Borrower.objects.latest("pk")
    assert answer.json()["user_id"] == registered.public_id
    assert registered.partner == world.partner


def test_the_sandbox_may_call_everything(world: World, settings: Settings) -> None:
    settings.OPEN_TO_LOOPBACK = True
    here = {"REMOTE_ADDR": "127.0.0.1"}
    for address in SCOPES:
        assert call(Client(), address, world.other, here).status_code in WELL, address
        problem_of(call(Client(), address, world.other, here | bearer("nonsense")), status=401)


@pytest.mark.parametrize(("column", "statements"), [("borrower", 1), ("partner", 1 + 1)])
def test_knowing_who_calls_takes_one_statement_and_a_partners_look_is_kept_by_one(
    world: World, settings: Settings, column: str, statements: int
) -> None:
    address = "GET /api/v1/loans/<loan_id>"
    client, headers = client_and_headers(column, world)
    call(client, address, world.own, headers)
    with CaptureQueriesContext(connection) as known:
        call(client, address, world.own, headers)
    settings.OPEN_TO_LOOPBACK = True
    with CaptureQueriesContext(connection) as anonymous:
        call(Client(), address, world.own, {"REMOTE_ADDR": "127.0.0.1"})
    assert len(known) == len(anonymous) + statements
