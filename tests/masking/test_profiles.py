"""Profiles, the masking file, and what nothing may do: reach the network, grow, or log."""

# ruff: noqa: E501 - one case a line

import logging
import socket

import pytest

from streams.errors import SettingsError
from streams.masking import Masker, MaskingConfig

SAID = "She has type 2 diabetes, essential hypertension and E11.9; takes metformin 500 mg."


def test_conditions_by_profile(masker: Masker, safe_harbor: Masker) -> None:
    """`phi` masks diagnoses by name and code, and leaves drugs; `safe-harbor` leaves both."""
    assert (
        "She has <CONDITION_1>, <CONDITION_2> and <CONDITION_3>; takes metformin 500 mg."
        == masker.mask_text(SAID).document
    )
    assert SAID == safe_harbor.mask_text(SAID).document
    assert {"diagnosis": "<CONDITION_1>"} == masker.mask({"diagnosis": "anything"}).document


def test_strict_masks_what_it_does_not_know(strict: Masker) -> None:
    """`strict` leaves vetted words and masks the rest."""
    said = strict.mask_text("The patient takes zorblaxin for flumoxitis qwerty77").document
    assert said.startswith("The patient takes ")
    assert not any(word in said for word in ("zorblaxin", "flumoxitis", "qwerty77"))


CONFIG = """
deny: {PROJECT: [bluebird, "Project Quill"]}
allow: [Larkspur]
fields: {wristband: MRN}
recognizers:
  - {name: study, type: STUDY_CODE, pattern: 'ST-\\d{3}', context: [study]}
"""


def test_masking_file() -> None:
    """Deny and allow lists, fields and recognizers of a deployment's own take effect."""
    masker = Masker(config=MaskingConfig.from_yaml(CONFIG))
    said = masker.mask(
        {"wristband": "abc", "a": "Bluebird, Dr. Larkspur, study ST-123", "b": "item ST-124"}
    )
    assert {
        "wristband": "<MRN_1>",
        "a": "<PROJECT_1>, Dr. Larkspur, study <STUDY_CODE_1>",
        "b": "item ST-124",
    } == said.document


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("limits: {depth_max: 0}", "limits.depth_max"), ("nonsense: 1", "nonsense"), ("deny: {lower: [x]}", "deny"),
        ("recognizers: [{name: a, type: AB, pattern: '('}]", "regular expression"), ("a: [", "not YAML"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named(text: str, reason: str) -> None:
    """A wrong masking file is refused with the place and the reason."""
    with pytest.raises(SettingsError, match=reason):
        MaskingConfig.from_yaml(text)


def test_no_network(masker: Masker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Masking opens no socket, e-mail addresses and their domains included."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert "<EMAIL_1>" == masker.mask_text("quill@ward.internal").document


def test_nothing_is_logged(
    masker: Masker, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """No text reaches a log, standard output or standard error."""
    with caplog.at_level(logging.DEBUG):
        masker.mask({"note": "Thandiwe Mokoena, MRN 55512345", "Thandiwe": 1})
    captured = capsys.readouterr()
    assert "Mokoena" not in caplog.text + captured.out + captured.err


def test_the_string_store_does_not_grow(masker: Masker) -> None:
    """SpaCy keeps no token of any text once a call is over, nor does the cache of field names."""
    from streams.masking import fields  # noqa: PLC0415 - imported late, where it is used

    strings = masker._analyser.ner._nlp.vocab.strings
    masker.mask_text("Joint Rose Blixtwhistle was here")
    before = len(strings)
    for i in range(50):
        masker.mask(
            {"note": f"Joint Rose Blixt{chr(97 + i % 26)}w{i} was here, Grant", f"Zorbla{i}": 1}
        )
    assert before == len(strings)
    assert "zorbla" not in repr(fields._SEEN).lower()
