"""`dure aggregate`: the work of it, each kind of answer in its own module."""
