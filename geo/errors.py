"""Errors that a caller may want to catch; each also derives from the builtin it resembles."""

from __future__ import annotations


class CorridorsError(Exception):
    """Base of every error this project raises on purpose."""


class BaseDataError(CorridorsError, RuntimeError):
    """Prepared base data is missing, damaged or of another version."""


class GeometryError(CorridorsError, ValueError):
    """A geometry cannot be used: empty, not finite, out of range."""


class CatalogueError(CorridorsError, ValueError):
    """Catalogue files break their schema; the message lists every fault with file and line."""


class NameNotFoundError(CorridorsError, LookupError):
    """A name, id or coordinate does not lead to a known entity."""


class RouteRefusedError(CorridorsError, LookupError):
    """No route fulfils the request; the message says what blocks it."""


class RequestError(CorridorsError, ValueError):
    """A request contradicts itself or uses a value outside its range."""


class WriteError(CorridorsError, OSError):
    """An output could not be written whole; what stood there before is untouched."""


class LayerError(CorridorsError, ValueError):
    """A layer cannot be written as it is; the message lists every fault with the feature it is in."""


class ArticleError(CorridorsError, ValueError):
    """A text cannot be taken in, or what is known of it contradicts it; the message names the file."""


class ImportRefusedError(CorridorsError, ValueError):
    """A file of others is refused at the door; the message says what, where and what to do."""
