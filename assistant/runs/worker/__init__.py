"""The worker: a process that takes runs from the queue, trains, measures and stores, and what goes on beside that."""
