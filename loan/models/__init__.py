"""The loan app's tables, one module a subject."""

from loan.models.accruals import Accrual, AccrualShare
from loan.models.applications import ApplicationDecision, LoanApplication
from loan.models.approvals import ApprovalDecision, ApprovalRequest
from loan.models.billing import BillingChunk, BillingRun, BusinessDay, QuarantinedLoan
from loan.models.events import Event, PaymentRevision, ScheduleVersion
from loan.models.impairment import AssetClassChange
from loan.models.instalments import Instalment
from loan.models.loans import Loan
from loan.models.products import AffordabilitySlab, LoanProduct, PricingBand
from loan.models.provisions import Provision, ProvisionRate, ProvisionShare
from loan.models.servicing import Allocation, Charge, Due, Payment

__all__ = [
    "Accrual",
    "AccrualShare",
    "AffordabilitySlab",
    "Allocation",
    "ApplicationDecision",
    "ApprovalDecision",
    "ApprovalRequest",
    "AssetClassChange",
    "BillingChunk",
    "BillingRun",
    "BusinessDay",
    "Charge",
    "Due",
    "Event",
    "Instalment",
    "Loan",
    "LoanApplication",
    "LoanProduct",
    "Payment",
    "PaymentRevision",
    "PricingBand",
    "Provision",
    "ProvisionRate",
    "ProvisionShare",
    "QuarantinedLoan",
    "ScheduleVersion",
]
