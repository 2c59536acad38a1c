"""Russian names in their cases, by the endings of their words."""

from __future__ import annotations

import re

_HARD = "бвгджзклмнпрстфхцчшщ"
_ADJECTIVES = {
    "ый": ("ого", "ому", "ым", "ом"),
    "ий": ("ого", "ому", "им", "ом"),
    "ой": ("ого", "ому", "ым", "ом"),
    "ая": ("ой", "ую"),
    "яя": ("ей", "юю"),
    "ое": ("ого", "ому", "ым", "ом"),
    "ее": ("его", "ему", "им", "ем"),
    "ые": ("ых", "ым", "ыми"),
    "ие": ("их", "им", "ими"),
}
_SOFT_ADJECTIVES = ("ний", "жий", "чий", "ший", "щий")
_CASES = 6
"""Nominative, genitive, dative, accusative, instrumental, prepositional."""


def cases(name: str) -> tuple[str, ...]:
    """Return a Russian name in the forms of its cases, itself included; other scripts only as they are.

    Adjectives before the first noun and that noun change, what follows stays: it stands in the genitive or in quotes.

    >>> cases("Казахстан")[1]
    'Казахстана'
    >>> "железной дороги Хаф — Герат" in cases("железная дорога Хаф — Герат")
    True
    """
    words = re.split(r"(\s+)", name)
    if not re.search("[а-яё]", name, re.IGNORECASE):
        return (name,)
    forms = [[""] for _ in range(_CASES)]
    is_open = True
    for word in words:
        declined = _word(word) if is_open and not word.isspace() else (word,) * _CASES
        if is_open and not word.isspace() and not _is_adjective(word):
            is_open = False
        forms = [
            [start + word_form for start in starts for word_form in _forms(declined[case])]
            for case, starts in enumerate(forms)
        ]
    return tuple(dict.fromkeys([name, *(form for case in forms for form in case)]))


def adjective_forms(adjective: str) -> tuple[str, ...]:
    """Return all forms of a Russian adjective given in the masculine nominative.

    >>> {"китайская", "китайскими", "китайском"} <= set(adjective_forms("китайский"))
    True
    """
    if not adjective.endswith(("ий", "ый", "ой")):
        return (adjective,)
    stem = adjective[:-2]
    vowel = "ы" if adjective.endswith("ый") else "и"
    endings = ("ого", "ому", "ом", "ая", "ой", "ую", "ое")
    return (adjective, *(stem + end for end in endings), *(stem + vowel + end for end in ("м", "е", "х", "ми")))


def _forms(form: str) -> list[str]:
    return form.split("|")


def _is_adjective(word: str) -> bool:
    return len(word) > 4 and word[-2:] in _ADJECTIVES and not word.endswith(("лий", "рий", "нбай", "Китай"))


def _word(word: str) -> tuple[str, ...]:
    """Return one word in six cases; several forms of one case are joined with ``|``."""
    low = word.lower()
    if not re.fullmatch(r"[а-яё-]+", low):
        return (word,) * _CASES
    if _is_adjective(low):
        return _adjective(word)
    return _noun(word)


def _adjective(word: str) -> tuple[str, ...]:
    stem, end = word[:-2], word[-2:].lower()
    if end in {"ая", "яя"}:
        oblique = stem + ("ой" if end == "ая" else "ей")
        return (word, oblique, oblique, stem + ("ую" if end == "ая" else "юю"), oblique, oblique)
    if end in {"ые", "ие"}:
        vowel = end[0]
        return (word, f"{stem}{vowel}х", f"{stem}{vowel}м", word, f"{stem}{vowel}ми", f"{stem}{vowel}х")
    soft = word.lower().endswith(_SOFT_ADJECTIVES) or end == "ее"
    e = "е" if soft else "о"
    i = "и" if end in {"ий", "ее"} or stem[-1:].lower() in "гкх" else "ы"
    return (word, f"{stem}{e}го", f"{stem}{e}му", word, f"{stem}{i}м", f"{stem}{e}м")


def _noun(word: str) -> tuple[str, ...]:  # noqa: C901, PLR0911 - one return per ending
    low, stem, last = word.lower(), word[:-1], word[-1:].lower()
    if low.endswith("ия"):
        return (word, stem + "и", stem + "и", stem + "ю", stem + "ей", stem + "и")
    if last == "я":
        return (word, stem + "и", stem + "е", stem + "ю", f"{stem}ей|{stem}ёй", stem + "е")
    if last == "а":
        after = stem[-1:].lower()
        i = "и" if after in "гкхжшщч" else "ы"
        return (word, stem + i, stem + "е", stem + "у", f"{stem}{'ей' if after in 'жшщчц' else 'ой'}", stem + "е")
    if last == "ь":
        return (word, f"{stem}и|{stem}я", f"{stem}и|{stem}ю", word, f"{stem}ью|{stem}ём|{stem}ем", f"{stem}и|{stem}е")
    if low.endswith("ий"):
        return (word, stem + "я", stem + "ю", word, stem + "ем", stem + "и")
    if last == "й":
        return (word, stem + "я", stem + "ю", word, stem + "ем", stem + "е")
    if last == "ы":
        return (word, f"{stem}ов|{stem}", stem + "ам", word, stem + "ами", stem + "ах")
    if low == "море":
        return (word, "моря", "морю", word, "морем", word)
    if low.endswith(("ово", "ево", "ёво", "ино", "ыно", "ство")):
        return (word, stem + "а", stem + "у", word, stem + "ом", stem + "е")
    if last and last in _HARD:
        instrumental = "ем" if last in "жцчшщ" else "ом"
        return (word, word + "а", word + "у", word, word + instrumental, word + "е")
    return (word,) * _CASES
