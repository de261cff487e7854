"""The users app's admin, one module a subject; importing a module registers its tables."""

from users.admin import access_log, borrowers, consents, notices, partners, staff, webhooks

__all__ = ["access_log", "borrowers", "consents", "notices", "partners", "staff", "webhooks"]
