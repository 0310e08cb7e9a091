from tests.factories.queues import queue_files

__all__ = ["queue_files"]
