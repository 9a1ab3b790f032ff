//! Faults: the process dies.

mod kill;
