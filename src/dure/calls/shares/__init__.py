"""What contributions earn in a call of any kind: promises, gains, settlements, statements.

May import: calls' models and queries, people, ledger, outbox; not tasks, ideas, votes or funds.
"""
