"""Where the product is put together: the command line (and, with the platform, settings and addresses)."""
