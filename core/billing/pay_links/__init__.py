"""Links to the page of a client that pays for itself and has no dashboard."""
