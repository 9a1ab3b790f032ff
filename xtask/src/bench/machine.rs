//! What the report says about the machine it was made on.

/// Processors this program may use.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(0, usize::from)
}

/// How many processes wanted a processor over the last minute, on average: with a machine of one's own, the measurement's.
pub fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("unknown").to_owned()
}
