"""Daily life: narrated and filmed doings into routes, tutorials, and questions about what, why, when and in which order."""
