//! Whom callq trusts a file to: one rule for the configuration, the database with what lies beside it, the programs that
//! place calls, and keys. And how callq makes files of its own: for their owner alone.

mod database;
mod make;
mod program;

use std::fs::{self, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

pub(crate) use database::{COMPANIONS, LEASES, check_database};
pub(crate) use make::{create_folder, create_new, give_folder_to_owner_of, give_to_owner_of, make_private};
pub(crate) use program::{check_key_file, check_program, find_program, read_key_file};

/// Writing by the group and by everybody.
const OTHERS_WRITE: u32 = 0o022;
/// In a folder with this bit people remove and rename only their own files.
const STICKY: u32 = 0o1000;

/// A file that somebody else could change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}; `{remedy}`", path.display())]
pub struct Untrusted {
    /// The file or folder.
    pub path: PathBuf,
    /// Who may write it.
    pub reason: String,
    /// The command that closes it.
    pub remedy: String,
}

/// What a file is to callq, for the message that refuses it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Role {
    /// Such as `the configuration`.
    pub name: &'static str,
    /// What those could do who may write it: `who could …`.
    pub danger: &'static str,
}

/// The user whose rights this process has.
pub(crate) fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// Refuses what others may write, or what belongs to another user than `owner` and root.
///
/// A folder such as `/tmp` passes: nobody replaces what is another's there, and what a stranger puts there is refused for
/// its owner.
///
/// # Errors
/// Who may write it, and the command that closes it.
pub(crate) fn check(path: &Path, metadata: &Metadata, owner: u32, role: Role) -> Result<(), Untrusted> {
    let Role { name, danger } = role;
    let refuse = |reason: String, remedy: String| Err(Untrusted { path: path.to_owned(), reason, remedy });
    let found = metadata.uid();
    if found != owner && found != 0 {
        let whom = if owner == user() { format!("you (user {owner})") } else { format!("user {owner}") };
        let reason = format!("{name} belongs to user {found}, not to {whom} or root, {danger}");
        return refuse(reason, format!("chown {owner} {}", quoted(path)));
    }
    if metadata.is_symlink() {
        let reason = format!("{name} is a symbolic link, which leads to another's file");
        return refuse(reason, format!("rm {}", quoted(path)));
    }
    let mode = metadata.mode();
    // What is written to `/dev/null` is not what is read from it.
    let is_harmless = metadata.is_dir() && mode & STICKY != 0 || metadata.file_type().is_char_device();
    if mode & OTHERS_WRITE != 0 && !is_harmless {
        let reason = format!("{name} may be written by others (mode {:04o}), {danger}", mode & 0o7777);
        return refuse(reason, format!("chmod go-w {}", quoted(path)));
    }
    Ok(())
}

/// Whether a file was left by this user or, where root works for a service's user, by that one: the owner of the folder.
pub(crate) fn is_own(found: &Metadata, folder: &Path) -> bool {
    let user = user();
    let is_owners = || fs::symlink_metadata(folder).is_ok_and(|folder| folder.uid() == found.uid());
    found.uid() == user || user == 0 && is_owners()
}

/// The folder in which a file stands.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// The path of a file beside another one: `queue.db-wal` of `queue.db`.
pub(crate) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// A path as a shell reads it.
pub(crate) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "/._-+@%,:=".contains(c);
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const ROLE: Role = Role { name: "the key", danger: "who could change it" };

    #[test]
    fn another_users_file_is_refused_and_roots_is_not() {
        let temp = tempfile::tempdir().unwrap();
        let metadata = temp.path().metadata().unwrap();
        let stranger = metadata.uid() + 1;
        assert_eq!(check(temp.path(), &metadata, stranger, ROLE).is_ok(), metadata.uid() == 0);
        assert!(check(temp.path(), &metadata, metadata.uid(), ROLE).is_ok());
        assert!(is_own(&metadata, temp.path()));
    }

    #[test]
    fn what_others_may_write_is_refused_with_the_command_that_closes_it() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("my key");
        fs::write(&path, "").unwrap();
        for (mode, is_trusted) in [(0o600, true), (0o644, true), (0o620, false), (0o602, false), (0o1666, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let checked = check(&path, &path.metadata().unwrap(), user(), ROLE);
            assert_eq!(checked.is_ok(), is_trusted, "{mode:o}");
            if let Err(refused) = checked {
                assert_eq!(refused.remedy, format!("chmod go-w '{}'", path.display()));
            }
        }
    }

    #[test]
    fn a_hint_can_be_pasted_into_a_shell() {
        assert_eq!(quoted(Path::new("/etc/callq/config.toml")), "/etc/callq/config.toml");
        assert_eq!(quoted(Path::new("/my configs/it's")), r"'/my configs/it'\''s'");
    }
}
