"""The contributor's pages: without JavaScript one can join a call and answer its tasks.

May import: the verbs of calls/tasks and below.
"""
