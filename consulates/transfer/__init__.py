"""Files that staff bring and take away: read with limits, checked line by line, saved whole or not at all."""
