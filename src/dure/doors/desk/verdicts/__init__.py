"""What the crowd concluded, as pictures and in words: a module for each type of question.

Drawn on the server for the desk's pages; may import what the desk may.
"""
