"""Daily life: what people film and narrate into routes, tutorials and questions of what, why and when."""
