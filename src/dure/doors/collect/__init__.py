"""The collecting of answers: bare ASGI, since here every millisecond is multiplied by the crowd.

May import: the verbs of calls/tasks and below. Speaks JSON, and to the database as dure_collect.
"""
