"""Everything that is held on a person, over HTTP."""

from typing import Any

from rest_framework import serializers

from loan.selectors.personal_data import SECTIONS


class PersonalDataAnswer(serializers.Serializer[Any]):
    """What is held on a person, in sections; of each table its rows, in the order they came.

    Names are those of the database: `…_paise` are whole paise, `…_bps` basis points. New sections
    and columns may come.
    """

    user_id = serializers.CharField()
    identity = serializers.DictField(
        help_text="Aadhaar number and PAN as far as anyone may see them."
    )
    contact = serializers.DictField(help_text="The phone number as far as anyone may see it.")

    def get_fields(self) -> dict[str, Any]:
        """Return the sections as well, each with its tables."""
        fields: dict[str, Any] = super().get_fields()
        for name in SECTIONS:
            fields[name] = serializers.DictField(
                child=serializers.ListField(child=serializers.DictField())
            )
        fields["audit_entries"] = serializers.ListField(
            child=serializers.DictField(), help_text="Changes of these rows; secrets are masked."
        )
        return fields
