"""What every endpoint of /api/v1/ shares: problems, strict JSON, keys, cursors, ETags, limits and bearer tokens.

The endpoints themselves stand in their rooms (``<room>/views/api.py``); urls.py includes them by name.
"""
