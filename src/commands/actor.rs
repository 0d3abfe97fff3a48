//! Who runs the program: the name that stands in every change.

use super::context::Context;
use crate::model::{Actor, Environment};

/// The variables that name who runs the program. Several people may share one account by `sudo` or `ssh`.
const VARIABLES: [&str; 4] = ["CALLQ_ACTOR", "SUDO_USER", "USER", "LOGNAME"];

impl Context<'_> {
    /// Who runs the program. Cron sets no variable, and then the user's number is looked up.
    pub fn actor(&self) -> &Actor {
        let surroundings = &self.surroundings;
        self.actor.get_or_init(|| actor(&self.environment, surroundings.user, surroundings.passwd))
    }
}

fn actor(environment: &Environment, user: u32, passwd: fn() -> String) -> Actor {
    let told = VARIABLES.iter().find_map(|name| environment.non_empty(name));
    let told = told.map(|name| name.to_string_lossy().into_owned());
    let name = told.or_else(|| login_name(&passwd(), user));
    Actor::named(&name.unwrap_or_else(|| format!("uid {user}")))
}

/// The name of a user in a list of lines such as `ann:x:1000:…`.
fn login_name(passwd: &str, user: u32) -> Option<String> {
    let named = |line: &str| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number.parse() == Ok(user) && !name.is_empty()).then(|| name.to_owned())
    };
    passwd.lines().find_map(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_runs_it_has_a_name() {
        let passwd = || "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n:x:7::\nodd\n".to_owned();
        let who = |variables: &[(&str, &str)], user| {
            actor(&variables.iter().copied().collect(), user, passwd).as_str().to_owned()
        };
        let all = [("CALLQ_ACTOR", "ops"), ("SUDO_USER", "bob"), ("USER", "callq"), ("LOGNAME", "log")];
        let without = |count: usize| who(&all[count..], 1000);
        assert_eq!([0, 1, 2, 3, 4].map(without), ["ops", "bob", "callq", "log", "ann"]);
        assert_eq!(who(&[("CALLQ_ACTOR", ""), ("USER", "ann")], 0), "ann", "an empty variable counts as unset");
        assert_eq!([0, 7, 8].map(|user| who(&[], user)), ["root", "uid 7", "uid 8"]);
    }
}
