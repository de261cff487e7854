"""The pages: what can be read off them, in every script, and the same bytes each time."""

import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from statements.domain.papers.key_facts import key_facts_paper
from statements.domain.papers.paper import Block, Column, Grid, Heading, Paper, Paragraph
from statements.pdf.fonts import STAND_IN, scripts_of, showable
from statements.pdf.pages import texts_of
from statements.pdf.renderer import render_pdf
from tests.properties import as_many
from tests.unit.statements.documents import ISSUED, LENDER, RAHUL, key_facts_of, usual_credit

PDF_OF_USUAL = key_facts_paper(key_facts_of(usual_credit()))


def text_of(pdf: bytes) -> str:
    """Return the text of all pages, its spaces made one."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def a_paper(*blocks: Block, name: str = "Rahul Sharma") -> Paper:
    return Paper(
        title="A letter",
        subtitle="About a loan",
        filename="A-1",
        number="A-1",
        issued_on=ISSUED,
        lender=LENDER,
        addressee=replace(RAHUL, name=name),
        blocks=blocks,
    )


def test_the_key_facts_can_be_read_off_the_pages() -> None:
    text = text_of(render_pdf(PDF_OF_USUAL))
    for words in (
        "Key Facts Statement",
        "Offer OF-20260110-ABCDEFGHIJ, open until 14 January 2026",
        "Rahul Sharma BC-USER-009 rahul@example.com",
        "9 Annual percentage rate (APR) 18.46 %",
        "7 Net disbursed amount (1 less 6 and interest kept back) ₹4,88,200.00",
        "Asha Example, +91 80 0000 0001, grievance@example.com",
        "3 days from disbursement",
        "1 5 February 2026 ₹5,00,000.00 ₹17,815.33 ₹6,666.67 ₹24,482.00",
        "24 5 January 2028 ₹24,147.54 ₹24,147.54 ₹321.97 ₹24,469.51",
        "Total ₹5,00,000.00 ₹87,555.51 ₹5,87,555.51",
        "GSTIN 29AAAAA0000A1Z5",
        "Page 1 of 4",
        "Page 4 of 4",
    ):
        assert words in text, words


def test_nothing_that_we_write_ourselves_needs_a_stand_in() -> None:
    assert [text for text in texts_of(PDF_OF_USUAL) if STAND_IN in showable(text)] == []


def test_the_same_paper_gives_the_same_bytes_and_another_one_others() -> None:
    first, again = render_pdf(PDF_OF_USUAL), render_pdf(PDF_OF_USUAL)
    assert first == again
    assert render_pdf(replace(PDF_OF_USUAL, number="KFS-2")) != first


def test_the_file_says_what_it_is() -> None:
    found = PdfReader(io.BytesIO(render_pdf(PDF_OF_USUAL))).metadata
    assert found is not None
    assert (found.title, found.author) == ("Key Facts Statement", LENDER.name)
    assert found.creation_date is not None
    assert found.creation_date.date() == ISSUED


@pytest.mark.parametrize(
    ("name", "font"),
    [
        ("अनिल कुमार शर्मा", "NotoSansDevanagari"),
        ("தமிழ் செல்வன்", "NotoSansTamil"),
        ("বিশ্বজিৎ মুখার্জি", "NotoSansBengali"),
        ("ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ", "NotoSansGurmukhi"),
        ("ગુજરાતી પટેલ", "NotoSansGujarati"),
        ("ଜଗନ୍ନାଥ ଦାସ", "NotoSansOriya"),
        ("వెంకట రావు", "NotoSansTelugu"),
        ("ಕನ್ನಡ ಗೌಡ", "NotoSansKannada"),
        ("അനിൽ നായർ", "NotoSansMalayalam"),
        ("شاہ رخ خان", "NotoSansArabic"),
        ("ᱥᱟᱱᱛᱟᱲᱤ", "NotoSansOlChiki"),
        ("ꯃꯤꯇꯩ", "NotoSansMeeteiMayek"),
    ],
)
def test_a_name_in_a_script_of_india_is_set_in_its_own_font(name: str, font: str) -> None:
    assert scripts_of([name]) == (font,)
    assert showable(name) == name
    pdf = PdfReader(io.BytesIO(render_pdf(a_paper(Paragraph(text=f"Dear {name},"), name=name))))
    assert font in {each.partition("-")[0] for each in fonts_of(pdf)}


def fonts_of(reader: PdfReader) -> set[str]:
    """Return the names of the fonts of the first page."""
    page: Any = reader.pages[0]
    fonts: Any = page["/Resources"]["/Font"]
    return {str(font.get_object()["/BaseFont"]).rpartition("+")[2] for font in fonts.values()}


def test_latin_names_load_no_further_font() -> None:
    assert scripts_of(["Renée Müller-Łódź ₹1,00,000.00", "O’Neil"]) == ()
    assert "Renée Müller-Łódź" in text_of(render_pdf(a_paper(name="Renée Müller-Łódź")))


def test_a_script_that_no_font_of_ours_has_is_shown_by_stand_ins() -> None:
    assert showable("王小明 Wang") == STAND_IN * 3 + " Wang"
    text = text_of(render_pdf(a_paper(name="王小明 Wang")))
    assert "Wang" in text


@settings(max_examples=as_many(15), deadline=None)
@given(name=st.text(min_size=1, max_size=200))
def test_no_name_whatever_breaks_a_document(name: str) -> None:
    assert render_pdf(a_paper(Paragraph(text=name), name=name)).startswith(b"%PDF-")


def test_a_long_table_repeats_its_heading_on_every_page() -> None:
    grid = Grid(
        columns=(Column(heading="Row"), Column(heading="Something")),
        rows=tuple((str(number), "₹10,00,00,00,000.00") for number in range(150)),
    )
    reader = PdfReader(io.BytesIO(render_pdf(a_paper(Heading(text="Rows"), grid))))
    assert len(reader.pages) > 2
    for page in reader.pages:
        assert "Row Something" in " ".join(page.extract_text().split())


def test_a_schedule_of_thirty_years_is_drawn_whole() -> None:
    credit = usual_credit()
    long = replace(credit, schedule=credit.schedule * 15)
    text = text_of(render_pdf(key_facts_paper(key_facts_of(long))))
    assert text.count("₹24,469.51") >= 15


def test_the_day_of_a_paper_is_its_own() -> None:
    later = replace(PDF_OF_USUAL, issued_on=date(2026, 1, 11))
    assert "11 January 2026" in text_of(render_pdf(later))
