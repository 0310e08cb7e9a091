"""A small world on the portal's own services, in which brokers adapt; bench/adaptive.py runs and reports it.

``scene`` is the clock, the seats and the services as everybody uses them; ``crowd`` the honest, ``brokers`` the others,
``desk`` the engine's jobs and the people who work the queue.
"""
