//! The file that was opened: nothing may be called on the word of a database that has been removed or replaced since.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf, absolute};

use crate::store::error::{StoreError, StoreResult};

/// A path and the file that it named when it was opened.
#[derive(Debug)]
pub(crate) struct OpenedFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl OpenedFile {
    /// Looks at the file before it is opened: one that is put in its place at the same moment is found out later.
    pub(crate) fn at(path: &Path) -> StoreResult<OpenedFile> {
        let io = |source| StoreError::Io { action: "look at", path: path.to_owned(), source };
        let metadata = fs::symlink_metadata(path).map_err(io)?;
        // Absolute, so that it is the same file whatever the folder of the process.
        let path = absolute(path).map_err(io)?;
        Ok(OpenedFile { path, device: metadata.dev(), inode: metadata.ino() })
    }

    /// Whether the path still names the same file.
    pub(crate) fn check(&self) -> StoreResult<()> {
        let is_same = |metadata: &Metadata| (metadata.dev(), metadata.ino()) == (self.device, self.inode);
        match fs::symlink_metadata(&self.path) {
            Ok(metadata) if is_same(&metadata) => Ok(()),
            _ => Err(StoreError::Gone(self.path.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Access, Store};

    #[test]
    fn a_file_that_was_removed_replaced_or_put_back_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let (path, aside) = (folder.path().join("queue.db"), folder.path().join("aside.db"));
        let store = Store::open(&path, Access::Create).unwrap();
        let gone = || matches!(store.check_file(), Err(StoreError::Gone(named)) if named == path);
        assert!(!gone());
        fs::rename(&path, &aside).unwrap();
        assert!(gone());
        fs::copy(&aside, &path).unwrap();
        assert!(gone());
        fs::rename(&aside, &path).unwrap();
        assert!(!gone());
        assert!(Store::temporary().unwrap().check_file().is_ok());
    }
}
