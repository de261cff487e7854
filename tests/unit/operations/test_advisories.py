"""Which known weaknesses of packages close the gate."""

from tests.advisories import Package, weaknesses

PACKAGES: list[Package] = [
    {"name": "sound", "version": "1.0", "vulns": []},
    {"name": "unheard-of", "version": "1.0", "skip_reason": "not found"},
    {
        "name": "weak",
        "version": "2.0",
        "vulns": [
            {"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1", "GHSA-aaaa"]},
            {"id": "PYSEC-2026-2", "aliases": ["CVE-2026-2"]},
        ],
    },
]


def test_a_known_weakness_is_named_with_its_package() -> None:
    assert weaknesses(PACKAGES, excepted=set()) == [
        "weak 2.0: PYSEC-2026-1",
        "weak 2.0: PYSEC-2026-2",
    ]


def test_what_is_excepted_under_any_of_its_names_is_let_through() -> None:
    assert weaknesses(PACKAGES, excepted={"CVE-2026-1"}) == ["weak 2.0: PYSEC-2026-2"]
