"""Conversions, Insight Tags, leads, segments, companies and names."""
