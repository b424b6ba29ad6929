"""Money: double entry that only grows; owners are opaque names.

May import: outbox, clock, errors. Knows nothing of people, calls or truth.
"""
