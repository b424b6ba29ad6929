"""Media out to phones: whole or in parts, never as anything but what they are.

May import: calls.media and below.
"""
