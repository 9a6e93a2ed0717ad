"""Check digits and shapes that tell an identifier from a number of the same length."""

_VIN_DIGITS_MIN = 3
_IBAN_LENGTHS = range(15, 35)


def digits_of(text: str) -> str:
    """Return the digits of a text."""
    return "".join(char for char in text if char.isdigit())


def luhn(text: str) -> bool:
    """Tell whether the digits end in their Luhn check digit (ISO/IEC 7812-1, annex B)."""
    total = 0
    for i, char in enumerate(reversed(digits_of(text))):
        doubled = int(char) * (1 + i % 2)
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004 - a length
    return total > 0 and total % 10 == 0


def npi(text: str) -> bool:
    """Tell whether ten digits are an NPI (45 CFR 162.406: Luhn with 80840 before them)."""
    return luhn("80840" + digits_of(text))


def ssn(text: str) -> bool:
    """Tell whether the parts can be a social security number; test numbers count: doubt is PHI."""
    return digits_of(text) != "000000000"


def iban(text: str) -> bool:
    """Tell whether an IBAN's check digits hold (ISO 13616, mod 97)."""
    plain = "".join(char for char in text if char.isalnum()).upper()
    if len(plain) not in _IBAN_LENGTHS or not plain.isascii():
        return False
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % 97 == 1


def vin(text: str) -> bool:
    """Tell whether 17 characters can be a vehicle's number: letters and digits, three or more."""
    digits = sum(char.isdigit() for char in text)
    return digits >= _VIN_DIGITS_MIN and digits < len(text)
