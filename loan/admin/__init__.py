"""The loan app's admin, one module a subject; importing a module registers its tables."""

from loan.admin import (
    accruals,
    applications,
    approvals,
    billing,
    borrowers,
    charges,
    loans,
    payments,
    products,
    provisions,
    quarantine,
    servicing,
    transaction_files,
)

__all__ = [
    "accruals",
    "applications",
    "approvals",
    "billing",
    "borrowers",
    "charges",
    "loans",
    "payments",
    "products",
    "provisions",
    "quarantine",
    "servicing",
    "transaction_files",
]
