"""A small book with one of everything, and the people who look at it."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from bright_credit.common import business_day
from credit.models import TransactionFile
from credit.services.transactions import load_transaction_file
from loan.models import Loan, LoanApplication, QuarantinedLoan
from loan.services.accruing import post_accruals
from loan.services.approvals.asking import ask
from loan.services.approvals.kinds import waiver
from loan.services.billing.run import run_billing
from loan.services.consents import record_consent
from loan.services.happening import Author
from loan.services.provisioning import post_provision
from tests.builders import LAKH, RUPEE, a_borrower, a_disbursed_loan, an_application, pay
from tests.callers import a_key, a_partner
from tests.integration.users.receiver import an_endpoint
from users.domain.callers import Caller, CallerKind
from users.domain.consents import Action, Purpose, Said
from users.domain.notices import News, NoticeKind
from users.domain.webhooks import EventType, Fact
from users.models import Borrower, Partner, User
from users.services.notices import write_news
from users.services.outbox import tell

TODAY = date(2026, 2, 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What the pages of these tests are about."""

    loan: Loan
    referred: LoanApplication
    file: TransactionFile


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(business_day, "today", lambda: TODAY)


@pytest.fixture
def book() -> Book:
    """Return a loan that was paid once, late, and then not; a referral; a file with bad rows."""
    loan = a_disbursed_loan(as_of=date(2026, 1, 20))
    pay(loan, 20_000 * RUPEE, on=date(2026, 2, 10), reference="UPI-FIRST")
    file = a_file(
        f"{loan.borrower.public_id},2026-02-01,150000,CREDIT,SALARY",
        "=cmd|calc,2026-02-01,150000,CREDIT,<script>alert(1)</script>",
        f"{loan.borrower.public_id},2026-01-32,150000,CREDIT,SALARY",
    )
    report = run_billing(TODAY - timedelta(days=1), today=TODAY, may_run_ahead=False)
    run = report.closed[-1]
    QuarantinedLoan.objects.create(
        loan=loan,
        run=run,
        business_date=run.business_date,
        reason="planted, and released since",
        released_at=run.closed_at,
    )
    post_provision(run.business_date, today=TODAY, actor="accountant")
    post_accruals(today=TODAY, actor="system")
    partner = a_partner()
    a_key(partner)
    a_delivery(partner, loan)
    ask(
        waiver(loan.public_id, "PENAL-1", amount_paise=50 * RUPEE, as_of=TODAY),
        by=Author(actor="somebody", reason="goodwill"),
        maker=Caller(CallerKind.STAFF, 999_999),
        as_of=TODAY,
        now=timezone.now(),
    )
    record_consent(
        loan.borrower.public_id,
        Said(purpose=Purpose.MARKETING, action=Action.GIVEN, text_version="2026-11"),
    )
    return Book(loan=loan, referred=a_referral(), file=file)


def a_delivery(partner: Partner, loan: Loan) -> None:
    """Let a partner and a borrower be told of a loan, as if it were the partner's at the moment."""
    borrowers = Borrower.objects.filter(pk=loan.borrower_id)
    an_endpoint(partner, "https://hooks.example.com/a")
    borrowers.update(partner=partner)
    tell(loan.borrower_id, [Fact(type=EventType.LOAN_CLOSED, key="loan.closed/1", data={})])
    borrowers.update(partner=None)
    closed = {"closed_on": TODAY.isoformat()}
    news = News(kind=NoticeKind.CLOSED, key="CLOSED/1", loan_id=loan.public_id, data=closed)
    write_news(loan.borrower_id, [news])


def a_referral() -> LoanApplication:
    """Return an application that waits for a person, from somebody new."""
    application = an_application(
        a_borrower(as_of=TODAY), amount_paise=6 * LAKH, tenure_months=48, as_of=TODAY
    ).application
    assert application.status == LoanApplication.Status.REFERRED
    return application


def a_file(*rows: str) -> TransactionFile:
    """Return a loaded bank-transaction file."""
    return load_transaction_file(io.BytesIO(csv_of(*rows)), name="bank.csv", as_of=TODAY).file


def csv_of(*rows: str) -> bytes:
    """Return the bytes of a bank-transaction file."""
    header = "user_id,transaction_date,amount,type,description"
    return "".join(f"{line}\n" for line in (header, *rows)).encode()


@pytest.fixture
def boss() -> Client:
    """Return a superuser's browser."""
    return browser_of(User.objects.create_superuser("boss"))


@pytest.fixture
def staff() -> Callable[..., Client]:
    """Return a maker of browsers: of staff with these permissions, such as `loan.view_loan`."""

    def make(*permissions: str, name: str = "clerk") -> Client:
        user = User.objects.create_user(name, is_staff=True)
        user.user_permissions.set(permission(each) for each in permissions)
        return browser_of(user)

    return make


@pytest.fixture
def viewer(staff: Callable[..., Client]) -> Client:
    """Return the browser of staff who may look at everything and change nothing."""
    views = Permission.objects.filter(codename__startswith="view_").select_related("content_type")
    names = (f"{each.content_type.app_label}.{each.codename}" for each in views)
    return staff(*names, name="viewer")


def permission(name: str) -> Permission:
    """Return a permission by its name."""
    app, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)


def browser_of(user: User) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client
