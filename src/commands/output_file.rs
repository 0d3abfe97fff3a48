//! A file that is written for a person: an old one stays until the new one is whole.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IntoInnerError, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use crate::trusted_file::{create_new, folder_of};

/// The folder and the number of a descriptor that is open already, to which a path such as `/dev/stdout` or `/dev/fd/3`
/// leads. There a regular file is written as it is: it is the caller's.
pub(super) fn descriptor(path: &Path) -> Option<(PathBuf, u32)> {
    /// As many links as Linux follows.
    const MOST_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let folder = folder_of(&path).canonicalize().ok()?;
        let name = path.file_name()?;
        if folder.starts_with("/proc") && folder.ends_with("fd") {
            let number = name.to_str()?.parse().ok()?;
            return Some((folder, number));
        }
        path = folder.join(fs::read_link(folder.join(name)).ok()?);
    }
    None
}

/// A file that is being written. Dropped, it leaves the old one as it was.
#[derive(Debug)]
pub(super) struct OutputFile {
    out: BufWriter<File>,
    /// None for what is written straight.
    unfinished: Option<Unfinished>,
}

impl OutputFile {
    /// Opens what is written straight. Our own streams go on where they are; all else takes what comes at its end.
    pub(super) fn straight(path: &Path) -> io::Result<OutputFile> {
        let is_ours = |folder: &Path| fs::canonicalize("/proc/self/fd").is_ok_and(|ours| ours == folder);
        let file = match descriptor(path) {
            Some((folder, 1)) if is_ours(&folder) => io::stdout().as_fd().try_clone_to_owned()?.into(),
            Some((folder, 2)) if is_ours(&folder) => io::stderr().as_fd().try_clone_to_owned()?.into(),
            _ => OpenOptions::new().append(true).open(path)?,
        };
        Ok(OutputFile { out: BufWriter::new(file), unfinished: None })
    }

    /// Makes a hidden file beside the target, so that a rename puts it in place.
    pub(super) fn beside(target: &Path) -> io::Result<OutputFile> {
        /// More are not left by killed processes of one number.
        const MOST_TRIES: u32 = 100;
        let id = std::process::id();
        for number in 0..MOST_TRIES {
            let temporary = folder_of(target).join(format!(".callq-{id}-{number}.new"));
            match create_new(&temporary) {
                Ok(file) => {
                    let unfinished = Unfinished { temporary, target: target.to_owned() };
                    return Ok(OutputFile { out: BufWriter::new(file), unfinished: Some(unfinished) });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// The hidden file that gets its name at the end; none for what is written straight.
    pub(super) fn unfinished_path(&self) -> Option<&Path> {
        self.unfinished.as_ref().map(|unfinished| unfinished.temporary.as_path())
    }

    /// Puts all that was written on disk, still under its temporary name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn finish(self) -> io::Result<Finished> {
        let file = self.out.into_inner().map_err(IntoInnerError::into_error)?;
        if self.unfinished.is_some() {
            file.sync_all()?;
        }
        Ok(Finished(self.unfinished))
    }
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A file that is whole and waits for its name. Dropped, it leaves the old one as it was.
#[derive(Debug)]
pub(super) struct Finished(Option<Unfinished>);

impl Finished {
    /// Gives the file its name, in place of an old one.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub(super) fn put_in_place(self) -> io::Result<()> {
        let Some(unfinished) = self.0 else { return Ok(()) };
        fs::rename(&unfinished.temporary, &unfinished.target)?;
        File::open(folder_of(&unfinished.target))?.sync_all()
    }
}

#[derive(Debug)]
struct Unfinished {
    temporary: PathBuf,
    target: PathBuf,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After the rename the temporary file is gone.
        let _ = fs::remove_file(&self.temporary);
    }
}
