//! Numbers that look drawn and are the same in every run (SplitMix64), so that runs differ by their timing alone.

#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// A number from `-most` to `most`.
    pub fn around(&mut self, most: i64) -> i64 {
        let width = u64::try_from(2 * most + 1).unwrap_or(1);
        i64::try_from(self.below(width)).unwrap_or(0) - most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_numbers_and_they_stay_inside_their_bounds() {
        let draw = |seed| {
            let mut dice = Dice::new(seed);
            (0..1_000).map(|_| (dice.below(10), dice.around(3))).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert!(draw(1).iter().all(|(below, around)| *below < 10 && (-3..=3).contains(around)));
        assert!((-3..=3).all(|wanted| draw(1).iter().any(|(_, around)| *around == wanted)));
    }
}
