"""Calls of kind tasks: tasks, leases, answers, verdicts and what answers earn.

May import: the models of calls, and what calls may. Does not know ideas, votes or funds.
"""
