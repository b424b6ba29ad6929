"""The organisers' door: /api/v1, JSON in and out, a Bearer token, problems as RFC 9457.

It may import every room and doors/files, but no domain rule lives here.
"""
