"""What keeps the hub running: the hold of a restored copy, heartbeats, figures."""
