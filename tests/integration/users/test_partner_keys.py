"""Partners' keys: shown once, kept as digests, two at a time, and changed without a pause."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.callers import a_key, a_login, a_partner, as_staff
from tests.integration.ledger.conftest import at_once
from users.domain.scopes import Scope
from users.models import PartnerKey
from users.services.partners import (
    TwoKeysInUse,
    UnknownScope,
    make_partner_key,
    partner_key_of,
    revoke_partner_key,
)

NOW = timezone.now()


@pytest.fixture
def administrator() -> Client:
    return as_staff(a_login("admin", role="administrator"))


@pytest.mark.django_db
class TestKeys:
    def test_a_key_is_known_again_and_stored_nowhere(self) -> None:
        made = a_key(a_partner())
        assert partner_key_of(made.text, now=NOW) == made.key
        (row,) = PartnerKey.objects.values()
        secret = made.text.rpartition("_")[2]
        assert secret not in str(row)
        assert secret not in repr(made)

    def test_a_key_is_changed_without_a_pause(self) -> None:
        partner = a_partner()
        old = a_key(partner)
        new = a_key(partner)
        for each in (old, new):
            assert partner_key_of(each.text, now=NOW) == each.key
        revoke_partner_key(old.key, now=NOW)
        assert partner_key_of(old.text, now=NOW) is None
        assert partner_key_of(new.text, now=NOW) == new.key
        assert a_key(partner).key.slot == old.key.slot

    def test_a_third_key_is_refused_until_one_is_revoked_or_has_ended(self) -> None:
        partner = a_partner()
        first, second = a_key(partner), a_key(partner)
        with pytest.raises(TwoKeysInUse):
            a_key(partner)
        PartnerKey.objects.filter(pk=first.key.pk).update(expires_at=NOW - timedelta(days=1))
        third = a_key(partner)
        assert {second.key.slot, third.key.slot} == {1, 2}

    def test_the_database_refuses_a_third_key_too(self) -> None:
        partner = a_partner()
        made, _ = (a_key(partner).key for _ in range(2))
        made.pk, made.key_id = None, "f" * 16
        with pytest.raises(IntegrityError, match="partner_has_at_most_two_keys_in_use"):
            made.save()

    @pytest.mark.parametrize("scopes", [[], ["loans:write"], ["loans:read", "*"]])
    def test_a_key_has_scopes_that_exist(self, scopes: list[str]) -> None:
        with pytest.raises(UnknownScope):
            make_partner_key(a_partner(), scopes=scopes, expires_at=None, now=NOW)

    def test_a_wrong_secret_is_as_good_as_no_key(self) -> None:
        made = a_key(a_partner())
        for text in (
            made.text[:-1] + ("A" if made.text[-1] != "A" else "B"),
            made.text.upper(),
            made.text + "A",
            made.text.replace("blk_", "blr_"),
            " " + made.text,
        ):
            assert partner_key_of(text, now=NOW) is None

    def test_the_last_use_is_written_down_now_and_then(self) -> None:
        made = a_key(a_partner())
        uses = []
        for minutes in (0, 5, 11):
            at = NOW + timedelta(minutes=minutes)
            partner_key_of(made.text, now=at)
            made.key.refresh_from_db()
            uses.append(made.key.last_used_at)
        assert uses == [NOW, NOW, NOW + timedelta(minutes=11)]


@pytest.mark.django_db(transaction=True)
def test_of_five_keys_made_at_once_two_are_made() -> None:
    partner = a_partner()
    made = at_once([lambda: a_key(partner)] * 5)
    assert sorted(type(each).__name__ for each in made) == ["NewKey"] * 2 + ["TwoKeysInUse"] * 3


@pytest.mark.django_db
class TestInTheAdmin:
    def test_a_key_is_shown_on_the_page_that_makes_it_and_nowhere_else(
        self, administrator: Client
    ) -> None:
        partner = a_partner()
        address = reverse("admin:users_partner_new_key", args=[partner.pk])
        assert administrator.get(address).status_code == 200
        answer = administrator.post(address, {"scopes": [Scope.LOANS_READ], "days": "30"})
        page = answer.content.decode()
        key = PartnerKey.objects.get()
        assert (key.scopes, key.partner) == ([Scope.LOANS_READ], partner)
        assert key.expires_at is not None
        assert "no-store" in answer["Cache-Control"]
        start = page.index(f"blk_{key.key_id}_")
        text = page[start : start + 64]
        assert partner_key_of(text, now=NOW) == key
        for name, row in (("partnerkey", key), ("partner", partner)):
            for page_of in (
                reverse(f"admin:users_{name}_changelist"),
                reverse(f"admin:users_{name}_change", args=[row.pk]),
                reverse(f"admin:users_{name}_history", args=[row.pk]),
            ):
                assert text[21:] not in administrator.get(page_of).content.decode()

    @pytest.mark.parametrize(
        "posted", [{}, {"scopes": ["*"]}, {"scopes": ["loans:read"], "days": "0"}]
    )
    def test_a_form_that_is_not_right_makes_no_key(
        self, administrator: Client, posted: dict[str, object]
    ) -> None:
        address = reverse("admin:users_partner_new_key", args=[a_partner().pk])
        assert administrator.post(address, posted).status_code == 200
        assert not PartnerKey.objects.exists()

    def test_a_third_key_is_refused_in_words(self, administrator: Client) -> None:
        partner = a_partner()
        for _ in range(2):
            a_key(partner)
        address = reverse("admin:users_partner_new_key", args=[partner.pk])
        answer = administrator.post(address, {"scopes": ["loans:read"]})
        assert "has two keys in use" in answer.content.decode()

    def test_a_key_is_revoked(self, administrator: Client) -> None:
        made = a_key(a_partner())
        address = reverse("admin:users_partnerkey_revoke", args=[made.key.pk])
        assert administrator.get(address).status_code == 200
        assert partner_key_of(made.text, now=NOW) is not None
        assert administrator.post(address).status_code == 302
        assert partner_key_of(made.text, now=NOW) is None

    @pytest.mark.parametrize("name", ["partner_new_key", "partnerkey_revoke"])
    def test_what_is_not_there_is_a_404(self, administrator: Client, name: str) -> None:
        assert administrator.get(reverse(f"admin:users_{name}", args=["99999"])).status_code == 404
