"""What the apps count while they work, for Prometheus. What the database knows is asked of it."""

from prometheus_client import Counter

PAYMENTS_POSTED = Counter(
    "brightlend_payments_posted",
    "Payments posted by this process since it started, by how they were made.",
    ["method"],
)
