"""Measuring: order accuracy, agreement with annotations, the benchmark."""
