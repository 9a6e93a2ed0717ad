"""Every exception of phigate, split by who can mend it.

    PhigateError
    ├── InputError        whoever sent it: an agent, an approver, an executor
    │   ├── WireError       bytes that are no message of ours
    │   ├── RefusedError    a well-formed message that may not do what it asks
    │   └── SignatureError  a signature that does not verify
    ├── OperatorError     whoever runs phigate: configuration, files, keys, the cluster
    │   ├── SettingsError   a setting or a file of settings is wrong
    │   ├── PolicyError     the policy set or its schema does not load
    │   ├── TopicError      the cluster's topics break an invariant
    │   ├── KeyringError    a key is missing, readable by others, or of the wrong kind
    │   │   └── ProviderError  who wraps keys does not answer now: whoever asked waits
    │   └── BrokerError     the broker cannot be reached, started or stopped
    ├── MaskingError      nobody: masking could not be shown to be whole, so the text is withheld
    └── InvariantError    us: something that cannot be is; the process leaves at once

Each error carries a reason `code` (snake case, stable, safe to publish) and a message that a person
can act on. Neither ever holds a value taken from an agent's or an approver's text: no PHI.
"""

__all__ = [
    "BrokerError",
    "InputError",
    "InvariantError",
    "KeyringError",
    "MaskingError",
    "OperatorError",
    "PhigateError",
    "PolicyError",
    "ProviderError",
    "RefusedError",
    "SettingsError",
    "SignatureError",
    "TopicError",
    "WireError",
]


class PhigateError(Exception):
    """Base of all; `code` is the stable reason code, the message tells a person what to do."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.code = code or type(self).code
        self.hint = hint


class InputError(PhigateError):
    """The sender can mend it; the gate records a refusal and goes on.

    `who` is the directory's name of whoever signed it, where that is known.
    """

    code = "bad_input"
    who: str | None = None


class WireError(InputError):
    """Bytes that are no message of ours: truncated, unknown fingerprint, wrong schema."""

    code = "undecodable"


class RefusedError(InputError):
    """A readable message that may not do what it asks."""

    code = "refused"


class SignatureError(InputError):
    """A signature is missing, foreign or false."""

    code = "bad_signature"


class OperatorError(PhigateError):
    """Whoever runs phigate can mend it; commands end with exit code 2 and the hint."""

    code = "operator"


class SettingsError(OperatorError):
    """A setting, or a file of settings, is wrong."""

    code = "bad_settings"


class PolicyError(OperatorError):
    """The policy set or its schema does not load; the message names file, line and reason."""

    code = "bad_policy"


class TopicError(OperatorError):
    """The cluster's topics break an invariant; the message names topic and setting."""

    code = "bad_topics"


class KeyringError(OperatorError):
    """A key is missing, readable by others, or of the wrong kind."""

    code = "bad_key"


class ProviderError(KeyringError):
    """The key provider does not answer now. Nothing is refused for it: whoever asked waits."""

    code = "provider_away"


class BrokerError(OperatorError):
    """The broker cannot be reached, started or stopped; carries its last log lines if any."""

    code = "broker"


class MaskingError(PhigateError):
    """Masking could not be shown to be whole: the text is withheld, never passed on."""

    code = "masking_failed"


class InvariantError(PhigateError):
    """Something that cannot be, is. Nothing is acknowledged after it: the process leaves."""

    code = "invariant"
