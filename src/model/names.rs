//! Names that people and scripts give: clients, leads, keys, zones and regions. Each is checked once, when it comes in.

use std::fmt;
use std::str::FromStr;

/// Why a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing, or only white space.
    #[error("{what} is empty")]
    Empty {
        /// What the name names, such as `lead id`.
        what: &'static str,
    },
    /// Longer than 256 bytes.
    #[error("{what} is {length} bytes long: at most {LONGEST} are allowed")]
    TooLong {
        /// What the name names.
        what: &'static str,
        /// Its length in bytes.
        length: usize,
    },
    #[error("{what} `{}` holds a control character", text.escape_debug())]
    Control {
        /// What the name names.
        what: &'static str,
        text: String,
    },
}

/// The most bytes of UTF-8 that a name may have.
const LONGEST: usize = 256;

fn checked(what: &'static str, text: &str) -> Result<String, NameError> {
    if text.len() > LONGEST {
        return Err(NameError::TooLong { what, length: text.len() });
    }
    // Imports check millions of names, nearly all of them plain.
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(text.to_owned());
    }
    if text.trim().is_empty() {
        return Err(NameError::Empty { what });
    }
    if text.chars().any(char::is_control) {
        return Err(NameError::Control { what, text: text.to_owned() });
    }
    Ok(text.to_owned())
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                checked($what, text).map(Self)
            }
        }
    };
}

name! {
    /// A tenant: the company on whose behalf calls are placed. 1 to 256 bytes without control characters.
    ClientId, "client name"
}

name! {
    /// The client's own id of a person to be called. 1 to 256 bytes without control characters.
    LeadId, "lead id"
}

name! {
    /// The caller's own name of one request, unique within a client for ever. 1 to 256 bytes without control characters.
    ItemKey, "key"
}

name! {
    /// The name of a time zone, as in `America/New_York`. That it exists is the scheduler's to say.
    ZoneName, "time zone"
}

name! {
    /// The name of a registry of numbers, as in `us-national`.
    RegistryName, "name of the registry"
}

name! {
    /// Who wanted an entry of the do-not-call list, in a word.
    ListSource, "source"
}

name! {
    /// The code of a region, as in `US-FL` (ISO 3166). That it exists is for the compliance layer to say.
    RegionCode, "region"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_1_to_256_bytes_without_control_characters() {
        assert!("a".repeat(256).parse::<LeadId>().is_ok());
        assert_eq!("a".repeat(257).parse::<LeadId>(), Err(NameError::TooLong { what: "lead id", length: 257 }));
        assert_eq!("é".repeat(129).parse::<LeadId>(), Err(NameError::TooLong { what: "lead id", length: 258 }));
        assert_eq!(" ".parse::<ClientId>(), Err(NameError::Empty { what: "client name" }));
        for text in ["a\nb", "a\0b", "\u{1b}[2J", "a\u{85}b"] {
            assert!(matches!(text.parse::<ItemKey>(), Err(NameError::Control { .. })), "{text:?}");
        }
    }
}
