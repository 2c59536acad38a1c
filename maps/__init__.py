"""What people see: the offline Folium map."""
