"""Telling the database who is at work, for as long as a transaction lasts."""

from collections.abc import Callable
from typing import Any

from psycopg.pq import TransactionStatus

_TELL = "SELECT set_config('brightlend.context', %s, true)"


class TellsWho:
    """Says who is at work before the first statement of each transaction of a block.

    For `connection.execute_wrapper`. `describe` returns the context as JSON, and is asked before
    every statement: a caller may be known later than the first. One statement more a transaction,
    past Django's own cursor, so that it is not counted among a request's.
    """

    def __init__(self, describe: Callable[[], str]) -> None:
        self.describe = describe
        self.told: str | None = None

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Execute a statement, in a transaction that knows who is at work."""
        connection = context["connection"]
        if connection.in_atomic_block and connection.connection is not None:
            self._tell(connection.connection)
        result = execute(sql, params, many, context)
        if str(sql).startswith("ROLLBACK"):
            self.told = None  # a setting goes back with the savepoint that it was made in
        return result

    def _tell(self, session: Any) -> None:
        status = session.info.transaction_status
        who = self.describe()
        if status == TransactionStatus.INERROR:
            return
        if status == TransactionStatus.IDLE or who != self.told:
            with session.cursor() as cursor:
                cursor.execute(_TELL, [who])
            self.told = who
