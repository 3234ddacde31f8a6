"""The domain of daily life: recordings and narrations into routes, tutorials and questions of what, why and when."""
