"""The look and feel of every page: components, theme, static files. Knows no room."""
