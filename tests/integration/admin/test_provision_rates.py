"""The rates of provisions: a lender may set more aside than the regulator asks, never less."""

import pytest
from django.test import Client

from loan.models import ProvisionRate
from tests.integration.admin.pages import page_of

pytestmark = pytest.mark.django_db

RATE = "SUBSTANDARD"  # 10 % is RBI's minimum


def test_a_rate_above_the_minimum_is_kept(boss: Client) -> None:
    rate = ProvisionRate.objects.get(asset_class=RATE)
    assert boss.post(page_of(rate), {"rate_bps": "15"}).status_code == 302
    assert ProvisionRate.objects.get(asset_class=RATE).rate_bps == 1_500


def test_a_rate_below_the_minimum_is_refused_at_its_field(boss: Client) -> None:
    rate = ProvisionRate.objects.get(asset_class=RATE)
    answer = boss.post(page_of(rate), {"rate_bps": "9.99"})
    assert answer.status_code == 200
    assert "minimum for SUBSTANDARD is higher" in answer.content.decode()
    assert ProvisionRate.objects.get(asset_class=RATE).rate_bps == 1_000
