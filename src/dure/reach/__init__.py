"""Telling people: reads the outbox and decides who should hear of what.

May import: calls and all below. No channel (e-mail, push) is here yet.
"""
