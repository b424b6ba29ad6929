"""Every way in: collecting, pages, the API, files and the command line. No domain rule lives here.

May import: every room below. Doors do not know each other; the command line knows them all.
"""
