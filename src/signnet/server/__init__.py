"""The page and the recogniser over HTTP, by default for this computer only."""
