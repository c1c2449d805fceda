"""What touches the world: record, consult, score, notify, archive, launch.

Nothing here decides: an activity loads rows, asks `models`, and stores what it was told.
"""
