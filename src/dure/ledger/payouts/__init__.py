"""Money on its way to those it is owed to: batches, what became of each payout, what is withheld.

May import what the ledger may; payees, sources and holders are opaque names.
"""
