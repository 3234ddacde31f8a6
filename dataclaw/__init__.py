"""Agentic multimodal data tailoring: raw streams and an intent in, verified training samples out."""
