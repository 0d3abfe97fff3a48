//! Opens the configuration file only when nobody but its owner and root may write it: it can name a program to run.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

use super::error::{ConfigError, Problem, Spot};
use super::locations::folder_of;

/// Writing by the group and by everybody.
const OTHERS_WRITE: u32 = 0o022;
/// In such a folder people remove and rename only what is theirs.
const STICKY: u32 = 0o1000;

/// The text of the file, or `None` when there is none.
///
/// The rules hold for the file that was opened, for the folder in which it was looked up, and, when the path is a link,
/// for the folder of the file behind it.
///
/// # Errors
/// When the file cannot be read, is no UTF-8, or may be written by others.
pub(super) fn read(path: &Path) -> Result<Option<String>, ConfigError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ConfigError::io(path, "open the configuration")(error)),
    };
    let metadata = file.metadata().map_err(ConfigError::io(path, "look at the configuration"))?;
    if metadata.is_dir() {
        return Err(ConfigError::io(path, "read the configuration")(io::ErrorKind::IsADirectory.into()));
    }
    let user = rustix::process::geteuid().as_raw();
    check(path, &metadata, user)?;
    check_folder(folder_of(path))?;
    // A link of `/dev/fd` leads to a pipe, which stands in no folder.
    if let (true, Ok(target)) = (path.is_symlink(), path.canonicalize()) {
        check_folder(folder_of(&target))?;
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(ConfigError::io(path, "read the configuration"))?;
    String::from_utf8(bytes).map(Some).map_err(|error| not_utf8(path, &error))
}

/// A text in another encoding is a fault of the configuration like any other.
fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> ConfigError {
    let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
    let before = String::from_utf8_lossy(valid);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |start| start.chars().count()) + 1;
    let message = "not UTF-8: save the file in that encoding".to_owned();
    ConfigError::Invalid(vec![Problem { spot: Spot::File { path: path.to_owned(), line, column }, message }])
}

/// Refuses a folder in which others could put a configuration in place of the user's.
pub(super) fn check_folder(folder: &Path) -> Result<(), ConfigError> {
    let user = rustix::process::geteuid().as_raw();
    let metadata = folder.metadata().map_err(ConfigError::io(folder, "look at the folder"))?;
    check(folder, &metadata, user)
}

/// Refuses what others may write or what another user owns.
///
/// A folder such as `/tmp` passes: what is the user's own cannot be replaced there, and what another user puts there is
/// refused for its owner.
fn check(path: &Path, metadata: &Metadata, user: u32) -> Result<(), ConfigError> {
    let refuse = |reason: String, remedy: String| Err(ConfigError::Unsafe { path: path.to_owned(), reason, remedy });
    let what = if metadata.is_dir() { "this folder of the configuration" } else { "the configuration" };
    let owner = metadata.uid();
    if owner != user && owner != 0 {
        let reason = format!("{what} belongs to user {owner}, not to you (user {user}) or root, who could change it");
        return refuse(reason, format!("chown {user} {}", quoted(path)));
    }
    let mode = metadata.mode();
    // What is written to `/dev/null` is not what is read from it.
    let is_harmless = metadata.is_dir() && mode & STICKY != 0 || metadata.file_type().is_char_device();
    if mode & OTHERS_WRITE != 0 && !is_harmless {
        let reason =
            format!("{what} may be written by others (mode {:04o}), who could name a program to run", mode & 0o7777);
        return refuse(reason, format!("chmod go-w {}", quoted(path)));
    }
    Ok(())
}

/// A path as a shell reads it.
fn quoted(path: &Path) -> String {
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
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// The answer for a file and a folder of these modes.
    fn with_modes(file: u32, folder: u32) -> Result<Option<String>, String> {
        let temp = tempfile::tempdir().unwrap();
        let inner = temp.path().join("callq");
        fs::create_dir(&inner).unwrap();
        let path = inner.join("config.toml");
        fs::write(&path, "x = 1\n").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(file)).unwrap();
        fs::set_permissions(&inner, Permissions::from_mode(folder)).unwrap();
        read(&path).map_err(|error| error.to_string().replace(&inner.display().to_string(), "DIR"))
    }

    #[test]
    fn a_file_or_folder_that_others_may_write_is_refused_with_the_command_that_closes_it() {
        for (file, folder) in [(0o600, 0o700), (0o644, 0o755), (0o400, 0o500), (0o600, 0o1777)] {
            assert_eq!(with_modes(file, folder), Ok(Some("x = 1\n".into())), "{file:o} {folder:o}");
        }
        for (file, folder, remedy) in [
            (0o620, 0o700, "`chmod go-w DIR/config.toml`"),
            (0o602, 0o700, "`chmod go-w DIR/config.toml`"),
            (0o1666, 0o700, "`chmod go-w DIR/config.toml`"),
            (0o600, 0o770, "`chmod go-w DIR`"),
            (0o600, 0o702, "`chmod go-w DIR`"),
        ] {
            let message = with_modes(file, folder).unwrap_err();
            assert!(message.ends_with(remedy), "{file:o} {folder:o}: {message}");
        }
    }

    #[test]
    fn a_link_is_as_safe_as_the_folder_of_its_target() {
        let temp = tempfile::tempdir().unwrap();
        let (safe, open) = (temp.path().join("safe"), temp.path().join("open"));
        fs::create_dir(&safe).unwrap();
        fs::create_dir(&open).unwrap();
        fs::write(open.join("real.toml"), "").unwrap();
        let link = safe.join("config.toml");
        std::os::unix::fs::symlink(open.join("real.toml"), &link).unwrap();
        assert!(read(&link).is_ok());
        fs::set_permissions(&open, Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(read(&link), Err(ConfigError::Unsafe { path, .. }) if path.ends_with("open")));
    }

    #[test]
    fn another_users_file_is_refused() {
        let temp = tempfile::tempdir().unwrap();
        let metadata = temp.path().metadata().unwrap();
        let stranger = metadata.uid() + 1;
        if metadata.uid() == 0 {
            assert!(check(temp.path(), &metadata, stranger).is_ok(), "root may write everything anyway");
        } else {
            assert!(check(temp.path(), &metadata, stranger).is_err());
        }
    }

    #[test]
    fn an_absent_file_is_none_and_a_folder_is_an_error() {
        let temp = tempfile::tempdir().unwrap();
        assert!(read(&temp.path().join("config.toml")).unwrap().is_none());
        assert!(matches!(read(temp.path()), Err(ConfigError::Io { .. })));
        assert_eq!(read(Path::new("/dev/null")).unwrap().as_deref(), Some(""));
    }

    #[test]
    fn a_hint_can_be_pasted_into_a_shell() {
        assert_eq!(quoted(Path::new("/etc/callq/config.toml")), "/etc/callq/config.toml");
        assert_eq!(quoted(Path::new("/my configs/it's")), r"'/my configs/it'\''s'");
    }
}
