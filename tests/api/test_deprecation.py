"""What will be taken away says so in every answer, and in the description."""

from datetime import date

import pytest
from django.test import Client

from bright_credit.common.api.deprecation import deprecated
from bright_credit.common.api.schema import AutoSchema
from tests.api import sample_api

pytestmark = [pytest.mark.urls("tests.api.sample_api"), pytest.mark.django_db]


@pytest.mark.parametrize(("address", "status"), [("/api/old", 200), ("/api/old?refuse=1", 404)])
def test_every_answer_of_a_deprecated_operation_says_since_when_and_until(
    client: Client, address: str, status: int
) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert response.headers["Deprecation"] == "@1767225600"  # 2026-01-01T00:00:00Z
    assert response.headers["Sunset"] == "Thu, 31 Dec 2026 00:00:00 GMT"
    assert response.headers["Link"] == '</api/docs>; rel="deprecation"; type="text/html"'


def test_other_operations_of_the_same_view_and_other_addresses_say_nothing(client: Client) -> None:
    for response in (client.post("/api/old"), client.get("/api/entries"), client.get("/api/none")):
        assert not {"Deprecation", "Sunset", "Link"} & response.headers.keys()


@pytest.mark.parametrize(("method", "said"), [("GET", True), ("POST", False)])
def test_the_description_says_so(method: str, said: bool) -> None:
    described = AutoSchema()
    described.view, described.method = sample_api.OldView(), method
    assert described.is_deprecated() is said


def test_nothing_ends_before_it_was_deprecated() -> None:
    with pytest.raises(ValueError, match="follows"):
        deprecated(since=date(2026, 1, 2), sunset=date(2026, 1, 1), link="/")
