"""How things are said on more than one kind of page: money, promises, times, refusals.

May import: calls and below. The doors import it; it knows none of them.
"""
