"""What makes tokens: the embedded model, models of transformers, servers; their weights, adapters and decoding."""
