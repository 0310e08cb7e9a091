"""How the public hears of releases and tours: calendar, feeds, share cards, posters, and signed announcements."""
