"""Telling the database who is at work, for as long as a transaction lasts."""

from collections.abc import Callable
from typing import Any

from psycopg import ClientCursor
from psycopg.pq import TransactionStatus

from bright_credit.common.postgresql.prepared import BETWEEN, Message, Part

_TELL = "SELECT set_config('brightlend.context', %s, true)"
_TELLING = Part(_TELL, values=1, ready=True)


class TellsWho:
    """Says who is at work before the first statement of each transaction of a block.

    For `connection.execute_wrapper`. `describe` returns the context as JSON, and is asked before
    every statement: a caller may be known later than the first. It goes in the same message as the
    statement where that is possible, else in one of its own past Django's cursor; either way it is
    not counted among a request's.
    """

    def __init__(self, describe: Callable[[], str]) -> None:
        self.describe = describe
        self.told: str | None = None

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Execute a statement, in a transaction that knows who is at work."""
        connection = context["connection"]
        if connection.in_atomic_block and connection.connection is not None:
            who = self._untold(connection.connection)
            if who is not None and _takes_a_message(sql, params, many, context["cursor"]):
                result = execute(_after_telling(sql), [who, *params], many, context)
                context["cursor"].nextset()
                self.told = who
                return result
            if who is not None:
                with connection.connection.cursor() as cursor:
                    cursor.execute(_TELL, [who])
                self.told = who
        result = execute(sql, params, many, context)
        if str(sql).startswith("ROLLBACK"):
            self.told = None  # a setting goes back with the savepoint that it was made in
        return result

    def _untold(self, session: Any) -> str | None:
        """Return who is at work, unless the transaction knows, or takes no statement any more."""
        status = session.info.transaction_status
        if status == TransactionStatus.INERROR:
            return None
        who = self.describe()
        return who if status == TransactionStatus.IDLE or who != self.told else None


def _after_telling(sql: str) -> str:
    """Return a statement, or a message of several, with the one that tells who before it."""
    if isinstance(sql, Message):
        return Message(_TELLING, *sql.parts)
    return f"{_TELL}{BETWEEN}{sql}"


def _takes_a_message(sql: Any, params: Any, many: bool, cursor: Any) -> bool:
    """Return whether another statement may go before this one in its message."""
    return (
        not many
        and isinstance(sql, str)
        and isinstance(params, list | tuple)
        and isinstance(cursor.cursor, ClientCursor)
    )
