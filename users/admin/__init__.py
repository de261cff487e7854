"""The users app's admin, one module a subject; importing a module registers its tables."""

from users.admin import borrowers, notices, partners, staff, webhooks

__all__ = ["borrowers", "notices", "partners", "staff", "webhooks"]
