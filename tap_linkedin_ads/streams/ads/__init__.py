"""Streams of ad accounts."""
