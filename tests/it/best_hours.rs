//! `best_hours = "learn"`: what is learned, what it does to the order, and where it shows.

use rusqlite::Connection;

use crate::support::Sandbox;

/// Tuesday 10:05 in New York, 09:05 in Chicago.
const TUESDAY: &str = "2026-11-24T15:05:00Z";

/// Two places with two leads each, all due since the day before.
fn sandbox(keys: &str) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.configure(&format!("[clients.acme]\n{keys}\ndispatch = {{ kind = \"simulate\" }}\n"));
    let leads = "lead_id,timezone\nchi-1,America/Chicago\nny-1,America/New_York\nchi-2,America/Chicago\nny-2,America/New_York\n";
    sandbox.run_with_input("schedule-batch -c acme -f -", leads).expect_code(0);
    sandbox.set_now(TUESDAY);
    sandbox
}

const LEARN: &str = "best_hours = \"learn\"";

/// As if acme had learned that calls of one hour of the week (Tuesday 10 is 34) are answered more often than others.
fn learned(sandbox: &Sandbox, best: i64) {
    let write = format!(
        "WITH RECURSIVE hours (how) AS (SELECT 0 UNION ALL SELECT how + 1 FROM hours WHERE how < 167)
         INSERT INTO hour_rates SELECT (SELECT id FROM clients WHERE name = 'acme'), how,
             CASE WHEN how = {best} THEN 0.168 ELSE 0.14 END, 0.0001, CASE WHEN how = {best} THEN 214 ELSE 0 END,
             unixepoch('{TUESDAY}') * 1000 FROM hours"
    );
    Connection::open(sandbox.database()).unwrap().execute_batch(&write).unwrap();
}

fn leads(sandbox: &Sandbox, line: &str) -> Vec<String> {
    let rows = sandbox.run(line).expect_code(0).json();
    rows.as_array().unwrap().iter().map(|row| row["lead_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_places_whose_hour_is_better_come_first() {
    let (dry_run, list) = ("process --dry-run --json", "list --status waiting --limit 0 --json");
    let in_turn = ["chi-1", "ny-1", "chi-2", "ny-2"];
    let off = sandbox("");
    learned(&off, 34);
    assert_eq!(
        (leads(&off, dry_run), leads(&off, list)),
        (in_turn.map(str::to_owned).into(), in_turn.map(str::to_owned).into())
    );
    for (best, expected) in [(34, ["ny-1", "ny-2", "chi-1", "chi-2"]), (33, ["chi-1", "chi-2", "ny-1", "ny-2"])] {
        let sandbox = sandbox(LEARN);
        assert_eq!(leads(&sandbox, dry_run), in_turn, "nothing is learned yet");
        learned(&sandbox, best);
        assert_eq!(leads(&sandbox, dry_run), expected);
        assert_eq!(leads(&sandbox, list), expected);
        sandbox.run("process --json --limit 2").expect_code(0);
        let called = |id: u64| sandbox.run(["show", &id.to_string(), "--json"]).json()["attempts"] != 0;
        assert_eq!(
            [1, 2, 3, 4].map(called),
            if best == 34 { [false, true, false, true] } else { [true, false, true, false] }
        );
    }
}

#[test]
fn nobody_is_overtaken_by_one_that_became_due_much_later() {
    // 5 points, 10 an hour: at most 1 h.
    for (late, expected) in [("10:00", ["chi-1", "ny-late"]), ("09:02", ["ny-late", "chi-1"])] {
        let mut sandbox = Sandbox::new();
        sandbox.configure(&format!("[clients.acme]\n{LEARN}\ndispatch = {{ kind = \"simulate\" }}\n"));
        sandbox.set_now("2026-11-24T14:00:00Z");
        sandbox.run("add -c acme chi-1 --timezone America/Chicago --at 09:00").expect_code(0);
        sandbox.run(["add", "-c", "acme", "ny-late", "--timezone", "America/New_York", "--at", late]).expect_code(0);
        Connection::open(sandbox.database())
            .unwrap()
            .execute_batch(
                "UPDATE items SET scheduled_at = unixepoch('2026-11-24T14:00:00Z') * 1000 WHERE lead_id = 'chi-1'",
            )
            .unwrap();
        learned(&sandbox, 34);
        sandbox.set_now(TUESDAY);
        assert_eq!(leads(&sandbox, "process --dry-run --json"), expected, "{late}");
    }
}

#[test]
fn why_says_what_the_hour_adds() {
    let sandbox = sandbox(LEARN);
    learned(&sandbox, 34);
    let shown = sandbox.run("why 2").expect_code(0).stdout;
    // One hour of 40 at 16.8 %, the others at 14 %: a mean of 14.07 %.
    assert!(shown.contains("Tue 10 is +2.7 of 14.1 % (n 214): +3.9 points"), "{shown}");
    let row = shown.lines().find(|line| line.starts_with("best_hours ")).unwrap();
    assert!(row.contains("Tue 10"), "{shown}");
    let last = |sandbox: &Sandbox| {
        sandbox.run("why 1 --json").expect_code(0).json()["gates"].as_array().unwrap().last().cloned()
    };
    let row = last(&sandbox).unwrap();
    assert_eq!((&row["gate"], &row["open"]), (&"best_hours".into(), &true.into()));
    let evidence = &row["evidence"];
    assert_eq!((&evidence["hour"], &evidence["calls"]), (&"Tue 09".into(), &214.into()));
    assert!(evidence["points"].as_f64().unwrap() < 0.0, "{row}");
    let off = self::sandbox("");
    learned(&off, 34);
    assert_ne!(last(&off).unwrap()["gate"], "best_hours");
}

/// When each client learned, in seconds, and from how many calls.
fn rates(sandbox: &Sandbox) -> Vec<(String, i64, i64)> {
    let connection = Connection::open(sandbox.database()).unwrap();
    let sql = "SELECT clients.name, min(learned_at) / 1000, sum(calls) FROM hour_rates
               JOIN clients ON clients.id = client_id GROUP BY 1 HAVING count(*) = 168 ORDER BY 1";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn the_first_run_of_a_day_learns_from_the_calls_of_each_lead_s_clock() {
    let mut sandbox = Sandbox::new();
    let client = "dispatch = { kind = \"simulate\" }\nmax_concurrent = 50\nmax_retries = 0\n";
    sandbox.configure(&format!("[clients.acme]\n{LEARN}\n{client}[clients.globex]\n{client}"));
    let leads: String = (0..40).map(|lead| format!("lead-{lead},America/Chicago\n")).collect();
    let add = |sandbox: &Sandbox, client: &str, day: usize| {
        let leads = leads.replace("lead-", &format!("{client}-{day}-"));
        let line = ["schedule-batch", "-c", client, "-f", "-"];
        sandbox.run_with_input(line, format!("lead_id,timezone\n{leads}")).expect_code(0);
    };
    let seconds = |instant: &str| instant.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp();
    sandbox.set_now(TUESDAY);
    for client in ["acme", "globex"] {
        add(&sandbox, client, 1);
    }
    sandbox.run("process").expect_code(0);
    assert_eq!(rates(&sandbox), [("acme".to_owned(), seconds(TUESDAY), 0)], "the first run knows no calls");
    // Later on the day nothing is learned; a look learns nothing either.
    add(&sandbox, "acme", 2);
    sandbox.set_now("2026-11-24T16:00:00Z");
    sandbox.run("process").expect_code(0);
    add(&sandbox, "acme", 3);
    sandbox.set_now("2026-11-25T16:00:00Z");
    sandbox.run("process --dry-run").expect_code(0);
    assert_eq!(rates(&sandbox), [("acme".to_owned(), seconds(TUESDAY), 0)]);
    sandbox.run("process").expect_code(0);
    let [(_, at, calls)] = &rates(&sandbox)[..] else { panic!("globex learns nothing") };
    assert_eq!(*at, seconds("2026-11-25T16:00:00Z"));
    // A call of a number that does not exist says nothing of its hour.
    let outcomes =
        sandbox.run("stats -c acme --until 2026-11-25T00:00:00Z --json").expect_code(0).json()["attempts"].clone();
    let count = |outcome: &str| outcomes[outcome].as_i64().unwrap();
    assert_eq!(*calls, count("completed") + count("retry") + count("unknown"));
    let connection = Connection::open(sandbox.database()).unwrap();
    let hours = "SELECT group_concat(how) FROM hour_rates WHERE calls > 0";
    let hours: String = connection.query_row(hours, [], |row| row.get(0)).unwrap();
    assert_eq!(hours, "33,34", "Tuesday 9 and 10 in Chicago");
}

#[test]
fn learning_needs_aging() {
    let mut sandbox = Sandbox::new();
    sandbox.configure(&format!("[defaults]\naging = 0\n{LEARN}\n"));
    let refused = sandbox.run("config check").expect_code(5);
    assert!(refused.stdout.contains("3:14: `best_hours` is \"learn\" but `aging` is 0"), "{refused}");
    sandbox.configure("[defaults]\nbest_hours = \"always\"\n");
    let refused = sandbox.run("config check").expect_code(5);
    assert!(refused.stdout.contains("`best_hours` is \"always\": expected off or learn"), "{refused}");
}

#[test]
fn hours_of_stats_have_honest_intervals() {
    let mut sandbox = Sandbox::new();
    sandbox.configure("[clients.acme]\nmax_concurrent = 50\ndispatch = { kind = \"simulate\" }\n");
    let leads: String = (0..100).map(|lead| format!("lead-{lead}\n")).collect();
    sandbox.run_with_input("schedule-batch -c acme -f - --input lines", leads).expect_code(0);
    sandbox.set_now(TUESDAY);
    sandbox.run("process").expect_code(0);
    for words in ["stats --by hour --json", "stats -c acme --by hour --json"] {
        let row = sandbox.run(words).expect_code(0).json()["by"][0].clone();
        let number = |name: &str| row[name].as_f64().unwrap();
        assert!(number("rate_low") < number("answer_rate") && number("answer_rate") < number("rate_high"), "{row}");
        assert!(number("best_low") < number("best_guess") && number("best_guess") < number("best_high"), "{row}");
        // 100 calls are all that is known of the level: the guess is close to the rate.
        assert!((number("best_guess") - number("answer_rate")).abs() < 0.1, "{row}");
    }
    let table = sandbox.run("stats --by hour").expect_code(0).stdout;
    assert!(table.contains("best guess") && table.ends_with("no hour surely differs from the others yet\n"), "{table}");
    let row = sandbox.run("stats --by day --json").expect_code(0).json()["by"][0].clone();
    assert!(row.get("rate_low").is_none() && row.get("best_guess").is_none(), "{row}");
}

#[test]
fn one_clock_for_all_leads_is_said() {
    let sandbox = sandbox(LEARN);
    let said = "`best_hours` changes nothing where all waiting leads share one clock: acme (America/New_York)";
    assert!(!sandbox.run("config check").expect_code(0).stdout.contains("share one clock"), "two zones");
    sandbox.run("cancel 1,3").expect_code(0);
    assert!(sandbox.run("config check").expect_code(0).stdout.contains(said));
    assert!(sandbox.run("doctor").stdout.contains(said));
}
