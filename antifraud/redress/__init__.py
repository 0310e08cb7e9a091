"""What a person whose appointment a reviewer cancelled lives through, and how it is made good."""
