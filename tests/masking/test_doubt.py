"""What stands in doubt beside a name, and institutions in small letters."""

import pytest

from streams.masking import Masker


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("a letter to Margaret Two Bulls, her husband died", "Margaret Two Bulls"),
        ("Please call Robert Long Soldier about his dialysis.", "Robert Long Soldier"),
        ("Hyacinth Bucket would like a copy of her spirometry.", "Hyacinth Bucket"),
        ("Tim Boeing has gout again.", "Tim Boeing"),
        ("chart for smith, j was opened by mistake", "smith, j"),
        ("should be lakeshore neurology associates in kenosha", "lakeshore neurology associates"),
        ("fax the mri to blue ridge orthopedic group", "blue ridge orthopedic group"),
        ("admitted to st vincents overnight", "st vincents"),
        ("Transferred from Queen Mary's with a hip fracture.", "Queen Mary"),
        ("Requested by Sencha Naszanul for the ward", "Sencha Naszanul"),
        ("Requested by Quidel Mason for the ward", "Quidel Mason"),
        ("The echo was done at Mercy, can we get it?", "Mercy"),
    ],
)
def test_doubt_is_masked(masker: Masker, text: str, hidden: str) -> None:
    """Not a part of the name stays."""
    masked = str(masker.mask(text).document)
    assert [] == [part for part in hidden.replace(",", "").split() if part in masked.split()]


@pytest.mark.parametrize(
    "text",
    [
        "can i go to the pain clinic without a referral",
        "which corner pharmacy has the cheapest insulin",
        "how do i tell the st segment from st changes in lead two",
        "is the mail order pharmacy faster than retail",
    ],
)
def test_a_kind_alone_is_no_name(masker: Masker, text: str) -> None:
    """A kind of institution that nothing names stays."""
    assert text == masker.mask(text).document
