"""Whose a row is: the way from a table to the borrower, by its foreign keys."""

from collections import deque
from functools import cache

from django.db import models

from users.models.people import Borrower


@cache
def path_to_borrower(model: type[models.Model]) -> str | None:
    """Return the shortest way from a table to its borrower, such as `loan__borrower`.

    A borrower's own is `pk`. None: the rows of the table belong to nobody.
    """
    if model is Borrower:
        return "pk"
    ways: deque[tuple[type[models.Model], tuple[str, ...]]] = deque([(model, ())])
    seen = {model}
    while ways:
        table, way = ways.popleft()
        for field in table._meta.concrete_fields:
            target = field.related_model
            if not isinstance(target, type) or target in seen:
                continue
            if target is Borrower:
                return "__".join((*way, field.name))
            seen.add(target)
            ways.append((target, (*way, field.name)))
    return None
