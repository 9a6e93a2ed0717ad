"""Words that no list holds, names that are words: what is left, and what goes."""

import pytest

from streams.masking import Masker
from streams.masking.vocabulary.lexicon import Lexicon


@pytest.mark.parametrize(
    "text",
    [
        "donor and recipient serostatus is missing, does it matter here",
        "the first sample was haemolysed and the second one clotted",
        "ask for a transoesophageal echo before the valve clinic",
        "what ciwa do you treat at, and does bisap help on day one",
        "it doesnt hurt but theres a lump and it hasnt gone",
        "Is there an interaction between linezolid and sertraline?",
        "Can a nurse push 50 mg of Lasix over two minutes?",
        "the doctor said to stop it and the nurse put a drain in",
        "His attorney's office wants the records.",
        "What are the King's College criteria for liver failure?",
        "Kellgren-Lawrence grade 3 knee, inject or replace?",
        "Aetna denied it; the Alaris pump and the Baxter pump both alarm.",
        "my abuela and my lola both take losartan, and nan takes warfarin",
        "Elizabethkingia in the line culture, what covers it?",
    ],
)
def test_words_that_name_nobody(safe_harbor: Masker, text: str) -> None:
    """Prefixes, British spellings, scores, contractions, brands, kin, rules: all stay."""
    assert text == safe_harbor.mask_text(text).document


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("mark says he is out of insulin", ["mark"]),
        ("dawn's chart shows two reactions", ["dawn"]),
        ("Reed, 54, chest pain, cath or wait?", ["Reed"]),
        ("Case, the new resident, ordered it twice.", ["Case"]),
        ("Temperance Wickersham is NPO.", ["Temperance", "Wickersham"]),
        ("hope wickersham is npo after midnight", ["hope", "wickersham"]),
        ("Does Harmony need a repeat strep test?", ["Harmony"]),
        ("Midwife Sparrow reports a rate of 90.", ["Sparrow"]),
        ("need an interpreter for zhang wei today", ["zhang", "wei"]),
        ("call mrs pemberton-oyelaran back", ["pemberton", "oyelaran"]),
        ("Nana Addo needs dialysis.", ["Nana", "Addo"]),
        ("Whitcomb stage 3, metformin ok?", ["Whitcomb"]),
        ("Mr Baxter's pump alarmed.", ["Baxter"]),
        ("dr low wants it, nurse rivera said to hold", ["low", "rivera"]),
    ],
)
def test_names_that_are_words(safe_harbor: Masker, text: str, names: list[str]) -> None:
    """What a person does, a profession, an age, a surname behind: these tell a name."""
    masked = safe_harbor.mask_text(text).document
    assert [] == [name for name in names if name in masked]


def test_spelling_tells_words_from_names() -> None:
    """Of words and names that no list holds, each is nearer to its kind."""
    score = Lexicon().spelling.score
    assert 0 < min(map(score, ["serostatus", "rollators", "hyperechoic", "preceptee"]))
    assert 0 > max(map(score, ["wrenley", "kowalczykiewicz", "gretzkowski", "oyelaran"]))
    assert 0 == score("José")
