"""The import contracts leave nothing out: every app, and every kind of module in it."""

import tomllib
from typing import Any

from tests.architecture.source_tree import APPS, PACKAGES, ROOT


def contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return declared


def test_every_app_s_modules_are_in_layers_and_none_may_be_undeclared() -> None:
    inside = {
        contract["containers"][0]: contract for contract in contracts() if "containers" in contract
    }
    assert set(APPS) <= inside.keys()
    assert all(contract["exhaustive"] for contract in inside.values())
    ignored = {
        name for contract in inside.values() for name in contract.get("exhaustive_ignores", [])
    }
    assert ignored <= {"migrations"}


def test_every_app_is_in_the_order_of_apps_and_every_core_is_pure() -> None:
    by_name = {contract["name"]: contract for contract in contracts()}
    order = " | ".join(by_name["Apps import downwards only"]["layers"]).split(" | ")
    assert sorted(order) == sorted(APPS)
    pure = by_name["The cores are pure"]["source_modules"]
    assert {f"{app}.domain" for app in APPS} <= set(pure)


def test_no_contract_has_exceptions() -> None:
    assert not [contract for contract in contracts() if contract.get("ignore_imports")]


def test_every_package_of_ours_is_looked_at() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert sorted(settings["tool"]["importlinter"]["root_packages"]) == sorted(PACKAGES)
    made = {folder.parent.name for folder in ROOT.glob("*/apps.py")}
    assert made == set(PACKAGES)
