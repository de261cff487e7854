"""The sidebar of the admin: what each person may look at, in the order of the work."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

Item = dict[str, Any]


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups of links, without those that lead to what the person may not see."""
    groups = [
        _group("", [_overview()]),
        _group(
            "Borrowers",
            [
                _list("Borrowers", "users.borrower", "person"),
                _list("Notices", "users.notice", "mail"),
                _list("Consents", "users.consent", "fact_check"),
            ],
        ),
        _group(
            "Credit",
            [
                _list("Scores", "credit.creditscore", "speed"),
                _list("Bank transactions", "credit.banktransaction", "receipt_long"),
            ],
        ),
        _group("Loans", _loans()),
        _ledger(),
        _group(
            "Billing",
            [
                _list("Billing runs", "loan.billingrun", "event_repeat"),
                _list("Business day", "loan.businessday", "today"),
                _list("Transaction files", "credit.transactionfile", "upload_file"),
                _list("Rejected rows", "credit.rejectedrow", "rule"),
            ],
        ),
        _group("Settings", _settings()),
    ]
    allowed = [
        {**group, "items": [item for item in group["items"] if item["permission"](request)]}
        for group in groups
    ]
    return [group for group in allowed if group["items"]]


def favicon(request: HttpRequest) -> str:
    """Return the address of the site's icon."""
    return static("bright_credit/favicon.svg")


def style_sheet(request: HttpRequest) -> str:
    """Return the address of our additions to the theme."""
    return static("bright_credit/admin.css")


def _loans() -> list[Item]:
    return [
        _referred(),
        _applications(),
        _list("Decisions", "loan.applicationdecision", "gavel"),
        _list("Loans", "loan.loan", "account_balance_wallet"),
        _list("Payments", "loan.payment", "payments"),
        _list("Events", "loan.event", "history"),
        _list("Requests for approval", "loan.approvalrequest", "how_to_reg"),
        _list("Allocations", "loan.allocation", "call_split"),
        _list("Charges", "loan.charge", "request_quote"),
    ]


def _settings() -> list[Item]:
    return [
        _list("Products", "loan.loanproduct", "inventory_2"),
        _list("Schedule", "django_celery_beat.periodictask", "schedule"),
        _list("Times of day", "django_celery_beat.crontabschedule", "alarm"),
        _list("Partners", "users.partner", "handshake"),
        _list("Partners' keys", "users.partnerkey", "key"),
        _list("Webhook endpoints", "users.webhookendpoint", "webhook"),
        _list("Webhook deliveries", "users.webhookdelivery", "outbox"),
        _list("Staff logins", "users.user", "badge"),
        _list("Groups", "auth.group", "group"),
        _list("Audit trail", "audit_trail.auditentry", "policy"),
        _list("Access log", "users.accesslogentry", "visibility"),
    ]


def _ledger() -> dict[str, Any]:
    return _group(
        "Ledger",
        [
            _list("Accounts", "ledger.account", "account_tree"),
            _list("Journal entries", "ledger.entry", "book"),
            _list("Transfers", "ledger.transfer", "swap_horiz"),
            _list("Accruals", "loan.accrual", "trending_up"),
            _list("Provisions", "loan.provision", "shield"),
            _list("Provision rates", "loan.provisionrate", "percent"),
        ],
    )


def _group(title: str, items: list[Item]) -> dict[str, Any]:
    return {"title": title, "separator": bool(title), "items": items}


def _overview() -> Item:
    return {
        "title": "Book at a glance",
        "icon": "dashboard",
        "link": reverse("admin:index"),
        "permission": lambda request: True,
    }


def _list(title: str, model: str, icon: str) -> Item:
    app, name = model.split(".")
    return {
        "title": title,
        "icon": icon,
        "link": reverse(f"admin:{app}_{name}_changelist"),
        "permission": _may_see(app, name),
    }


def _referred() -> Item:
    queue = _list("Referred: to decide", "loan.loanapplication", "inbox")
    return queue | {
        "link": f"{queue['link']}?status__exact=REFERRED",
        "badge": "loan.admin.dashboard.referred_badge",
        "active": lambda request: _is_queue(request),
    }


def _applications() -> Item:
    every = _list("Applications", "loan.loanapplication", "description")
    return every | {
        "active": lambda request: request.path.startswith(every["link"]) and not _is_queue(request)
    }


def _is_queue(request: HttpRequest) -> bool:
    return request.GET.get("status__exact") == "REFERRED"


def _may_see(app: str, name: str) -> Callable[[HttpRequest], bool]:
    def check(request: HttpRequest) -> bool:
        return any(request.user.has_perm(f"{app}.{verb}_{name}") for verb in ("view", "change"))

    return check
