"""The agent: pure steps, the graph around them, and the policies that decide."""
