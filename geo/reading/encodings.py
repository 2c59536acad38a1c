"""A guess at the encoding of texts that do not say it: for a message only, nothing is read by it."""

from __future__ import annotations

from typing import Final

# from fewer letters a guess is a throw of dice
_FEWEST_BYTES: Final = 12


def hint(sample: bytes) -> str:
    """Give the end of a message that names the likely encoding, empty where there is too little to tell.

    Examples
    --------
    >>> hint("Железная дорога Ош – Кашгар".encode("cp1251")), hint("Ош".encode("cp1251"))
    (", perhaps encoding='cp1251'", '')
    """
    if sum(byte > 127 for byte in sample) < _FEWEST_BYTES:
        return ""
    import charset_normalizer

    best = charset_normalizer.from_bytes(sample).best()
    return f", perhaps encoding='{best.encoding}'" if best else ""
