"""The fonts of the documents, and which of them a text needs.

Noto Sans has Latin, Greek, Cyrillic and the rupee sign. The scripts of India have fonts of their
own, loaded only when a text holds their letters. What none of the fonts can show is set as a
visible stand-in, so that nothing is dropped in silence; answers in JSON keep the text as it is.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont

MAIN: Final = "NotoSans"
STAND_IN: Final = "\ufffd"

_FOLDER: Final = Path(__file__).parent / "fonts"

#: Fonts beside the main one, with the letters that call for them.
_SCRIPTS: Final = {
    "NotoSansDevanagari": (0x0900, 0x097F),
    "NotoSansBengali": (0x0980, 0x09FF),
    "NotoSansGurmukhi": (0x0A00, 0x0A7F),
    "NotoSansGujarati": (0x0A80, 0x0AFF),
    "NotoSansOriya": (0x0B00, 0x0B7F),
    "NotoSansTamil": (0x0B80, 0x0BFF),
    "NotoSansTelugu": (0x0C00, 0x0C7F),
    "NotoSansKannada": (0x0C80, 0x0CFF),
    "NotoSansMalayalam": (0x0D00, 0x0D7F),
    "NotoSansArabic": (0x0600, 0x06FF),
    "NotoSansOlChiki": (0x1C50, 0x1C7F),
    "NotoSansMeeteiMayek": (0xABC0, 0xABFF),
}
_JOINERS: Final = frozenset("\u200c\u200d")


def regular(name: str) -> Path:
    """Return the file of a font."""
    return _FOLDER / f"{name}-Regular.ttf"


def bold(name: str) -> Path:
    """Return the file of the bold face of the main font."""
    return _FOLDER / f"{name}-Bold.ttf"


def scripts_of(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the fonts that texts need beside the main one, in a fixed order."""
    codes = {ord(char) for text in texts for char in text if ord(char) > 0x02FF}
    return tuple(
        name
        for name, (first, last) in _SCRIPTS.items()
        if any(first <= code <= last for code in codes)
    )


def showable(text: str) -> str:
    """Return a text with a stand-in for each character that no font of ours has."""
    return "".join(char if char in _JOINERS or _has(char) else STAND_IN for char in text)


def _has(char: str) -> bool:
    code = ord(char)
    if char == "\n" or code in _characters_of(MAIN):
        return True
    return any(
        code in _characters_of(name)
        for name, (first, last) in _SCRIPTS.items()
        if first <= code <= last
    )


@cache
def _characters_of(name: str) -> frozenset[int]:
    with TTFont(regular(name), lazy=True) as font:
        return frozenset(font.getBestCmap() or {})
