"""The one kind of error the command line shows as a plain sentence.

Whatever an operator can put right raises a subclass whose message is that sentence; anything else is a fault of ours
and keeps its traceback.
"""


class OperatorError(Exception):
    """Something outside the program must change before this can work."""
