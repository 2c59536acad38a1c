"""Files here that are no tests."""

# a script for the Python that has QGIS
collect_ignore = ["qgis_look.py"]
