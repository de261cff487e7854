"""What statements add to a loan's page in the admin: its documents, and its amounts explained."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from bright_credit.common import business_day
from bright_credit.common.admin.columns import Tone, badge, day, number, rate, rupees
from bright_credit.common.admin.pages import panels_page
from bright_credit.common.admin.panels import Cell, Panel, Table, facts
from bright_credit.common.admin.theme import button
from loan.admin.clock import business_date
from loan.admin.loans import LoanAdmin
from loan.models import Loan
from statements.domain.explanations.catalogue import AmountNotFound
from statements.domain.explanations.steps import Explanation, Operand, Step, Unit
from statements.selectors.document_list import ListedDocument, documents_of
from statements.selectors.explanations import explained_amounts
from statements.serializers.documents import address_of

admin.site.unregister(Loan)


@admin.register(Loan)
class DocumentedLoanAdmin(LoanAdmin):
    """Loans, with their documents and explanations."""

    actions_detail = (*LoanAdmin.actions_detail, "explain")

    def panels(self, request: HttpRequest, obj: Loan) -> Sequence[Panel]:
        """Return the loan's whole story, and where its documents are."""
        # The story carries the loan to today, which the list of documents takes for granted.
        terms, position, *rest = super().panels(request, obj)
        documents = _documents(obj, documents_of(obj, now=business_date(request)))
        return [terms, position, documents, *rest]

    @button("Explain amounts", path="explain", permission="view", icon="function")
    def explain(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show every amount of the loan's statement, or how one of them comes about."""
        loan: Any = self.get_object(request, object_id)
        if loan is None:
            raise Http404
        amount = request.GET.get("amount")
        try:
            found = explained_amounts(
                loan.public_id, amount=amount, as_of=None, today=business_day.today()
            )
        except AmountNotFound as error:
            raise Http404 from error
        page = reverse("admin:loan_loan_explain", args=[loan.pk])
        return panels_page(
            request,
            self.admin_site,
            opts=self.opts,
            title=f"{loan.public_id}: amounts on {day(found.as_of)} explained",
            back=page if amount else reverse("admin:loan_loan_change", args=[loan.pk]),
            panels=[_steps(each) for each in found.explanations]
            if amount
            else list(_overview(found.explanations, page)),
        )


def _documents(loan: Loan, listed: Iterable[ListedDocument]) -> Panel:
    return facts(
        "Documents", *((each.title, _pdf_link(each, loan_id=loan.public_id)) for each in listed)
    )


def _pdf_link(listed: ListedDocument, *, loan_id: str) -> SafeString:
    url = address_of(listed, loan_id=loan_id, format="pdf")
    return format_html('<a class="bl-link" href="{}" target="_blank">PDF</a>', url)


def _overview(explanations: Iterable[Explanation], page: str) -> Iterator[Panel]:
    """Yield the summary's amounts, then a table of instalments, of charges and of payments."""
    groups: dict[str, dict[str, list[Explanation]]] = {}
    for each in explanations:
        groups.setdefault(each.groups[0], {}).setdefault(each.groups[-1], []).append(each)
    for group, rows in groups.items():
        title = group.replace("_", " ").capitalize()
        if list(rows) == [group]:
            yield facts(title, *((each.label, _linked(each, page)) for each in rows[group]))
        else:
            yield _overview_table(title, group, rows, page)


def _overview_table(
    title: str, group: str, rows: Mapping[str, Sequence[Explanation]], page: str
) -> Panel:
    """Return a table with a row for each instalment, charge or payment."""
    first = next(iter(rows.values()))
    names = tuple(_heading(each.name) for each in first)
    return Table(
        title=title,
        headings=("", *names),
        numeric=frozenset(names),
        rows=tuple(
            (place.removeprefix(f"{group}."), *(_linked(each, page) for each in members))
            for place, members in rows.items()
        ),
    )


def _heading(name: str) -> str:
    return name.removeprefix("allocation.").replace("_", " ").capitalize()


def _linked(explanation: Explanation, page: str) -> Cell:
    """Return an amount that leads to its explanation, marked when that comes to another."""
    return format_html(
        '<a class="bl-link" href="{}">{}</a>{}',
        f"{page}?{urlencode({'amount': explanation.amount})}",
        _measured(explanation.value, explanation.unit),
        "" if explanation.agrees else _agreement(explanation),
    )


def _steps(explanation: Explanation) -> Panel:
    return Table(
        title=explanation.label,
        headings=("Step", "What it rests on", "Comes to", "By the rule"),
        numeric=frozenset({"Comes to"}),
        rows=tuple(_step_row(step) for step in explanation.steps),
        note=format_html(
            "The statement shows {}. {}",
            _measured(explanation.value, explanation.unit),
            _agreement(explanation),
        ),
    )


def _step_row(step: Step) -> tuple[Cell, ...]:
    rests_on = format_html_join(
        "",
        "<div>{}: {}</div>",
        ((operand.label, _operand_value(operand)) for operand in step.operands),
    )
    rule = format_html("<div>{}</div><div>{}</div>", step.rule.text, step.rule.source)
    return (step.text, rests_on, _measured(step.result, step.unit), rule)


def _operand_value(operand: Operand) -> Cell:
    if isinstance(operand.value, int):
        return _measured(operand.value, operand.unit)
    return str(operand.value) if isinstance(operand.value, Fraction) else day(operand.value)


def _measured(value: int, unit: Unit) -> Cell:
    if unit is Unit.RUPEES:
        return rupees(value)
    if unit is Unit.PERCENT_A_YEAR:
        return rate(value)
    return number(value)


def _agreement(explanation: Explanation) -> SafeString:
    if explanation.agrees:
        return badge("agrees", Tone.GOOD)
    return badge("differs", Tone.DANGER)
