"""Settings of people's data: the vault's keys, and how long what is kept. Part of `settings`."""

from datetime import timedelta

from bright_credit.environment import active_key, former_secrets, key_ring, secret, whole_number

__all__ = [
    "AADHAAR_ACTIVE_KEY",
    "AADHAAR_KEYS",
    "AADHAAR_OLD_PEPPERS",
    "AADHAAR_PEPPER",
    "ACCESS_LOG_RETENTION",
    "ERASURE_AFTER_YEARS",
]

AADHAAR_KEYS = key_ring("BRIGHTLEND_AADHAAR_KEYS")
AADHAAR_ACTIVE_KEY = active_key("BRIGHTLEND_AADHAAR_ACTIVE_KEY", AADHAAR_KEYS)
AADHAAR_PEPPER = secret("BRIGHTLEND_AADHAAR_PEPPER").encode()
AADHAAR_OLD_PEPPERS = former_secrets("BRIGHTLEND_AADHAAR_OLD_PEPPERS")

# How long it is kept who looked at whom: a year at least (DPDP Rules, 2025, rule 6(1)(e)).
ACCESS_LOG_RETENTION = timedelta(days=whole_number("BRIGHTLEND_ACCESS_LOG_DAYS", 730, least=365))

# How long after the last loan a borrower's identity is kept: five years at least (PMLA, s. 12).
ERASURE_AFTER_YEARS = whole_number("BRIGHTLEND_ERASURE_AFTER_YEARS", 5, least=5)
