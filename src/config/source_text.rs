//! Reads the text of the configuration, and only when nobody but its owner and root may write it: it can name a program
//! to run.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use super::error::{ConfigError, Location, Problem};
use crate::trusted_file::{Role, check, folder_of, user};

/// The most bytes of a configuration: a section for each of thousands of clients, and no endless device.
const LARGEST: u64 = 1 << 20;

const DANGER: &str = "who could name a program to run";

/// The text of the file, or `None` when there is none.
///
/// The rules hold for the file that was opened, for the folder in which it was looked up, and, when the path is a link,
/// for the folder of the file behind it.
///
/// # Errors
/// When the file cannot be read, is too large, is no UTF-8, or may be written by others.
pub(super) fn read(path: &Path) -> Result<Option<String>, ConfigError> {
    refuse_named_pipe(path)?;
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ConfigError::io(path, "open the configuration")(error)),
    };
    let metadata = file.metadata().map_err(ConfigError::io(path, "look at the configuration"))?;
    if metadata.is_dir() {
        return Err(ConfigError::io(path, "read the configuration")(io::ErrorKind::IsADirectory.into()));
    }
    check(path, &metadata, user(), Role { name: "the configuration", danger: DANGER })?;
    check_folder(folder_of(path))?;
    // A link of `/dev/fd` leads to a pipe, which stands in no folder.
    if let (true, Ok(target)) = (path.is_symlink(), path.canonicalize()) {
        check_folder(folder_of(&target))?;
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(ConfigError::io(path, "read the configuration"))?;
    if bytes.len() as u64 > LARGEST {
        let reason = "is larger than 1 MiB: that is not a configuration; name another file";
        return Err(ConfigError::NotAConfiguration { path: path.to_owned(), reason });
    }
    String::from_utf8(bytes).map(Some).map_err(|error| not_utf8(path, &error))
}

/// A pipe with a name would keep every command waiting for somebody who writes. One without, as `<(…)` makes it, has its
/// writer.
fn refuse_named_pipe(path: &Path) -> Result<(), ConfigError> {
    let is_pipe = fs::metadata(path).is_ok_and(|found| found.file_type().is_fifo());
    if is_pipe && path.canonicalize().is_ok() {
        let reason = "is a named pipe: name a file";
        return Err(ConfigError::NotAConfiguration { path: path.to_owned(), reason });
    }
    Ok(())
}

/// A text in another encoding is a fault of the configuration like any other.
fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> ConfigError {
    let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
    let before = String::from_utf8_lossy(valid);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |start| start.chars().count()) + 1;
    let message = "not UTF-8: save the file in that encoding".to_owned();
    ConfigError::Invalid(vec![Problem { spot: Location::File { path: path.to_owned(), line, column }, message }])
}

/// Refuses a folder in which others could put a configuration in place of the user's.
pub(super) fn check_folder(folder: &Path) -> Result<(), ConfigError> {
    let metadata = folder.metadata().map_err(ConfigError::io(folder, "look at the folder"))?;
    Ok(check(folder, &metadata, user(), Role { name: "this folder of the configuration", danger: DANGER })?)
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
        assert!(matches!(read(&link), Err(ConfigError::Untrusted(refused)) if refused.path.ends_with("open")));
    }

    #[test]
    fn an_absent_file_is_none_and_a_folder_is_an_error() {
        let temp = tempfile::tempdir().unwrap();
        assert!(read(&temp.path().join("config.toml")).unwrap().is_none());
        assert!(matches!(read(temp.path()), Err(ConfigError::Io { .. })));
        assert_eq!(read(Path::new("/dev/null")).unwrap().as_deref(), Some(""));
        assert!(matches!(read(Path::new("/dev/zero")), Err(ConfigError::NotAConfiguration { .. })));
    }
}
