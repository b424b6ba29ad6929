"""From a call's counted answers to verdicts, each kind of question in its own module.

May import: learned.py and the engine, which only a process that fits holds.
"""
