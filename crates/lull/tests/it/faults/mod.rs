//! Faults: the process dies, the disk is full, every write is refused.

mod disk;
mod kill;
mod refused_writes;
