"""Names: every script welcome, one spelling each, nothing hidden."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from users.domain.names import MAX_NAME_LENGTH, InvalidName, normalise_name


@pytest.mark.parametrize(
    "name",
    [
        "Rahul Sharma",
        "A",
        "राहुल शर्मा",
        "क्‍षमा",  # ZWJ after the virama
        "डॉ॰ राम मनोहर",
        "தமிழ்ச்செல்வி",
        "ரா. மீனாட்சி",
        "രാജേഷ് മേനോൻ",
        "മേനോന്‍",  # the older spelling of the last letter, ZWJ at the end
        "শ্রীলেখা মুখোপাধ্যায়",
        "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ",
        "અમિત પટેલ",
        "ప్రియా రెడ్డి",
        "ಅನಿಲ್ ಕುಂಬ್ಳೆ",
        "محمد عارف",
        "علی‌رضا",  # ZWNJ
        "אברהם כ׳",
        "李小龍",
        "マイケル・ジョーダン",
        "김민준",
        "Nguyễn Thị Ánh",
        "Müller-Lüdenscheidt",
        "D'Souza",
        "O’Brien",
        "’t Hooft",
        "Gal·la Placídia",
        "Martin Luther King, Jr.",
        "Ravi S/o Gopal",
        "Meera Nair (Iyer)",
        "Jennifer 8. Lee",
        "Łukasz Żółć",
        "İbrahim Çağlar",
        "ᏣᎳᎩ",
        "𑄌𑄋𑄴𑄟𑄳𑄦",  # Chakma, beyond the basic plane
    ],
)
def test_a_name_in_any_script_is_kept(name: str) -> None:
    assert normalise_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Rahul   Sharma ", "Rahul Sharma"),
        ("Rahul\u00a0Sharma", "Rahul Sharma"),
        ("山田\u3000太郎", "山田 太郎"),
        ("Jose\u0301", "José"),
        ("\u1112\u1161\u11ab", "한"),
        ("Nguyê\u0303n", "Nguyễn"),
        ("\u212bngstro\u0308m", "Ångström"),
    ],
)
def test_two_ways_of_typing_a_name_become_one(typed: str, kept: str) -> None:
    assert normalise_name(typed) == kept


@pytest.mark.parametrize(
    "name",
    [
        "ढ़िल्लों",  # composed and decomposed nukta differ until normalised
        "தொழிலாளி",
        "Nguyễn Thị Ánh",
        "ড়িতা",
    ],
)
def test_composed_and_decomposed_forms_are_the_same_name(name: str) -> None:
    decomposed = unicodedata.normalize("NFD", name)
    assert normalise_name(decomposed) == normalise_name(unicodedata.normalize("NFC", name))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\u3000",
        "Rahul\x00",
        "Rahul\nSharma",
        "Rahul\tSharma",
        "Rahul\x1b[31m",
        "Rahul\x85",
        "Rahul\u2028Sharma",
        "Rahul\ud800",
        "\udfffRahul",
        "Rahul\u202egnp.exe",
        "Rahul\u2066Sharma\u2069",
        "Rahul\u200f",
        "Rahul\u200bSharma",
        "Rahul\ufeff",
        "Rahul\u00adSharma",
        "Rahul\u2060Sharma",
        "Rahul\u200dSharma",  # a joiner where Latin has nothing to join
        "\u200dराहुल",
        "राहुल \u200c",
        "राहु\u200d\u200dल",
        "\u034f\u3164\u115f",
        "Rahul\u3164",
        "Rahul\ufe0f",
        "\u0301Rahul",
        "Rahul \u0301",
        "R" + "\u0316" * 50 + "ahul",
        "😀",
        "Rahul 😀",
        "Rahul 👨\u200d👩\u200d👧",
        "🇮🇳",
        "❤️ Rahul",
        "12345",
        "888877776666",
        "८८८८",
        "Rahul 888877776666",
        "Rahul 8888 7777 6666",
        "Rahul ८८८८७७७७६६६६",
        "Rahul +919876543210",
        "...",
        "-",
        "-Rahul",
        ".Rahul",
        "(Rahul)",
        "=cmd|' /C calc'!A0",
        "+cmd",
        "@SUM(A1)",
        "<script>alert(1)</script>",
        "Rahul; DROP TABLE",
        "Rahul & Sons",
        "rahul@brightlend.com",
        "https://example.com",
        "Rahul_Sharma",
        "Rahul\\Sharma",
        "𝐑𝐚𝐡𝐮𝐥",
        "Ⓡⓐⓗⓤⓛ",
        "\ue000",
        "\U000e0041\U000e0042",
        "\u0378",
        "A" * (MAX_NAME_LENGTH + 1),
        "A" * 1_000_000,
        "e\u0301" * (MAX_NAME_LENGTH + 1),
    ],
)
def test_what_no_name_is_written_with_is_refused(text: str) -> None:
    with pytest.raises(InvalidName) as refusal:
        normalise_name(text)
    assert refusal.value.field == "name"
    assert refusal.value.code == "invalid_name"


def test_a_refusal_does_not_repeat_the_name() -> None:
    with pytest.raises(InvalidName) as refusal:
        normalise_name("Rahul 888877776666")
    assert "8888" not in str(refusal.value)
    assert "Rahul" not in str(refusal.value)


@pytest.mark.parametrize(
    "name", ["A" * MAX_NAME_LENGTH, "e\u0301" * MAX_NAME_LENGTH, "𑄌" * MAX_NAME_LENGTH]
)
def test_the_longest_name_has_two_hundred_characters_however_typed(name: str) -> None:
    assert len(normalise_name(name)) == MAX_NAME_LENGTH


@given(
    st.text(
        alphabet=st.one_of(
            st.characters(categories=["L", "M"]), st.sampled_from(" .'-\u200d\u200c\u00a01")
        ),
        min_size=1,
        max_size=40,
    )
)
def test_a_kept_name_is_normal_and_normalising_it_again_changes_nothing(text: str) -> None:
    try:
        name = normalise_name(text)
    except InvalidName:
        return
    assert normalise_name(name) == name
    assert unicodedata.is_normalized("NFC", name)
    assert name == name.strip()
    assert "  " not in name
    name.encode()


@given(st.text(max_size=60))
def test_any_text_at_all_is_kept_or_refused(text: str) -> None:
    try:
        name = normalise_name(text)
    except InvalidName:
        return
    assert 1 <= len(name) <= MAX_NAME_LENGTH
    assert not any(unicodedata.category(char) in {"Cc", "Cs", "Cn", "Co", "So"} for char in name)
