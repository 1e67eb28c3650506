"""Where data lie, how they are fetched and checked, and files written whole or not at all."""
