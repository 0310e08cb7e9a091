"""What is said to a booker, when, and on which channel."""
