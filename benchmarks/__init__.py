"""Measures the tap beside other programs and beside floors, in one run on one machine."""
