"""The contributor's pages."""
