"""What an appraisal is: vocabulary, policy packs, lifecycle, timetable, scoring, access, tables.

Everything here is pure but for `database`; nothing here waits, sends or asks the clock.
"""
