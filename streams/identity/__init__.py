"""Approvers who are known by an identity provider: OpenID Connect, bound to a key of their own.

    binding.py   the nonce that binds a login's key into the ID token, and how both travel
    token.py     an ID token against the directory's pins: who it speaks of, or why it is refused
    jwks.py      the provider's public keys: pinned in a file, or fetched within bounds
    identify.py  what admit makes of a decision's identity: the person, the groups, the evidence
    line.py      a connection that ends in time, and leads only where it may
    web.py       the only HTTP here: bounded, no redirects, https or this machine
    grants.py    where a provider's endpoints are, and an ID token for a code
    browser.py   login by browser: PKCE (RFC 7636), a loopback redirect (RFC 8252)
    device.py    login on another device (RFC 8628)
    session.py   a login on disk: the key, the token, until when

The binding is OpenPubkey's: the nonce of the ID token is a hash over a fresh Ed25519 key, so that
the provider's signature says whose key it is. The decision is then signed by that key, like any.
"""
