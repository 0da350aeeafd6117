"""The own page of a client that pays for itself: what it sees and may do without a dashboard."""
