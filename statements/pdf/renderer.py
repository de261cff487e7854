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
from statements.pdf.pages import (
    ACCENT,
    INK,
    LEADING,
    LINE,
    PAPER,
    QUIET,
    SMALL,
    SMALL_LEADING,
    TEXT,
    TINT,
    Pages,
)

_FIGURE_HEIGHT = 48
_FIGURE_INSET = 9
_FIGURE_GAP = 6
_SIGNING_HEIGHT = 74
_ROOM_BELOW_HEADING = 80


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
    pages.ln(6)
    pages.write_line(heading.text, size=11, bold=True, colour=ACCENT, height=20)
    pages.ln(3)


def _paragraph(pages: Pages, paragraph: Paragraph) -> None:
    if paragraph.small:
        pages.write_line(paragraph.text, size=SMALL, colour=QUIET, height=SMALL_LEADING)
    else:
        pages.write_line(paragraph.text)
    pages.ln(6)


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
        padding=(2, 4),
    ) as table:
        for label, value in facts.rows:
            row = table.row()
            row.cell(pages.text(label), style=FontFace(color=QUIET))
            row.cell(pages.text(value), style=FontFace(color=INK))
    pages.ln(6)


def _figures(pages: Pages, figures: Figures) -> None:
    width = int(pages.epw) // len(figures.rows)
    within = width - _FIGURE_GAP - 2 * _FIGURE_INSET
    top = pages.get_y() + 3
    for place, (label, value) in enumerate(figures.rows):
        left = pages.l_margin + place * width
        pages.set_fill_color(*TINT)
        pages.rect(left, top, width - _FIGURE_GAP, _FIGURE_HEIGHT, style="F")
        pages.set_xy(left + _FIGURE_INSET, top + 7)
        pages.font(SMALL + 1, colour=QUIET)
        pages.cell(within, SMALL_LEADING, pages.text(label))
        pages.set_xy(left + _FIGURE_INSET, top + 23)
        pages.font_to_fit(value, width=within, size=14)
        pages.cell(within, LEADING + 3, pages.text(value))
    pages.set_fill_color(*PAPER)
    pages.set_xy(pages.l_margin, top + _FIGURE_HEIGHT + 8)


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
        line_height=LEADING - 1,
        padding=(2, 3),
    ) as table:
        table.row([pages.text(column.heading) for column in grid.columns])
        for place, cells in enumerate(grid.rows, start=1):
            is_total = grid.has_total and place == len(grid.rows)
            style = FontFace(emphasis="BOLD" if is_total else None, color=INK, fill_color=PAPER)
            table.row([pages.text(cell) for cell in cells], style=style)
    pages.ln(8)


def _signatures(pages: Pages, signatures: Signatures) -> None:
    if pages.will_page_break(_SIGNING_HEIGHT):
        pages.add_page()
    width = int(pages.epw) // max(2, len(signatures.below))
    line = pages.get_y() + _SIGNING_HEIGHT - 24
    pages.font(SMALL + 1, colour=QUIET)
    for place, text in enumerate(signatures.below):
        if not text:
            continue
        left = pages.l_margin + place * width
        pages.ink(QUIET)
        pages.line(left, line, left + width - 34, line)
        pages.set_xy(left, line + 3)
        pages.cell(width - 34, LEADING, pages.text(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pages.set_xy(pages.l_margin, line + 24)
