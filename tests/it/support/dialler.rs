//! A sandbox whose calls end as the lead's name says, at any hour: for items in every status.

use std::path::Path;

use super::Sandbox;
use super::run::eventually;

/// The name of a lead says how its call ends: `answered…`, `busy…`, `never…` (cannot be reached), `lost…` (nobody knows,
/// so that the item is held), `later…` (accepted, so that the item stays in progress). Other names are answered.
const PLACE_CALL: &str = r#"
case "$CALLQ_LEAD_ID" in
    busy*) exit 11 ;;
    never*) exit 20 ;;
    lost*) exit 1 ;;
    later*) echo "{\"outcome\": \"accepted\", \"call_id\": \"call-$CALLQ_LEAD_ID\"}" ;;
esac
"#;

/// A call that another process can hold up and watch.
const HOLD_CALL: &str = r#"
grep SigIgn /proc/$$/status > "began-$1.new"
mv "began-$1.new" "began-$1"
until [ -e go ]; do sleep 0.02; done
echo '{"outcome": "completed", "reason": "answered"}' > "$CALLQ_RESULT_FILE.new"
mv "$CALLQ_RESULT_FILE.new" "$CALLQ_RESULT_FILE"
: > "ended-$1"
"#;

/// Open around the clock, in UTC, without chance.
const ALWAYS_OPEN: &str = r#"
[defaults]
timezone = "UTC"
active_days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
max_concurrent = 1
retry_delays = [60]
retry_jitter = 0.0
recall_after = "0"
[defaults.business_hours]
start = "00:00"
end = "24:00"
priority_hours = []
[defaults.calling_hours]
start = "00:00"
end = "24:00"
[defaults.law]
purpose = "service"
voice = "human"
number_rest = "0"
[defaults.dispatch]
"#;

impl Sandbox {
    /// A sandbox that really calls a script: on the machine's clock, since a run refuses to dial under another one.
    pub(crate) fn dialling() -> Sandbox {
        let mut sandbox = Sandbox::new();
        let script = sandbox.script("place-call", PLACE_CALL);
        sandbox.unset("CALLQ_NOW");
        sandbox.set("USER", "ops");
        sandbox.configure(&Sandbox::always_open(&format!("kind = \"command\"\ncommand = [{script:?}]")));
        sandbox
    }

    /// Writes a configuration that is open around the clock, one call at a time, placed by a program.
    pub(crate) fn call_by(&mut self, program: &Path) {
        self.open_with(&format!("kind = \"command\"\ncommand = [{program:?}, \"{{lead_id}}\"]"));
    }

    /// Writes a configuration that is open around the clock, with these lines in its dispatch table.
    pub(crate) fn open_with(&mut self, dispatch: &str) {
        self.configure(&Sandbox::always_open(dispatch));
    }

    /// A sandbox on the machine's clock whose calls go on until the file `go` is there, and leave files named after the
    /// lead when they begin and end. Each leaves its result in its file.
    pub(crate) fn holding() -> Sandbox {
        let mut sandbox = Sandbox::new();
        let script = sandbox.script("hold", HOLD_CALL);
        sandbox.unset("CALLQ_NOW");
        sandbox.call_by(&script);
        sandbox
    }

    /// Waits until the call to a lead of [`Sandbox::holding`] has begun.
    pub(crate) fn wait_until_calling(&self, lead: &str) {
        eventually("the call has begun", || self.path(format!("began-{lead}")).exists());
    }

    /// A configuration that is open around the clock, with these lines in its dispatch table.
    pub(crate) fn always_open(dispatch: &str) -> String {
        format!("{ALWAYS_OPEN}{dispatch}\n")
    }

    /// A sandbox in which calls are played, on a clock that stands still; open around the clock.
    pub(crate) fn simulating() -> Sandbox {
        let mut sandbox = Sandbox::new();
        sandbox.set("USER", "ops");
        sandbox.configure(&Sandbox::always_open("kind = \"simulate\""));
        sandbox
    }

    /// Queues leads of client acme one by one, and runs `process` until all were called once.
    #[track_caller]
    pub(crate) fn call(&self, leads: &[&str]) {
        for lead in leads {
            self.run(["add", "-c", "acme", lead]).expect_code(0);
            self.run("process --limit 1").expect_code(0);
        }
    }

    /// The status of an item, with `held` behind it when it is.
    #[track_caller]
    pub(crate) fn status(&self, id: u64) -> String {
        let item = self.run(["show", "--json", &id.to_string()]).expect_code(0).json();
        let held = if item["held"] == true { ", held" } else { "" };
        format!("{}{held}", item["status"].as_str().unwrap())
    }
}
