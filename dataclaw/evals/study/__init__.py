"""Every row of the results table: what is trained, how it is measured, what is left to do, and the table itself."""
