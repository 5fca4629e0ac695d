"""The words of the language: the command table and the operations in one vocabulary."""

from functools import cache

from proxy.ops import operations
from proxy.protocol.command import Vocabulary, vocabulary
from proxy.protocol.commands import COMMANDS


@cache
def words() -> Vocabulary:
    """Every command there is."""
    return vocabulary((*COMMANDS, *(op.row() for op in operations())))
