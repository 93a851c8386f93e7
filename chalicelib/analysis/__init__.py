"""Exact questions about a whole policy, or two versions of one, over every possible call. It runs no case."""
