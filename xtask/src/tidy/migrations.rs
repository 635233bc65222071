//! The rule of paired migrations: one number, one name, in SQLite's dialect and in PostgreSQL's.

use std::collections::BTreeMap;

use super::tree::Tree;

const DIALECTS: [&str; 2] = ["sqlite", "postgres"];

/// Migrations that one dialect lacks or calls otherwise, and numbers that are used twice.
pub(super) fn unpaired(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    let [sqlite, postgres] = DIALECTS.map(|dialect| numbered(tree, dialect, &mut found));
    if sqlite.is_empty() && postgres.is_empty() {
        found.push("crates/store/migrations has no migration".to_owned());
    }
    for number in sqlite.keys().chain(postgres.keys().filter(|key| !sqlite.contains_key(*key))) {
        match (sqlite.get(number), postgres.get(number)) {
            (Some(one), Some(other)) if one == other => {}
            (Some(one), Some(other)) => {
                found.push(format!("migration {number}: '{one}' in sqlite, '{other}' in postgres"));
            }
            (None, _) => found.push(format!("migration {number} is missing in sqlite")),
            (_, None) => found.push(format!("migration {number} is missing in postgres")),
        }
    }
    found
}

/// The migrations of one dialect, name by number; what is wrong with them goes to `found`.
fn numbered(tree: &Tree, dialect: &str, found: &mut Vec<String>) -> BTreeMap<u32, String> {
    let mut names = BTreeMap::new();
    let folder = format!("crates/store/migrations/{dialect}");
    for file in tree.files().filter(|file| file.under(&folder) && file.is("sql")) {
        let stem = file.path().file_stem().unwrap_or_default().to_string_lossy();
        let parts = stem.split_once(['_', '-']);
        let Some((number, name)) = parts.and_then(|(n, name)| Some((n.parse().ok()?, name))) else {
            found.push(format!("{}: not called NUMBER_name.sql", file.path().display()));
            continue;
        };
        if names.insert(number, name.to_owned()).is_some() {
            found.push(format!("{}: number {number} is used twice", file.path().display()));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sqlite: &[&str], postgres: &[&str]) -> Vec<String> {
        let paths: Vec<String> = [("sqlite", sqlite), ("postgres", postgres)]
            .into_iter()
            .flat_map(|(dialect, names)| {
                names.iter().map(move |name| format!("crates/store/migrations/{dialect}/{name}"))
            })
            .collect();
        let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), "")).collect();
        unpaired(&Tree::of(&files))
    }

    #[test]
    fn pairs_with_equal_names_pass() {
        assert!(check(&["0001_a.sql", "0002_b.sql"], &["0001_a.sql", "0002_b.sql"]).is_empty());
    }

    #[test]
    fn everything_else_is_named() {
        for (sqlite, postgres, complaint) in [
            (&["1_a.sql"][..], &[][..], "migration 1 is missing in postgres"),
            (&[], &["1_a.sql"], "migration 1 is missing in sqlite"),
            (&["1_a.sql"], &["1_b.sql"], "migration 1: 'a' in sqlite, 'b' in postgres"),
            (&[], &[], "crates/store/migrations has no migration"),
        ] {
            assert_eq!(check(sqlite, postgres), [complaint]);
        }
        assert!(check(&["1_a.sql", "01_a.sql"], &["1_a.sql"])[0].ends_with("used twice"));
        assert!(check(&["init.sql"], &[])[0].ends_with("not called NUMBER_name.sql"));
    }
}
