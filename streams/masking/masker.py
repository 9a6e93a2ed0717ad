"""The one door: a JSON document goes in, the same shape without PHI comes out."""

import hashlib
from typing import get_args

from streams.errors import MaskingError, PhigateError, SettingsError
from streams.masking.analyse import Analyser
from streams.masking.config import MaskingConfig, Profile
from streams.masking.passes import Pass
from streams.masking.results import About, JsonValue, Masked
from streams.masking.revision import digest_of

NOTHING = About()


class Masker:
    """Masks documents under one profile and configuration; loads and checks its model once.

    Raises SettingsError when the profile is unknown, or the model is missing, changed or broken.
    """

    def __init__(self, profile: str = "phi", config: MaskingConfig | None = None) -> None:
        if profile not in get_args(Profile):
            raise SettingsError(f"masking profiles are {', '.join(get_args(Profile))}")
        self.profile = profile
        self.config = config or MaskingConfig()
        self._analyser = Analyser(profile, self.config)
        self.revision = self._revision()

    def _revision(self) -> str:
        settings = self.config.model_dump_json()
        parts = (digest_of(), self.profile, settings, self._analyser.digest)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    def mask_text(self, text: str, about: About = NOTHING) -> Masked:
        """Mask one text; `document` of the answer is a string, `spans` count its characters."""
        return self.mask(text, about)

    def mask(self, document: JsonValue, about: About = NOTHING) -> Masked:
        """Mask any JSON value; raise MaskingError, without any text, when that fails as a whole."""
        try:
            return Pass(self._analyser, about).run(document)
        except PhigateError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, no text may leave with it
            raise MaskingError(f"masking failed: {type(error).__name__}") from None
