"""How a session with PostgreSQL is opened: the times after which server and client give up."""

from typing import Any

# A request that waits for a lock longer than this is answered "try again" rather than hanging, and
# a session that forgot its transaction does not hold a borrower's row for ever. The server asks now
# and then whether the client of a long statement still lives: a killed one's work ends in seconds.
_SERVER = (
    "-c lock_timeout=10s -c idle_in_transaction_session_timeout=60s "
    "-c client_connection_check_interval=2s"
)
# A server that is not there, or whose network went away without a word.
_CLIENT = {
    "connect_timeout": 3,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def session_options(*, statement_seconds: int) -> dict[str, Any]:
    """Return Django's `OPTIONS`. A statement may take that many seconds; 0 is for ever."""
    return {**_CLIENT, "options": f"{_SERVER} -c statement_timeout={statement_seconds}s"}
