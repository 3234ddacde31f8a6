"""Measuring: the benchmark's metrics, benchmarks made from worlds, models scored on them, and reports of it all."""
