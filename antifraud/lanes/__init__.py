"""Step-ups, mildest first, and the lawful lanes: registered helpers, drives, public terminals."""
