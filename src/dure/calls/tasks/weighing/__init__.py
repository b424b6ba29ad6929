"""What each answer counted in a task's verdict, each kind of question in its own module.

May import: learned.py, the forms that `fitting` keeps, and of the engine what is not compiled.
"""
