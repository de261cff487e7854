"""Which moves between states are allowed."""

from itertools import product

import pytest

from loan.domain.lifecycle import (
    ApplicationStatus,
    LoanStatus,
    StatusMoveRefused,
    require_application_move,
    require_loan_move,
)

APPLICATION_MOVES = {
    (ApplicationStatus.REFERRED, ApplicationStatus.APPROVED),
    (ApplicationStatus.REFERRED, ApplicationStatus.REJECTED),
}
LOAN_MOVES = {
    (LoanStatus.ACTIVE, LoanStatus.CLOSED),
    (LoanStatus.CLOSED, LoanStatus.ACTIVE),
    (LoanStatus.ACTIVE, LoanStatus.WRITTEN_OFF),
    (LoanStatus.WRITTEN_OFF, LoanStatus.CLOSED),
    (LoanStatus.CLOSED, LoanStatus.WRITTEN_OFF),
}


@pytest.mark.parametrize(("current", "target"), list(product(ApplicationStatus, repeat=2)))
def test_i31_an_application_moves_only_from_referred(
    current: ApplicationStatus, target: ApplicationStatus
) -> None:
    if (current, target) in APPLICATION_MOVES:
        require_application_move(current, target=target)
        return
    with pytest.raises(StatusMoveRefused) as refusal:
        require_application_move(current, target=target)
    assert f"is {current} and cannot become {target}" in refusal.value.message


@pytest.mark.parametrize(("current", "target"), list(product(LoanStatus, repeat=2)))
def test_i31_a_loan_closes_opens_again_or_leaves_the_books_and_does_nothing_else(
    current: LoanStatus, target: LoanStatus
) -> None:
    if (current, target) in LOAN_MOVES:
        require_loan_move(current, target=target)
        return
    with pytest.raises(StatusMoveRefused):
        require_loan_move(current, target=target)
