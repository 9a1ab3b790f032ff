//! How many statements a client sends: PostgreSQL's messages, told apart by kind and length and otherwise skipped.

/// Frames begin with a kind and a length; the first one of a connection has no kind.
const KIND: usize = 1;
const LENGTH: usize = 4;

#[derive(Debug, Default)]
pub struct Frames {
    /// Of a frame whose beginning has not arrived as a whole.
    beginning: Vec<u8>,
    /// How much of the current frame is still to come.
    rest: usize,
    started: bool,
}

impl Frames {
    /// Takes in what was sent; answers how many statements begin in it: prepared ones that are run, and plain queries.
    pub fn statements(&mut self, mut bytes: &[u8]) -> u64 {
        let mut statements = 0;
        while !bytes.is_empty() {
            let skipped = self.rest.min(bytes.len());
            self.rest -= skipped;
            bytes = &bytes[skipped..];
            if let [byte, following @ ..] = bytes {
                self.beginning.push(*byte);
                bytes = following;
                statements += u64::from(self.begins_statement());
            }
        }
        statements
    }

    /// Whether the beginning is whole and that of a statement.
    fn begins_statement(&mut self) -> bool {
        let kind = if self.started { KIND } else { 0 };
        let Some((kind, length)) = self.beginning.split_at_checked(kind) else { return false };
        let Ok(length) = <[u8; LENGTH]>::try_from(length) else { return false };
        let is_statement = matches!(kind, b"E" | b"Q");
        // The length counts itself.
        self.rest = usize::try_from(u32::from_be_bytes(length)).unwrap_or(LENGTH).saturating_sub(LENGTH);
        self.beginning.clear();
        self.started = true;
        is_statement
    }
}
