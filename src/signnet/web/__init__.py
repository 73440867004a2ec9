"""The page that recognises signs in a browser."""
