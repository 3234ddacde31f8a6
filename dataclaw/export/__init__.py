"""From the folder of a run to the files that others train with: one declaration of a conversation, many formats."""
