"""The organisers' pages: sign in, make a call, watch its board, share it, take the results home.

May import: reach and below, files and wording. Every view is wrapped by `permits.at_desk`.
"""
