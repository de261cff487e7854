"""The figures in the documents are those of the code: accounts, postings, points, answers."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from bright_credit.common.money import parse_rupees
from credit.domain import bins, cash_flow_points
from credit.domain.scorecard import MAXIMUM_POINTS, OVERLAY_CAPS
from ledger.domain.chart import CHART
from ledger.domain.entries import TransferDraft
from loan.domain.effects import Effect
from loan.domain.posting_rules import disbursement_transfers, effect_transfers
from loan.domain.schedule import amortization_schedule
from loan.domain.servicing import PaymentReceived, replay
from loan.domain.terms import InstalmentRounding, InterestMethod, LoanTerms, SplitRounding
from tests.architecture.documents import code_words, document, json_blocks, rows, section
from tests.architecture.source_tree import Source, application_sources

EXAMPLE_TERMS = LoanTerms(
    principal_paise=50_000_000,
    annual_rate_bps=1_600,
    tenure_months=24,
    interest_method=InterestMethod.REDUCING_BALANCE,
    instalment_rounding=InstalmentRounding.RUPEE,
    split_rounding=SplitRounding.PAISA,
    disbursed_on=date(2026, 11, 23),
    first_due_date=date(2027, 1, 5),
    due_day=5,
    penal_grace_days=3,
    penal_charge_paise=50_000,
)
EXAMPLE_PAYMENTS = (
    PaymentReceived(key="A", value_date=date(2027, 1, 5), sequence=1, amount_paise=2_500_000),
    PaymentReceived(key="B", value_date=date(2027, 2, 10), sequence=2, amount_paise=2_446_400),
)

#: The answers shown in docs/api.md: the section, which of its blocks, the component it is one of.
ANSWERS = (
    ("Register a borrower", 1, "RegistrationAnswer"),
    ("Credit scores", 0, "ScoresAnswer"),
    ("Quote a loan", 1, "QuoteAnswer"),
    ("Apply for a loan", 1, "ApplicationAnswer"),
    ("Post a payment", 1, "PaymentAnswer"),
    ("Statements", 0, "StatementAnswer"),
    ("Conventions", 0, "Problem"),
)


def test_the_chart_of_accounts_is_the_code_s() -> None:
    shown = list(rows(section(document("docs/accounting.md"), "Chart of accounts")))[1:]
    assert shown == [
        (
            str(spec.code),
            spec.name,
            spec.type.lower(),
            spec.normal_side.lower(),
            "yes" if spec.is_control else "",
        )
        for spec in CHART
    ]


def test_the_worked_example_is_what_the_core_posts() -> None:
    text = section(document("docs/accounting.md"), "A worked example")
    shown = [
        (date.fromisoformat(row[0]), row[2], row[3], paise(row[4]))
        for row in rows(text)
        if re.fullmatch(r"[0-9-]{10}", row[0])
    ]
    posted = [
        (day, transfer.debit.value, transfer.credit.value, transfer.amount_paise)
        for day, transfer in example_transfers()
    ]
    assert shown == posted


def test_the_balances_of_the_worked_example_are_its_sums() -> None:
    text = section(document("docs/accounting.md"), "A worked example")
    shown = {
        row[0][:4]: paise(row[1] or "₹0") - paise(row[2] or "₹0")
        for row in rows(text)
        if len(row) == 3 and row[0][:4].isdigit()
    }
    balances: dict[str, int] = {}
    for _, transfer in example_transfers():
        for account, change in (
            (transfer.debit.value, transfer.amount_paise),
            (transfer.credit.value, -transfer.amount_paise),
        ):
            balances[account] = balances.get(account, 0) + change
    assert shown == {account: balance for account, balance in balances.items() if balance}


def example_transfers() -> Iterator[tuple[date, TransferDraft]]:
    schedule = amortization_schedule(EXAMPLE_TERMS)
    paid_out = disbursement_transfers(50_000_000, fee_paise=1_000_000, gst_paise=180_000)
    yield from ((EXAMPLE_TERMS.disbursed_on, transfer) for transfer in paid_out)
    history = replay(EXAMPLE_TERMS, EXAMPLE_PAYMENTS, date(2027, 2, 10), schedule=schedule)
    for effect in history.effects:
        yield from ((day_of(effect), transfer) for transfer in effect_transfers(effect))


def day_of(effect: Effect) -> date:
    for name in ("value_date", "due_date", "levied_on"):
        if hasattr(effect, name):
            day: date = getattr(effect, name)
            return day
    raise ValueError(f"{effect} moves money on no date")


def test_every_point_of_the_scorecard_is_as_documented() -> None:
    text = document("docs/scoring.md")
    shown = {
        row[3].strip("`"): (row[1], row[2])
        for row in rows(text)
        if len(row) == 4 and row[1].isdigit()
    }
    for code, points, band in code_bins():
        assert code in code_words(text), code
        if code in shown:
            assert shown[code] == (str(points), band), code
        else:
            assert f"{points} {band}" in text or f"{points} points, {band}" in text, code


def test_maxima_and_ceilings_of_the_scorecard_are_as_documented() -> None:
    text = document("docs/scoring.md")
    headings = re.findall(r"^### ([\w ]+), at most (\d+)$", text, re.MULTILINE)
    assert {name.lower().replace(" ", "_"): int(most) for name, most in headings} == {
        characteristic.value: most for characteristic, most in MAXIMUM_POINTS.items()
    }
    ceilings = list(rows(section(text, "Ceilings")))[1:]
    assert [int(ceiling) for _, ceiling in ceilings] == list(OVERLAY_CAPS.values())


def code_bins() -> Iterator[tuple[str, int, str]]:
    """Yield code, points and band of every bin that the scorecard's modules write down."""
    modules = {bins.__name__, cash_flow_points.__name__}
    for source in application_sources():
        if source.module in modules:
            yield from _bins_of(source)


def _bins_of(source: Source) -> Iterator[tuple[str, int, str]]:
    for node in ast.walk(source.tree):
        match node:
            case ast.Call(
                func=ast.Name(id="Bin"),
                args=[
                    ast.Constant(value=int(points)),
                    ast.Attribute(attr=band),
                    ast.Constant(value=str(code)),
                    *_,
                ],
            ):
                yield code, points, band


@pytest.fixture(scope="module")
def components() -> dict[str, Any]:
    described = SchemaGenerator(api_version="v1").get_schema(public=True)
    schemas: dict[str, Any] = described["components"]["schemas"]
    return schemas


@pytest.mark.parametrize(("heading", "block", "component"), ANSWERS)
def test_the_answers_shown_have_the_members_they_have(
    components: dict[str, Any], heading: str, block: int, component: str
) -> None:
    example = json_blocks(section(document("docs/api.md"), heading))[block]
    assert list(differences(example, components[component], components)) == []


def test_the_list_shown_has_the_members_it_has(components: dict[str, Any]) -> None:
    (page,) = json_blocks(section(document("docs/api.md"), "A borrower's loans"))
    assert page.keys() == {"results", "next", "previous"}
    for loan in page["results"]:
        assert list(differences(loan, components["LoanAnswer"], components)) == []


def differences(
    example: Any, schema: dict[str, Any], components: dict[str, Any], place: str = "answer"
) -> Iterator[str]:
    """Yield where an example has other members than the description of its kind."""
    schema = _resolved(schema, components)
    if isinstance(example, list):
        for item in example:
            yield from differences(item, schema["items"], components, f"{place}[]")
    elif isinstance(example, dict):
        properties = schema["properties"]
        required = set(schema.get("required", ()))
        if example.keys() - properties.keys() or required - example.keys():
            yield f"{place}: shown {sorted(example)}, described {sorted(properties)}"
        for name in example.keys() & properties.keys():
            yield from differences(example[name], properties[name], components, f"{place}.{name}")


def _resolved(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """Follow references, also through the wrappers that hold a note or a null beside them."""
    for wrapper in ("allOf", "oneOf", "anyOf"):
        if wrapper in schema:
            schema = next(part for part in schema[wrapper] if part.get("type") != "null")
    if "$ref" in schema:
        return _resolved(components[schema["$ref"].rpartition("/")[2]], components)
    return schema


def paise(text: str) -> int:
    return parse_rupees(text.removeprefix("₹").replace(",", ""))
