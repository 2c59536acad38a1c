"""The language of a text by script and common words: enough to choose the rules, and it says ``und`` when unsure.

Four languages have rules of their own (English, Russian, Chinese, Turkish). Others are told apart from them so that a
German text is not read as English; a language that is not listed here is ``und``.
"""

from __future__ import annotations

import re
from collections import Counter

# letters judged; the first pages decide, menus of other languages at the end do not
_SAMPLE = 6_000
_WORD = re.compile(r"[^\W\d_]+")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
# letters of Cyrillic alphabets that Russian does not have
_NOT_RUSSIAN = {"kk": "әғқңөұүһ", "uk": "іїєґ", "ky": "ңөү", "tg": "ғӣқӯҳҷ", "be": "ўі"}
# the commonest words that a language does not share with the others of this table
_STOP_WORDS = {
    "en": "the of and to in is that for was with as on are by this from which have has were been their its will",
    "tr": "ve bir bu için ile olarak olan da de ise gibi daha çok sonra kadar arasında tarafından üzerinde olduğu",
    "de": "der die das und ist nicht von mit den dem ein eine auf für sich auch werden wurde bei nach zum zur",
    "fr": "le la les des est dans pour une que qui sur pas avec par sont au aux du cette ont été entre",
    "es": "el los las del una que por con para como más sus fue son entre también desde este esta",
    "it": "il che di per una con del della sono non anche più nel alla degli tra dal questo",
    "uz": "va bilan uchun bu ham bo‘lgan boʻlgan o‘zbekiston oʻzbekiston haqida keyin yil edi",
    "az": "və bir bu ilə üçün olan də edir olaraq sonra kimi daha həm",
    "pl": "i w na z jest nie się do że jako przez od dla oraz po są",
}
_STOPS = {language: frozenset(words.split()) for language, words in _STOP_WORDS.items()}
# common words make 25 to 45 % of running text; headlines and lists have fewer
_MIN_STOP_SHARE = 0.06


def detect_language(text: str) -> str:
    """Return a BCP 47 code, or ``und`` where the text is too short or in a language not listed.

    >>> detect_language("The railway from Kashgar to Osh has been discussed for years.")
    'en'
    >>> detect_language("中吉乌铁路的建设将改变中亚"), detect_language("Поезда из Китая идут через Хоргос")
    ('zh', 'ru')
    >>> detect_language("Demiryolu için bir anlaşma imzalandı ve bu hat ile yük taşınacak"), detect_language("42 km")
    ('tr', 'und')
    """
    sample = text[:_SAMPLE]
    letters = sum(letter.isalpha() for letter in sample)
    if letters < 8:
        return "und"
    for pattern, language in ((_KANA, "ja"), (_HANGUL, "ko"), (_ARABIC, "und")):
        if len(pattern.findall(sample)) > letters * 0.2:
            return language
    # a Chinese text names firms and agreements in Latin letters, so a third is enough
    if len(_HAN.findall(sample)) > letters * 0.3:
        return "zh"
    if len(_CYRILLIC.findall(sample)) > letters * 0.5:
        return _cyrillic_language(sample.casefold(), letters)
    return _latin_language(sample)


def _cyrillic_language(sample: str, letters: int) -> str:
    counts = {code: sum(sample.count(letter) for letter in own) for code, own in _NOT_RUSSIAN.items()}
    code, count = max(counts.items(), key=lambda item: item[1])
    return code if count > letters * 0.01 else "ru"


def _latin_language(sample: str) -> str:
    words = [word for word in _WORD.findall(sample.replace("İ", "i").lower()) if len(word) > 1]
    if not words:
        return "und"
    counts = Counter(words)
    scores = {code: sum(counts[word] for word in stops) / len(words) for code, stops in _STOPS.items()}
    ranked = sorted(scores.items(), key=lambda item: -item[1])
    (best, share), (_, second) = ranked[0], ranked[1]
    return best if share >= _MIN_STOP_SHARE and share > second * 1.2 else "und"
