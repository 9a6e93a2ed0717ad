"""The one call into Cedar. Whatever goes wrong in it comes back as `failed`, never as an answer.

Cedar skips a policy whose evaluation fails, so a forbid that fails would let the action through.
Here any failure at all marks the answer as failed, and `ruling` makes a refusal of it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import cedarpy

from streams.policy.request import PolicyRequest, cedar_entities, cedar_request

_BLAMED = re.compile(r"policy `(policy\d+)`")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What Cedar says once: the determining policies, or with `failed` those that failed.

    Policies go by position in the set (`policy0`, ...). `message` is the engine's own text; it may
    quote the request, so it is for loading only and goes into no ruling.
    """

    allowed: bool
    failed: bool
    policies: tuple[str, ...]
    message: str = ""


@dataclass(frozen=True, slots=True)
class Engine:
    """A parsed policy set and schema: cedarpy's handles, immutable and reused."""

    policies: Any
    schema: Any

    def ask(self, request: PolicyRequest, reviews: Iterable[str]) -> Evaluation:
        """Evaluate, as if the groups `reviews` had agreed. Raises nothing."""
        try:
            result = cedarpy.is_authorized(
                cedar_request(request, reviews),
                self.policies,
                cedar_entities(request),
                self.schema,
            )
        except (ValueError, TypeError, OverflowError) as error:
            return Evaluation(allowed=False, failed=True, policies=(), message=str(error))
        if result.diagnostics.errors or result.decision is cedarpy.Decision.NoDecision:
            message = "; ".join(result.diagnostics.errors)
            blamed = tuple(_BLAMED.findall(message))
            return Evaluation(allowed=False, failed=True, policies=blamed, message=message)
        return Evaluation(
            allowed=result.decision is cedarpy.Decision.Allow,
            failed=False,
            policies=tuple(result.diagnostics.reasons),
        )
