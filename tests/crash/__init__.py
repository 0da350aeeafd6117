"""kill -9 of real processes."""
