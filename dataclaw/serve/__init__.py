"""Showing results: the report."""
