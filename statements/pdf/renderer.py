"""Papers as PDF: with `pages`, the only module that knows the library that draws.

The same paper gives the same bytes: the date of creation is the paper's own, and nothing else of
the moment or the machine goes in.
"""

from fpdf.enums import TableBordersLayout, VAlign, XPos, YPos
from fpdf.fonts import FontFace

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
from statements.pdf.pages import ACCENT, INK, LEADING, LINE, PAPER, QUIET, SMALL, TEXT, TINT, Pages

_FIGURE_HEIGHT = 17
_SIGNING_HEIGHT = 26
_ROOM_BELOW_HEADING = 28


def render_pdf(paper: Paper) -> bytes:
    """Return the document as a PDF."""
    pages = Pages(paper)
    for block in paper.blocks:
        _draw(pages, block)
    return bytes(pages.output())


def _draw(pages: Pages, block: Block) -> None:
    match block:
        case Heading():
            _heading(pages, block)
        case Paragraph():
            _paragraph(pages, block)
        case FactList():
            _fact_list(pages, block)
        case Figures():
            _figures(pages, block)
        case Grid():
            _grid(pages, block)
        case Signatures():
            _signatures(pages, block)


def _heading(pages: Pages, heading: Heading) -> None:
    if heading.on_new_page or pages.will_page_break(_ROOM_BELOW_HEADING):
        pages.add_page()
    pages.ln(2)
    pages.write_line(heading.text, size=11, bold=True, colour=ACCENT, height=7)
    pages.ln(1)


def _paragraph(pages: Pages, paragraph: Paragraph) -> None:
    if paragraph.small:
        pages.write_line(paragraph.text, size=SMALL, colour=QUIET, height=4)
    else:
        pages.write_line(paragraph.text)
    pages.ln(2)


def _fact_list(pages: Pages, facts: FactList) -> None:
    pages.ink(LINE)
    pages.font(TEXT)
    with pages.table(
        first_row_as_headings=False,
        col_widths=(2, 3),
        text_align="LEFT",
        v_align=VAlign.T,
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        line_height=LEADING,
        padding=(0.8, 1.5),
    ) as table:
        for label, value in facts.rows:
            row = table.row()
            row.cell(pages.text(label), style=FontFace(color=QUIET))
            row.cell(pages.text(value), style=FontFace(color=INK))
    pages.ln(2)


def _figures(pages: Pages, figures: Figures) -> None:
    width = pages.epw / len(figures.rows)
    top = pages.get_y() + 1
    for place, (label, value) in enumerate(figures.rows):
        left = pages.l_margin + place * width
        pages.set_fill_color(*TINT)
        pages.rect(left, top, width - 2, _FIGURE_HEIGHT, style="F")
        pages.set_xy(left + 3, top + 2.5)
        pages.font(SMALL + 1, colour=QUIET)
        pages.cell(width - 8, 4, pages.text(label))
        pages.set_xy(left + 3, top + 8)
        pages.font_to_fit(value, width=width - 8, size=14)
        pages.cell(width - 8, 6, pages.text(value))
    pages.set_fill_color(*PAPER)
    pages.set_xy(pages.l_margin, top + _FIGURE_HEIGHT + 3)


def _grid(pages: Pages, grid: Grid) -> None:
    pages.ink(LINE)
    pages.font(TEXT - 1)
    heading = FontFace(emphasis="BOLD", color=ACCENT, fill_color=TINT)
    with pages.table(
        col_widths=tuple(column.weight for column in grid.columns),
        text_align=tuple(column.align.value for column in grid.columns),
        v_align=VAlign.T,
        headings_style=heading,
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        line_height=LEADING - 0.5,
        padding=(0.7, 1.2),
    ) as table:
        table.row([pages.text(column.heading) for column in grid.columns])
        for place, cells in enumerate(grid.rows, start=1):
            is_total = grid.has_total and place == len(grid.rows)
            style = FontFace(emphasis="BOLD" if is_total else None, color=INK, fill_color=PAPER)
            table.row([pages.text(cell) for cell in cells], style=style)
    pages.ln(3)


def _signatures(pages: Pages, signatures: Signatures) -> None:
    if pages.will_page_break(_SIGNING_HEIGHT):
        pages.add_page()
    width = pages.epw / max(2, len(signatures.below))
    line = pages.get_y() + _SIGNING_HEIGHT - 8
    pages.font(SMALL + 1, colour=QUIET)
    for place, text in enumerate(signatures.below):
        if not text:
            continue
        left = pages.l_margin + place * width
        pages.ink(QUIET)
        pages.line(left, line, left + width - 12, line)
        pages.set_xy(left, line + 1)
        pages.cell(width - 12, 5, pages.text(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pages.set_xy(pages.l_margin, line + 8)
