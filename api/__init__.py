"""What people press and see: a thin HTTP API and the web pages.

A route says who, may, send, answer; a decision that stands here stands in the wrong room.
"""
