"""What a partner's key may be good for, and what each caller may be asked to hold."""

from enum import StrEnum


class Scope(StrEnum):
    """One kind of call that a partner's back-end may make. A key holds some of them."""

    BORROWERS_REGISTER = "borrowers:register"
    SCORES_READ = "scores:read"
    LOANS_QUOTE = "loans:quote"
    LOANS_APPLY = "loans:apply"
    LOANS_READ = "loans:read"
    PAYMENTS_POST = "payments:post"
    PAYMENTS_REVERSE = "payments:reverse"
    STATEMENTS_READ = "statements:read"
    WEBHOOKS_MANAGE = "webhooks:manage"
    CONSENTS_RECORD = "consents:record"


#: Each scope in words, for whoever chooses the scopes of a key.
SCOPE_WORDS: dict[Scope, str] = {
    Scope.BORROWERS_REGISTER: "register borrowers, who then belong to the partner",
    Scope.SCORES_READ: "read the credit scores of the partner's borrowers",
    Scope.LOANS_QUOTE: "price loans",
    Scope.LOANS_APPLY: "apply for loans in the name of the partner's borrowers",
    Scope.LOANS_READ: "read the loans of the partner's borrowers",
    Scope.PAYMENTS_POST: "post payments received for loans of the partner's borrowers",
    Scope.PAYMENTS_REVERSE: "take back payments of the partner's borrowers that have bounced",
    Scope.STATEMENTS_READ: "read statements of loans of the partner's borrowers",
    Scope.WEBHOOKS_MANAGE: "say where the partner is told of events, and change the secrets",
    Scope.CONSENTS_RECORD: "record what the partner's borrowers agree to, and read it",
}
