"""Faces of the system for people and programs: the viewer, HTTP and MCP."""
