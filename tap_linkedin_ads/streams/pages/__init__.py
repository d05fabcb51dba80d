"""Streams of company pages and their posts."""
