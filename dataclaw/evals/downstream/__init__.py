"""Does tailored data train better? The same streams, the same volume, and only the annotator differs."""
