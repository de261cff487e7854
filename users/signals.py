"""The one message that goes up: a borrower has registered.

`users` may not know who scores a borrower, so it asks whoever listens. `borrower_registered` is
sent by `services.register_borrower` inside the registration's transaction, with `borrower` (the
new `users.models.Borrower`) and `as_of` (the business date). Exactly one receiver returns the
initial credit score, an `int`; any other returns None. A receiver that raises undoes the
registration.
"""

from django.dispatch import Signal

borrower_registered = Signal()
