"""The forms of a product, which refuse what would contradict itself or make no possible loan."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from bright_credit.common import business_day
from bright_credit.common.errors import DomainError
from bright_credit.common.money import (
    PAISE_PER_RUPEE,
    NotAnAmount,
    format_rupees,
    parse_rupees,
)
from loan.domain.frequency import Frequency
from loan.domain.terms import InvalidTerms
from loan.models import AffordabilitySlab, LoanProduct, PricingBand
from loan.selectors.products import policy_from
from loan.services.offering import make_offer
from users.models import Borrower

_CONSTRAINT = re.compile(r"Constraint “(?P<name>\w+)” is violated\.")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,39}", re.ASCII)
# Where the form says what a loan's terms are refused for.
_FORM_FIELDS = {
    "tenure_months": "maximum_tenure_months",
    "principal_paise": "minimum_amount_paise",
    "annual_rate_bps": "indicative_rate_bps",
}
_ANY_INCOME = AffordabilitySlab(monthly_income_from_paise=0, foir_cap_bps=1, income_multiplier=1)


class EmploymentTypesField(forms.MultipleChoiceField):
    """Employment types, as boxes to tick."""

    def __init__(self) -> None:
        super().__init__(
            choices=Borrower.EmploymentType.choices,
            required=False,
            widget=UnfoldAdminCheckboxSelectMultipleWidget,
            label="Excluded employment types",
            initial=[Borrower.EmploymentType.UNEMPLOYED.value],
        )


class PenalSlabsField(forms.CharField):
    """Penal slabs as days past due and rupees, such as `7: 250, 30: 500`."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            label="Penal slabs",
            widget=UnfoldAdminTextInputWidget,
            help_text="In the place of either: days past due and rupees, such as 7: 250, 30: 500.",
        )

    def prepare_value(self, value: Any) -> Any:
        """Return stored pairs as staff write them."""
        if not isinstance(value, list):
            return value
        return ", ".join(f"{days}: {plain_rupees(paise)}" for days, paise in value)

    def to_python(self, value: Any) -> Any:
        """Return what staff wrote as pairs of days and paise."""
        slabs = []
        for part in filter(None, (part.strip() for part in str(value or "").split(","))):
            days, _, amount = part.partition(":")
            if re.fullmatch(r"[0-9]{1,4}", days.strip(), re.ASCII) is None:
                raise ValidationError("Write days past due and rupees, such as 7: 250, 30: 500.")
            try:
                slabs.append([int(days), parse_rupees(amount.strip())])
            except NotAnAmount as refusal:
                raise ValidationError(
                    f"The amount after {days.strip()} days {refusal}."
                ) from refusal
        return slabs

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the pairs are others."""
        try:
            return bool(self.to_python(data) != (initial or []))
        except ValidationError:
            return True


def plain_rupees(paise: int) -> str:
    """Return an amount as staff type it: 250, or 249.50."""
    whole, part = divmod(paise, PAISE_PER_RUPEE)
    return str(whole) if part == 0 else f"{whole}.{part:02d}"


class RulesInWords(forms.ModelForm):  # type: ignore[type-arg]  # generic in stubs only
    """A form that states a violated constraint as the rule that its name is."""

    def add_error(self, field: str | None, error: Any) -> None:
        """Take an error in, in words."""
        if isinstance(error, ValidationError):
            for leaf in _leaves(error):
                leaf.message = _in_words(leaf.message)
        super().add_error(field, error)


class ProductForm(RulesInWords):
    """A product's own rules."""

    penal_slabs = PenalSlabsField()

    class Meta:
        model = LoanProduct
        fields = "__all__"
        labels = {
            "fee_gst_bps": "GST on the fee",
            "fee_collection": "The processing fee is",
            "frequency": "Repaid",
            "broken_period_interest": "Broken-period interest",
            "principal_moratorium_periods": "Periods without principal",
            "interest_moratorium_periods": "Periods without any payment",
            "moratorium_interest": "Interest of periods without any payment",
            "requires_verified_kyc": "Requires verified KYC",
            "maximum_age_self_employed_years": "The same for the self-employed",
        }

    def clean_code(self) -> str:
        """Refuse a code that callers could not write."""
        code = str(self.cleaned_data["code"])
        if _CODE.fullmatch(code) is None:
            raise ValidationError("Use capital letters, digits and _, such as PERSONAL_LOAN.")
        return code

    def clean(self) -> dict[str, Any]:
        """Refuse rules of repayment that exclude one another, at the field that says so."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for field, message in _contradictions(values):
            if field not in self.errors:
                self.add_error(field, message)
        return values

    def _post_clean(self) -> None:
        """Check the model's own rules; when all is right, that the product makes sense."""
        super()._post_clean()  # type: ignore[misc]  # Django's hook for model forms
        if not self.errors:
            self._require_possible()

    def _require_possible(self) -> None:
        """Refuse a product whose rules contradict each other, or of which no loan can be made."""
        product = self.instance
        for name in ("minimum_amount_paise", "maximum_amount_paise"):
            if getattr(product, name) % product.amount_step_paise:
                step = format_rupees(product.amount_step_paise)
                self.add_error(name, f"Is not lent: amounts are multiples of {step}.")
        try:
            policy_from(product, bands=(), slabs=(_ANY_INCOME,))
            _try_loans(product)
        except DomainError as refusal:
            # What refuses an offer is a rule of the terms, which are the product's own.
            cause = refusal.__cause__
            reason = cause if isinstance(cause, InvalidTerms) else refusal
            field = _FORM_FIELDS.get(reason.field or "", reason.field)
            field = field if field in self.fields else None
            self.add_error(field, _sentence(reason))


def _contradictions(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what rules of repayment exclude one another: the field, and why. Gaps are let pass."""
    if (name := values.get("frequency")) in LoanProduct.Frequencies.values:
        yield from _contradictions_of_frequency(Frequency(name), values)
    idle = values.get("principal_moratorium_periods") or 0
    silent = values.get("interest_moratorium_periods") or 0
    if silent > idle:
        yield (
            "interest_moratorium_periods",
            f"Must not be more than the {idle} periods without principal.",
        )
    if values.get("moratorium_interest") == LoanProduct.MoratoriumInterests.CAPITALISED:
        if silent == 0:
            yield (
                "moratorium_interest",
                "Nothing can be added to the principal without periods in which nothing is paid.",
            )
        elif values.get("interest_method") == LoanProduct.InterestMethods.FLAT:
            yield (
                "moratorium_interest",
                "Flat interest is on the amount lent, and is not added to the principal.",
            )


def _contradictions_of_frequency(
    frequency: Frequency, values: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    if frequency.has_due_day and values.get("due_day") is None:
        yield "due_day", "A loan repaid by months needs a day of the month."
    if not frequency.has_due_day and values.get("due_day") is not None:
        yield "due_day", "Leave it empty: a loan repaid by weeks has no day of the month."
    for field in ("minimum_tenure_months", "maximum_tenure_months"):
        if not frequency.divides(values.get(field) or 0):
            yield field, f"Must be whole periods of {frequency.months} months."


def _try_loans(product: LoanProduct) -> None:
    """Draw the smallest and the largest loan, short and long. Raises `DomainError`."""
    for principal in (product.minimum_amount_paise, product.maximum_amount_paise):
        for months in (product.minimum_tenure_months, product.maximum_tenure_months):
            make_offer(
                product,
                principal_paise=principal,
                tenure_months=months,
                annual_rate_bps=product.indicative_rate_bps,
                disbursed_on=business_day.today(),
            )


class SlabForm(RulesInWords):
    """A slab's own rules."""

    class Meta:
        model = AffordabilitySlab
        fields = "__all__"
        labels = {"foir_cap_bps": "FOIR cap"}


class _PolicyFormSet(PaginationInlineFormSet):
    """Rows of a product that are checked together, as the policy they would make."""

    def clean(self) -> None:
        """Refuse rows that contradict each other."""
        super().clean()
        if any(self.errors) or not _is_sound(self.instance):
            return
        kept = (form for form in self.forms if form not in self.deleted_forms)
        self.check_rows([form.instance for form in kept if form.has_changed() or form.instance.pk])

    def check_rows(self, rows: list[Any]) -> None:
        """Raise `ValidationError` when the rows cannot stand together."""
        raise NotImplementedError


class BandFormSet(_PolicyFormSet):
    """Prices by score."""

    def check_rows(self, rows: list[PricingBand]) -> None:
        """Refuse an open product without a price, and bands that the policy refuses."""
        if self.instance.open_to_applications and not rows:
            raise ValidationError("A product that is open to applications needs a price.")
        _require_policy(self.instance, bands=rows, slabs=(_ANY_INCOME,))


class SlabFormSet(_PolicyFormSet):
    """Affordability by income."""

    def check_rows(self, rows: list[AffordabilitySlab]) -> None:
        """Refuse an open product without slabs, and slabs that leave out low incomes."""
        if not rows:
            if self.instance.open_to_applications:
                raise ValidationError("A product that is open to applications needs a slab.")
            return
        if min(slab.monthly_income_from_paise for slab in rows) != 0:
            raise ValidationError("The first slab must begin at an income of 0.")
        _require_policy(self.instance, bands=(), slabs=rows)


def _is_sound(product: LoanProduct) -> bool:
    """Return whether the product's own values are right; if not, its own form says so."""
    try:
        product.full_clean(validate_unique=False)
    except ValidationError:
        return False
    return True


def _require_policy(
    product: LoanProduct,
    *,
    bands: Iterable[PricingBand],
    slabs: Iterable[AffordabilitySlab],
) -> None:
    try:
        policy_from(product, bands=bands, slabs=slabs)
    except DomainError as refusal:
        raise ValidationError(_sentence(refusal)) from refusal


def _sentence(refusal: DomainError) -> str:
    field = (refusal.field or "").removesuffix("_paise").removesuffix("_bps").replace("_", " ")
    text = f"{field}: {refusal.message}" if field else refusal.message
    return f"{text[:1].upper()}{text[1:].removesuffix('.')}."


def _leaves(error: ValidationError) -> list[ValidationError]:
    """Return the single errors that an error holds."""
    if hasattr(error, "error_dict"):
        return [leaf for errors in error.error_dict.values() for leaf in errors]
    return list(error.error_list)


def _in_words(message: Any) -> Any:
    """Return a violated constraint as the rule that its name states; other messages as they are."""
    found = _CONSTRAINT.fullmatch(str(message))
    if found is None:
        return message
    return f"This rule must hold: {found['name'].replace('_', ' ')}."
