"""The public pages: the front page that lists open calls.

May import: calls and below.
"""
