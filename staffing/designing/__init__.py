"""The parts of a design: the need, its rush, the covering program, pairs of shifts, levers, service, work."""
