"""The whole of a hub in one file, and back; see `storage.backup.service`."""
