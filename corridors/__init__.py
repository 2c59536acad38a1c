"""The front door: command line and Python facade."""
