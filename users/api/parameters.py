"""Parameters that views of borrowers have in common, for the description of the API."""

from typing import Final

from drf_spectacular.utils import OpenApiParameter

USER_ID: Final = OpenApiParameter(
    "user_id",
    {"type": "string", "minLength": 1, "maxLength": 30},
    OpenApiParameter.PATH,
    description="Such as BC-USER-009.",
)
