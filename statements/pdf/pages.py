"""The sheets that documents are drawn on: paper, fonts, colours, what stands on every page."""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Final

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from statements.domain.papers.paper import (
    Block,
    FactList,
    Figures,
    Grid,
    Heading,
    Paper,
    Paragraph,
    Signatures,
)
from statements.domain.parties import Lender
from statements.domain.words import date_words
from statements.pdf import fonts

Colour = tuple[int, int, int]

INK: Final[Colour] = (33, 37, 41)
QUIET: Final[Colour] = (98, 106, 116)
ACCENT: Final[Colour] = (22, 78, 122)
LINE: Final[Colour] = (205, 212, 220)
PAPER: Final[Colour] = (255, 255, 255)
TINT: Final[Colour] = (238, 243, 248)

TEXT: Final = 9
SMALL: Final = 7

#: The height of a line of running text, and of small print. All lengths are whole points.
LEADING: Final = 14
SMALL_LEADING: Final = 11

_MARGIN: Final = 51
_FOOT: Final = 57
_SMALLEST: Final = 6


class Pages(FPDF):
    """The pages of one paper: A4, with the lender at the head and the page number at the foot."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(unit="pt", format="A4")
        self._paper = paper
        self.set_margin(_MARGIN)
        self.set_auto_page_break(True, margin=_FOOT)
        self.set_title(paper.title)
        self.set_subject(paper.subtitle)
        self.set_author(paper.lender.name)
        self.set_creator("BrightLend")
        self.set_lang("en-IN")
        self.set_creation_date(datetime.combine(paper.issued_on, time(), tzinfo=UTC))
        self._load_fonts()
        self.add_page()

    def header(self) -> None:
        """Draw the head of a page: all about the lender on the first one, a line on the others."""
        if self.page_no() == 1:
            self._letter_head()
        else:
            self.font(SMALL, colour=QUIET)
            self.cell(self.epw / 2, SMALL_LEADING, self.text(self._paper.lender.name))
            title = f"{self._paper.title} {self._paper.number}"
            self.cell(
                0, SMALL_LEADING, self.text(title), align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT
            )
            self._rule()

    def footer(self) -> None:
        """Draw the foot of a page: who issued it, and which page of how many it is."""
        lender = self._paper.lender
        self.set_y(14 - _FOOT)
        self._rule()
        self.font(SMALL, colour=QUIET)
        issued = f"{lender.name}, CIN {lender.cin}. Issued by computer."
        self.cell(self.epw * 3 / 4, SMALL_LEADING, self.text(issued))
        self.cell(0, SMALL_LEADING, f"Page {self.page_no()} of {{nb}}", align="R")

    def font(self, size: int, *, bold: bool = False, colour: Colour = INK) -> None:
        """Choose size, weight and colour of what is written next."""
        self.set_font(fonts.MAIN, "B" if bold else "", size)
        self.set_text_color(*colour)

    def font_to_fit(self, text: str, *, width: int, size: int) -> None:
        """Choose the bold face in the largest size, up to this one, in which a text fits."""
        self.font(size, bold=True)
        while size > _SMALLEST and self.get_string_width(self.text(text)) > width:
            size -= 1
            self.font(size, bold=True)

    def ink(self, colour: Colour) -> None:
        """Choose the colour of the lines that are drawn next."""
        self.set_draw_color(*colour)
        self.set_line_width(1)

    def text(self, text: str) -> str:  # type: ignore[override]  # the library's draws at a place
        """Return a text as it can be shown."""
        return fonts.showable(text)

    def write_line(
        self,
        text: str,
        *,
        size: int = TEXT,
        bold: bool = False,
        colour: Colour = INK,
        height: int = LEADING,
    ) -> None:
        """Write a text over the width of the page, on as many lines as it takes."""
        self.font(size, bold=bold, colour=colour)
        self.multi_cell(0, height, self.text(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _load_fonts(self) -> None:
        self.add_font(fonts.MAIN, "", fonts.regular(fonts.MAIN))
        self.add_font(fonts.MAIN, "B", fonts.bold(fonts.MAIN))
        scripts = fonts.scripts_of(texts_of(self._paper))
        for name in scripts:
            self.add_font(name, "", fonts.regular(name))
        if scripts:
            self.set_fallback_fonts(list(scripts), exact_match=False)
            # Letters of these scripts join and move; without shaping they would be misspelt.
            self.set_text_shaping(True)

    def _letter_head(self) -> None:
        paper, lender = self._paper, self._paper.lender
        self.write_line(lender.name, size=14, bold=True, colour=ACCENT, height=20)
        for line in _letter_head_lines(lender):
            self.write_line(line, size=SMALL, colour=QUIET, height=SMALL_LEADING)
        self.ln(3)
        self._rule()
        self.ln(8)
        self.write_line(paper.title, size=17, bold=True, height=26)
        self.write_line(paper.subtitle, size=TEXT + 1, colour=QUIET)
        self.ln(6)
        top = self.get_y()
        self.font(TEXT)
        self.set_xy(self.l_margin + self.epw * 3 / 5, top)
        reference = f"No. {paper.number}\n{date_words(paper.issued_on)}"
        self.multi_cell(self.epw * 2 / 5, LEADING, self.text(reference), align="R")
        below = self.get_y()
        self.set_xy(self.l_margin, top)
        if paper.addressee is not None:
            who = paper.addressee
            address = f"{who.name}\n{who.user_id}\n{who.email}"
            self.multi_cell(self.epw * 3 / 5, LEADING, self.text(address), align="L")
        self.set_xy(self.l_margin, max(below, self.get_y()) + 9)

    def _rule(self) -> None:
        self.ink(LINE)
        self.line(self.l_margin, self.get_y() + 3, self.w - self.r_margin, self.get_y() + 3)
        self.ln(9)


def texts_of(paper: Paper) -> Iterator[str]:
    """Yield every text of a paper."""
    lender, addressee = paper.lender, paper.addressee
    yield from (paper.title, paper.subtitle, paper.number, lender.name)
    yield from _letter_head_lines(lender)
    if addressee is not None:
        yield from (addressee.name, addressee.user_id, addressee.email)
    for block in paper.blocks:
        yield from _texts_of_block(block)


def _texts_of_block(block: Block) -> Iterator[str]:
    match block:
        case Heading() | Paragraph():
            yield block.text
        case FactList() | Figures():
            for pair in block.rows:
                yield from pair
        case Grid():
            yield from (column.heading for column in block.columns)
            for row in block.rows:
                yield from row
        case Signatures():
            yield from block.below


def _letter_head_lines(lender: Lender) -> tuple[str, ...]:
    return (
        lender.address,
        f"{lender.phone}   {lender.email}   {lender.website}",
        f"RBI registration {lender.registration}   CIN {lender.cin}   GSTIN {lender.gstin}",
    )
