"""Statements that the server reads and plans once in the life of a session.

What a small statement costs is mostly its being read and planned. One whose text is always the same
is prepared where a session first meets it (`PREPARE`); from then on a message names it and gives
its values (`EXECUTE`). That is SQL, and not the protocol's own prepared statements, because any
number of them goes into one message.

It happens below whoever looks at statements on their way: the request's count, the audit trail,
traces and logs see the plain text with its places.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any, Self, cast

import psycopg
from django.db.backends.postgresql.base import CursorMixin
from psycopg.abc import Buffer
from psycopg.adapt import Transformer
from psycopg.errors import FeatureNotSupported

#: What stands between the statements of a message.
BETWEEN = ";\n"

#: A place for a value in the text of a statement, or a sign of per cent.
PLACE = re.compile("%[s%]")


@dataclass(frozen=True, slots=True)
class Part:
    """One statement of a message, and how many of the message's values are its own.

    The text of a `ready` one is one of few, so that sessions keep it prepared. Its places are `%s`.
    """

    text: str
    values: int
    ready: bool


class Message(str):
    """The text of statements that are sent together. It remembers where each begins."""

    parts: tuple[Part, ...]

    def __new__(cls, *parts: Part) -> Self:
        """Join statements."""
        message = super().__new__(cls, BETWEEN.join([part.text for part in parts]))
        message.parts = parts
        return message


class PreparingConnection(psycopg.Connection[Any]):
    """A session that knows the statements it was told once.

    `prepared` has their names, by their texts.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.prepared: dict[str, bytes] = {}

    @cached_property
    def literal(self) -> Callable[[Any], Buffer]:
        """What writes a value into SQL; it gets to know each type once."""
        return Transformer(self).as_literal

    def name_of(self, text: str) -> bytes:
        """Return the name of a statement in the session, having it prepared if it is new."""
        name = self.prepared.get(text)
        if name is None:
            name = b"ready_%d" % len(self.prepared)
            numbers = count(1)
            numbered = PLACE.sub(
                lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", text
            )
            self.execute(b"PREPARE %b AS %b" % (name, numbered.encode()))
            self.prepared[text] = name
        return name


class PreparingCursor(CursorMixin, psycopg.ClientCursor[Any]):
    """Django's cursor, which has the statements of messages prepared."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """Execute a message, or whatever else Django's cursor executes."""
        if not isinstance(query, Message):
            return super().execute(query, params, **options)
        try:
            return super().execute(self._merged(query, params), **options)
        except FeatureNotSupported:
            # A migration has changed what a prepared query gives. A new session knows nothing yet.
            self.connection.close()
            raise

    def _merged(self, message: Message, values: Sequence[Any]) -> bytes:
        """Return the message as it is sent, with its values in it."""
        session = cast("PreparingConnection", self.connection)
        merged, begin = [], 0
        for part in message.parts:
            own = values[begin : begin + part.values]
            begin += part.values
            if not part.ready:
                merged.append(self.mogrify(part.text, own).encode())
                continue
            merged.append(b"EXECUTE " + session.name_of(part.text))
            if own:
                merged[-1] += b"(%b)" % b",".join([session.literal(value) for value in own])
        return b";".join(merged)
