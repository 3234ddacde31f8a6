"""The version, where inner rooms can read it without importing the facade."""

__version__ = "0.1.0"
