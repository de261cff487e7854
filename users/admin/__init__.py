"""The users app's admin, one module a subject; importing a module registers its tables."""

from users.admin import borrowers, partners, staff, webhooks

__all__ = ["borrowers", "partners", "staff", "webhooks"]
