//! The variables of the environment: an argument everywhere, read from the process only by `main`.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::sync::Arc;

/// The variables that a run goes by, and that the programs of its calls inherit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment(Arc<BTreeMap<OsString, OsString>>);

impl Environment {
    /// A variable, empty or not.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.0.get(OsStr::new(name)).map(OsString::as_os_str)
    }

    /// A variable, where an empty one counts as unset.
    pub fn non_empty(&self, name: &str) -> Option<&OsStr> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Every variable, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.0.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The same without some variables.
    #[must_use]
    pub fn without(&self, names: &[String]) -> Environment {
        let is_kept = |name: &OsStr| !names.iter().any(|dropped| name == dropped.as_str());
        self.iter().filter(|(name, _)| is_kept(name)).collect()
    }
}

impl<N: Into<OsString>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Environment {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        Environment(Arc::new(variables.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_counts_as_unset_but_is_inherited() {
        let environment: Environment = [("A", ""), ("B", "1"), ("C", "2")].into_iter().collect();
        assert_eq!((environment.get("A"), environment.non_empty("A")), (Some(OsStr::new("")), None));
        assert_eq!(environment.non_empty("B"), Some(OsStr::new("1")));
        let names: Vec<_> =
            environment.without(&["B".to_owned(), "D".to_owned()]).iter().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(names, ["A", "C"]);
    }
}
