"""What can go wrong for the person who runs a scan, each with words that say what to do."""

from __future__ import annotations


class AboveboardError(Exception):
    """The base of every error that is meant for people. Its text names the thing, the fault and the remedy."""


class ConfigurationError(AboveboardError):
    """A configuration, roster or protocol file that cannot be used as it stands."""


class SourceError(AboveboardError):
    """A mailbox or folder that cannot be listed or fetched from."""


class StoreError(AboveboardError):
    """The database cannot be opened, or holds something newer than this program."""


class ModelError(AboveboardError):
    """The name model or the trained reader is missing, or is not the one that was tested."""


class CorpusError(AboveboardError):
    """A labelled corpus that does not keep to its layout."""
