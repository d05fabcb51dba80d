"""For tests: faults on demand, control from outside, recorded answers."""
