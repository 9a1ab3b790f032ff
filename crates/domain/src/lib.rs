//! The rules of the case lifecycle, as pure functions over plain values.
//!
//! Nothing here reads a clock, touches a disk, draws a random number or knows HTTP, SQL or JSON: every fact a rule
//! needs is an argument. The numbers in the doc comments (A4, R3, …) are the rules of `docs/spec/lifecycle.md`.

pub mod advice;
pub mod audit;
pub mod canned;
pub mod case;
pub mod checkpoint;
pub mod closure;
pub mod feed;
pub mod id;
pub mod lifecycle;
pub mod mention;
pub mod message;
pub mod metrics;
pub mod notice;
pub mod permission;
pub mod policy;
pub mod routing;
pub mod survival;
pub mod time;

/// A word that stands for no known value of an enumeration, such as a status `"done"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownWord {
    /// The words that would have been understood, for the message to the person.
    pub known: &'static [&'static str],
}

/// Gives an enumeration its stable words: the ones of the API, the database and the pages.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every value, in the order a person would list them.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// The words of [`Self::ALL`].
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok($name::$variant),)+
                    _ => Err($crate::UnknownWord { known: Self::WORDS }),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;
