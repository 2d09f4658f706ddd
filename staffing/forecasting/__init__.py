"""The parts of a forecast: days read off tables, their level, their shape, methods, handle time, scores."""
