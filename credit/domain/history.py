"""What a score needs to know of a borrower's loans, in the words of credit.

`credit` knows nothing of the loan tables: whoever asks for a score fills this in.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditHistory:
    """A borrower's record as a borrower, as at one business date.

    `worst_days_past_due_24m` is the longest delay of the last 24 months; `npa_or_written_off` is
    true when a loan is, or in those months was, non-performing or written off. `dues_observed`
    counts the instalments whose due dates have passed. `monthly_obligations_paise` is what our own
    running loans take each month, and `instalment_amounts_paise` the instalments it is made of, so
    that a bank debit which pays one of them is not taken for an obligation elsewhere.
    `enquiries_90d` is None when no bureau was asked. Raises `ValueError` for a negative figure.
    """

    worst_days_past_due_24m: int = 0
    npa_or_written_off: bool = False
    dues_observed: int = 0
    monthly_obligations_paise: int = 0
    oldest_line_opened_on: date | None = None
    accounts_opened_6m: int = 0
    enquiries_90d: int | None = None
    instalment_amounts_paise: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        figures = {
            "worst_days_past_due_24m": self.worst_days_past_due_24m,
            "dues_observed": self.dues_observed,
            "monthly_obligations_paise": self.monthly_obligations_paise,
            "accounts_opened_6m": self.accounts_opened_6m,
            "enquiries_90d": self.enquiries_90d or 0,
            "instalment_amounts_paise": min(self.instalment_amounts_paise, default=0),
        }
        for field, figure in figures.items():
            if figure < 0:
                raise ValueError(f"{field} must not be negative")


NO_HISTORY = CreditHistory()
