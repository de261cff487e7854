"""Editing products in rupees and per cent; what contradicts itself is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils.html import strip_tags

from loan.models import AffordabilitySlab, LoanProduct, PricingBand
from tests.builders import RUPEE, a_product
from tests.integration.admin.pages import add_to, deletion_of, page_of, text_of

pytestmark = pytest.mark.django_db


def form_of(client: Client, address: str) -> dict[str, Any]:
    """Return what a product's form would send as it stands."""
    context = client.get(address).context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    sent: dict[str, Any] = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is not None and value is not False:
                sent[field.html_name] = value
    return sent


def saved(client: Client, product: LoanProduct, **changes: Any) -> Any:
    """Return the answer to a product's form sent with these changes; None leaves a box out."""
    sent = form_of(client, page_of(product)) | changes
    return client.post(page_of(product), {k: v for k, v in sent.items() if v is not None})


def errors_of(answer: Any) -> str:
    """Return everything that a refused form says, in one text."""
    assert answer.status_code == 200
    context = answer.context
    said = [str(context["adminform"].form.errors)]
    for inline in context["inline_admin_formsets"]:
        said += [str(inline.formset.non_form_errors()), str(inline.formset.errors)]
    return strip_tags(" ".join(said))


def test_amounts_are_shown_in_rupees_and_rates_in_per_cent(boss: Client) -> None:
    sent = form_of(boss, page_of(a_product(penal_charge_paise=499_50)))
    assert sent["minimum_amount_paise"] == "25000"
    assert sent["penal_charge_paise"] == "499.50"
    assert sent["indicative_rate_bps"] == "16"
    assert sent["pricing_bands-4-amount_cap_paise"] == "100000"
    assert sent["slabs-1-foir_cap_bps"] == "45"
    assert "paise" not in strip_tags(text_of(boss, page_of(LoanProduct.objects.get())))


def test_a_form_sent_as_it_stands_changes_nothing(boss: Client) -> None:
    product = a_product(indicative_rate_bps=1846, penal_charge_paise=499_50)
    rows = (LoanProduct, PricingBand, AffordabilitySlab)
    before = [list(model._default_manager.order_by("pk").values()) for model in rows]
    assert saved(boss, product).status_code == 302
    assert before == [list(model._default_manager.order_by("pk").values()) for model in rows]
    assert LogEntry.objects.get().get_change_message() == "No fields changed."


def test_changes_are_stored_to_the_paisa_and_logged(boss: Client) -> None:
    product = a_product()
    changes = {
        "penal_charge_paise": "499.50",
        "indicative_rate_bps": "18.46",
        "pricing_bands-0-annual_rate_bps": "11.75",
        "pricing_bands-0-amount_cap_paise": "2400000",
        "slabs-0-monthly_income_from_paise": "0.00",
        "excluded_employment_types": ["STUDENT", "UNEMPLOYED"],
    }
    assert saved(boss, product, **changes).status_code == 302
    product.refresh_from_db()
    assert (product.penal_charge_paise, product.indicative_rate_bps) == (499_50, 1846)
    assert product.excluded_employment_types == ["STUDENT", "UNEMPLOYED"]
    band = PricingBand.objects.get(minimum_score=800)
    assert (band.annual_rate_bps, band.amount_cap_paise) == (1175, 2_400_000 * RUPEE)
    message = LogEntry.objects.get().get_change_message()
    assert "Penal charge" in message
    assert "pricing band" in message
    assert "slab" not in message


def test_the_way_a_processing_fee_comes_is_chosen_in_words(boss: Client) -> None:
    product = a_product()
    shown = text_of(boss, page_of(product))
    assert "Deducted from the payout" in shown
    assert "Paid by the borrower, as a charge" in shown
    assert saved(boss, product, fee_collection="PAID").status_code == 302
    product.refresh_from_db()
    assert product.fee_collection == "PAID"
    assert "The processing fee is" in LogEntry.objects.get().get_change_message()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"minimum_amount_paise": "1e5"}, "The amount must be plain rupees"),
        ({"minimum_amount_paise": "25,000"}, "The amount must be plain rupees"),
        ({"minimum_amount_paise": "₹25000"}, "The amount must be plain rupees"),
        ({"minimum_amount_paise": "१२३"}, "The amount must be plain rupees"),
        ({"minimum_amount_paise": "0.001"}, "The amount must be plain rupees"),
        ({"minimum_amount_paise": "9" * 40}, "at most 20 characters"),
        ({"minimum_amount_paise": "-25000"}, "Must not be negative."),
        ({"minimum_amount_paise": ""}, "This field is required."),
        ({"indicative_rate_bps": "sixteen"}, "Must be a percentage with at most two decimals"),
        ({"indicative_rate_bps": "60.01"}, "product indicative rate is at most 60 percent"),
        ({"minimum_amount_paise": "2600000"}, "product amounts are positive and ordered"),
        ({"minimum_amount_paise": "25500"}, "amounts are multiples of ₹1,000.00"),
        ({"amount_step_paise": "0"}, "product amount step is positive"),
        ({"maximum_tenure_months": "5"}, "product tenures are ordered and at most 360"),
        ({"due_day": "32"}, "product due day is 1 to 31"),
        ({"due_day": ""}, "A loan repaid by months needs a day of the month."),
        ({"fee_collection": "LATER"}, "LATER is not one of the available choices"),
        ({"fee_collection": ""}, "This field is required."),
        ({"frequency": "DAILY"}, "DAILY is not one of the available choices"),
        ({"frequency": "WEEKLY"}, "Leave it empty: a loan repaid by weeks has no day"),
        (
            {"frequency": "QUARTERLY", "minimum_tenure_months": "7"},
            "minimum_tenure_monthsMust be whole periods of 3 months.",
        ),
        (
            {"frequency": "QUARTERLY", "maximum_tenure_months": "59"},
            "maximum_tenure_monthsMust be whole periods of 3 months.",
        ),
        ({"interest_moratorium_periods": "1"}, "Must not be more than the 0 periods without"),
        ({"moratorium_interest": "CAPITALISED"}, "Nothing can be added to the principal without"),
        (
            {
                "interest_method": "FLAT",
                "principal_moratorium_periods": "2",
                "interest_moratorium_periods": "2",
                "moratorium_interest": "CAPITALISED",
            },
            "Flat interest is on the amount lent, and is not added",
        ),
        (
            {"principal_moratorium_periods": "6"},
            "must be shorter than the shortest loan, which has 6 instalments",
        ),
        ({"penal_grace_days": "400"}, "Penal grace days: must be from 0 to 365."),
        ({"excluded_employment_types": ["ASTRONAUT"]}, "ASTRONAUT"),
        ({"pricing_bands-0-minimum_score": "901"}, "pricing band score is 300 to 900"),
        ({"pricing_bands-0-minimum_score": "700"}, "Please correct the duplicate"),
        ({"slabs-0-monthly_income_from_paise": "10"}, "first slab must begin at an income of 0"),
        ({"slabs-0-foir_cap_bps": "101"}, "slab income is not negative and cap at most whole"),
        ({f"pricing_bands-{n}-DELETE": "on" for n in range(5)}, "needs a price"),
        ({f"slabs-{n}-DELETE": "on" for n in range(4)}, "needs a slab"),
    ],
)
def test_what_contradicts_itself_is_refused_in_words(
    boss: Client, changes: dict[str, Any], said: str
) -> None:
    product = a_product()
    before = LoanProduct.objects.values().get()
    assert said in errors_of(saved(boss, product, **changes))
    assert LoanProduct.objects.values().get() == before
    assert (PricingBand.objects.count(), AffordabilitySlab.objects.count()) == (5, 4)


@pytest.mark.parametrize(
    "changes",
    [
        {"frequency": "WEEKLY", "due_day": "", "day_count": "ACTUAL_365"},
        {"frequency": "QUARTERLY", "broken_period_interest": "UPFRONT"},
        {
            "principal_moratorium_periods": "3",
            "interest_moratorium_periods": "2",
            "moratorium_interest": "CAPITALISED",
        },
    ],
    ids=str,
)
def test_rules_of_repayment_are_stored_as_chosen(boss: Client, changes: dict[str, str]) -> None:
    product = a_product()
    assert saved(boss, product, **changes).status_code == 302
    product.refresh_from_db()
    for name, value in changes.items():
        stored = getattr(product, name)
        assert ("" if stored is None else str(stored)) == value


def test_a_contradiction_is_said_at_its_field(boss: Client) -> None:
    answer = saved(boss, a_product(), frequency="FORTNIGHTLY", moratorium_interest="CAPITALISED")
    errors = answer.context["adminform"].form.errors
    assert set(errors) == {"due_day", "moratorium_interest"}


def test_a_closed_product_needs_neither_price_nor_slab(boss: Client) -> None:
    product = a_product()
    gone = {f"pricing_bands-{n}-DELETE": "on" for n in range(5)}
    gone |= {f"slabs-{n}-DELETE": "on" for n in range(4)}
    assert saved(boss, product, open_to_applications=None, **gone).status_code == 302
    assert not PricingBand.objects.exists()


def test_a_new_product_is_added_with_its_prices(boss: Client) -> None:
    sent = form_of(boss, page_of(a_product()))
    for name in list(sent):
        if name.endswith(("-id", "-product")):
            del sent[name]
    new = {
        "code": "SHORT_LOAN",
        "pricing_bands-INITIAL_FORMS": "0",
        "slabs-INITIAL_FORMS": "0",
    }
    for code, said in (("short loan", "Use capital letters"), ("PERSONAL_LOAN", "already exists")):
        assert said in errors_of(boss.post(add_to(LoanProduct), sent | new | {"code": code}))
    assert boss.post(add_to(LoanProduct), sent | new).status_code == 302
    product = LoanProduct.objects.get(code="SHORT_LOAN")
    assert (product.pricing_bands.count(), product.slabs.count()) == (5, 4)


def test_a_product_keeps_its_code_and_is_not_deleted(boss: Client) -> None:
    product = a_product()
    assert saved(boss, product, code="RENAMED").status_code == 302
    assert [each.code for each in LoanProduct.objects.all()] == ["PERSONAL_LOAN"]
    assert boss.get(deletion_of(product)).status_code == 403


def test_staff_who_only_look_change_no_product(viewer: Client, boss: Client) -> None:
    product = a_product()
    sent = form_of(boss, page_of(product)) | {"due_day": "10"}
    assert viewer.post(page_of(product), sent).status_code == 403
    product.refresh_from_db()
    assert product.due_day == 5


def test_an_officer_edits_a_product_without_its_prices(staff: Callable[..., Client]) -> None:
    officer = staff("loan.view_loanproduct", "loan.change_loanproduct")
    product = a_product()
    assert saved(officer, product, due_day="10").status_code == 302
    product.refresh_from_db()
    assert product.due_day == 10
    assert product.pricing_bands.count() == 5


def test_penal_slabs_are_written_in_days_and_rupees(boss: Client) -> None:
    product = a_product(penal_charge_paise=0)
    assert saved(boss, product, penal_slabs="7: 250, 30: 499.50").status_code == 302
    product.refresh_from_db()
    assert product.penal_slabs == [[7, 250_00], [30, 499_50]]
    assert form_of(boss, page_of(product))["penal_slabs"] == "7: 250, 30: 499.50"
    for wrong in ("7", "7: many", "seven: 250", "30: 500, 7: 250", "7: 0"):
        assert saved(boss, product, penal_slabs=wrong).status_code == 200
    product.refresh_from_db()
    assert product.penal_slabs == [[7, 250_00], [30, 499_50]]
