"""Planning of supply: what recurs, what clashes, what it adds in numbers, how it is saved and taken back."""
