"""Who: persons and contributors, accounts, organisations, roles, tokens, the audit log.

May import: outbox, clock, errors. Knows nothing of calls, truth or money; a call is a number here.
"""
