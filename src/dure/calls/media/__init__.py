"""Pictures, sounds and films that organisers upload for their tasks: checked, made fit for phones.

May import: calls.models, people, clock, errors, postgres (for the data folder).
"""
