"""Dure: open work to the crowd, get a result you can trust, share what it earns."""

__version__ = "0.1.0"
