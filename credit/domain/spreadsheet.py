"""Text that leaves for a spreadsheet, made unable to act there.

What a bank wrote is kept as it came. A cell that begins like a formula is run by spreadsheet
programs when a file is opened, so every export passes its text cells through `inert_cell`
(OWASP ASVS 1.2.10).
"""

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def inert_cell(text: str) -> str:
    """Return the text as a cell that no spreadsheet program evaluates.

    A leading apostrophe marks it as text. Leading spaces do not hide a formula: some programs trim
    them first. Only for text cells: a number is written as a number.
    """
    return f"'{text}" if text.startswith("'") or _acts(text) else text


def _acts(text: str) -> bool:
    return text.lstrip(" \u00a0\u200b\ufeff").startswith(_STARTS_A_FORMULA)
