"""Elements with a browser half of their own: one element for any number of rows."""
