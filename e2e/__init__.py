"""Browser tests of the whole hub; `make e2e`."""
