"""The settings of the API that is measured: the product's own, with addresses that do nothing."""

from bright_credit.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.api.urls"
