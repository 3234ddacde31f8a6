"""Records a person-like session in a real browser as a GUI trace; see `examples/record_trace.py`."""
