"""The users app's admin, one module a subject; importing a module registers its tables."""

from users.admin import borrowers, partners, staff

__all__ = ["borrowers", "partners", "staff"]
