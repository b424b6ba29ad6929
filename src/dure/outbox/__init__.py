"""What rooms above should hear about, written in the transaction that made it true.

May import: clock, errors. Any room writes; the room above reads, acts, and marks what it read.
"""

from dure.outbox.writing import write

__all__ = ["write"]
