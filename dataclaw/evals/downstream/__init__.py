"""Does tailored data train better? The same raw streams, told by different annotators, train the same small model."""
