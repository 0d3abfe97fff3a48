//! Keeps the statements of the store portable, by reading their texts: another engine below them must stay possible.

use std::path::Path;

use crate::support::{Source, rust_files, texts_of};

/// The words by which a text is known as SQL.
const SQL: [&str; 8] = ["select ", "insert ", "update ", "delete ", "where ", " and ", "order by ", "group by "];

/// Words that may follow a subquery without a name.
const NO_NAME: [&str; 9] = ["where", "group", "order", "join", "limit", "on", "cross", "union", "having"];

/// The text in small letters, its spaces folded.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// What stands inside of the parentheses that `text` begins after, and what follows them.
fn parted(text: &str) -> (&str, &str) {
    let mut depth = 1_usize;
    for (index, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' if depth == 1 => return (&text[..index], &text[index + 1..]),
            ')' => depth -= 1,
            _ => {}
        }
    }
    (text, "")
}

/// Whether a comma stands outside of all parentheses.
fn has_two_arguments(arguments: &str) -> bool {
    let mut depth = 0_usize;
    arguments.chars().any(|letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    })
}

/// What no other engine, or not every one, would take.
fn unportable(statement: &str) -> Vec<&'static str> {
    let sql = folded(statement);
    let mut faults = Vec::new();
    let mut check = |is_fault: bool, fault: &'static str| {
        if is_fault {
            faults.push(fault);
        }
    };
    check(sql.contains("ifnull("), "ifnull: use coalesce");
    check(sql.contains(" is ?") || sql.contains(" is not ?"), "IS ?: use IS [NOT] DISTINCT FROM");
    check(sql.contains("where 1 ") || sql.ends_with("where 1"), "WHERE 1: use TRUE");
    check(sql.contains("last_insert_rowid"), "last_insert_rowid: use RETURNING");
    check(sql.contains("insert or ") || sql.contains("update or "), "INSERT OR …: use ON CONFLICT");
    check(sql.contains("do update set n = n "), "SET n = n: name the table on the right");
    check(sql.contains("group by 1"), "GROUP BY a number: name the columns");
    check(sql.contains(" glob ") || sql.contains("rowid"), "GLOB and rowid are SQLite's own");
    let two_arguments = ["min(", "max("].iter().any(|function| {
        sql.match_indices(function).any(|(at, _)| {
            let is_whole = !sql[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
            is_whole && has_two_arguments(parted(&sql[at + function.len()..]).0)
        })
    });
    check(two_arguments, "min or max of two arguments: use CASE");
    let nameless = ["from (", "join ("].iter().any(|opening| {
        sql.match_indices(opening).any(|(at, _)| {
            let (inside, behind) = parted(&sql[at + opening.len()..]);
            let next = behind.trim_start().split(' ').next().unwrap_or_default();
            inside.starts_with("select") && (next.is_empty() || next.starts_with([')', ',']) || NO_NAME.contains(&next))
        })
    });
    check(nameless, "a subquery without a name");
    faults
}

/// The files of the store without the schema, which is SQLite's, and without files of tests.
fn store() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = rust_files(&root.join("src/store")).into_iter().map(|path| Source::read(root, &path));
    let skipped = |name: &str| ["/schema.rs", "/tests.rs", "/probe.rs"].iter().any(|end| name.ends_with(end));
    files.filter(|source| !skipped(&source.name)).collect()
}

/// The part of a file before its tests.
fn production(source: &Source) -> &str {
    source.text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default()
}

#[test]
fn every_statement_of_the_store_is_portable() {
    let (mut faults, mut statements) = (Vec::new(), 0);
    for source in store() {
        for text in texts_of(production(&source)) {
            let sql = folded(&text);
            if SQL.iter().any(|word| sql.contains(word)) {
                statements += 1;
                faults.extend(unportable(&text).into_iter().map(|fault| format!("{}: {fault}: {sql}", source.name)));
            }
        }
    }
    assert!(statements > 80, "{statements} statements found");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn one_file_writes_items() {
    let writes = |source: &&Source| {
        let sql = folded(production(source));
        let writes = ["insert into items ", "update items ", "delete from items ", "insert into changes "];
        writes.iter().any(|write| sql.contains(write))
    };
    let sources = store();
    let writers: Vec<&str> = sources.iter().filter(writes).map(|source| source.name.as_str()).collect();
    assert_eq!(writers.len(), 1, "{writers:?}");
    assert!(writers[0].ends_with("/change.rs"), "{writers:?}");
    // Ids of items come from a counter of ours.
    assert!(!sources.iter().any(|source| source.code.contains("last_insert_rowid")));
}

#[test]
fn unportable_statements_are_found() {
    for (sql, faults) in [
        ("SELECT id FROM items WHERE a IS NULL AND b IS NOT NULL", 0),
        ("SELECT ifnull(a, 0) FROM items", 1),
        ("SELECT id FROM items WHERE a IS ?1", 1),
        ("SELECT id FROM items WHERE a IS NOT DISTINCT FROM ?1", 0),
        ("SELECT id FROM items WHERE 1", 1),
        ("SELECT id FROM items WHERE 1 ORDER BY id", 1),
        ("SELECT min(a), max(coalesce(a, b)) FROM items", 0),
        ("SELECT min(a, b) FROM items", 1),
        ("SELECT count(*) FROM (SELECT 1 FROM items LIMIT ?1)", 1),
        ("SELECT count(*) FROM (SELECT 1 FROM (SELECT 2 FROM items) WHERE a) AS b", 1),
        ("SELECT count(*) FROM (SELECT 1 FROM items LIMIT ?1) AS counted", 0),
        ("SELECT EXISTS (SELECT 1 FROM items)", 0),
        ("INSERT INTO a (n) VALUES (1) ON CONFLICT (k) DO UPDATE SET n = n + ?1", 1),
        ("INSERT INTO a (n) VALUES (1) ON CONFLICT (k) DO UPDATE SET n = a.n + ?1", 0),
        ("INSERT OR IGNORE INTO a (n) VALUES (1)", 1),
        ("SELECT a, count(*) FROM items GROUP BY 1", 1),
    ] {
        assert_eq!(unportable(sql).len(), faults, "{sql}: {:?}", unportable(sql));
    }
}
