"""What is asked: calls, their promise, policy and life, and the ways of taking part.

May import: people, ledger, truth, outbox, clock, errors.
"""
