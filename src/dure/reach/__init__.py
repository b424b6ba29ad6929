"""Telling people: what is sent to whom, by which channel.

May import: calls and all below. E-mail is the one channel so far.
"""
