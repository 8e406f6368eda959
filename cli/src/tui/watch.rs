//! Whether a file has become another one: asked now and then, which works on every file system.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// A file that is being written changes again within this time.
const CALM: Duration = Duration::from_millis(250);

/// A file that somebody else may replace.
#[derive(Debug)]
pub(super) struct Watch {
    path: PathBuf,
    /// What is known of the file that was read last.
    known: Option<Print>,
    /// Another one, and since when.
    found: Option<(Print, Instant)>,
    /// Since when there is none, and whether that was told.
    gone: Option<(Instant, bool)>,
}

/// What has become of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// It is another one, which nobody writes any more.
    Changed,
    /// There is none, and has been none for longer than it takes to replace one.
    Gone,
    /// It is there again, and the same.
    Back,
}

/// What tells one file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Print {
    len: u64,
    modified: Option<SystemTime>,
    file: u64,
}

impl Watch {
    /// Begins to watch: what is there now is known, so that this comes before the file is read.
    pub(super) fn new(path: &Path) -> Self {
        Watch { path: path.to_owned(), known: print(path), found: None, gone: None }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What has become of it since the last time; each thing is told once.
    pub(super) fn news(&mut self, now: Instant) -> Option<News> {
        let Some(print) = print(&self.path) else {
            // Between two versions perhaps.
            self.found = None;
            let (since, is_told) = self.gone.get_or_insert((now, false));
            let is_news = !*is_told && now.saturating_duration_since(*since) >= CALM;
            *is_told |= is_news;
            return is_news.then_some(News::Gone);
        };
        let was_gone = self.gone.take().is_some_and(|(_, is_told)| is_told);
        if Some(print) == self.known {
            self.found = None;
            return was_gone.then_some(News::Back);
        }
        match self.found {
            Some((found, since)) if found == print => {
                let is_calm = now.saturating_duration_since(since) >= CALM;
                if is_calm {
                    (self.known, self.found) = (Some(print), None);
                }
                is_calm.then_some(News::Changed)
            }
            _ => {
                self.found = Some((print, now));
                None
            }
        }
    }
}

fn print(path: &Path) -> Option<Print> {
    let found = std::fs::metadata(path).ok()?;
    Some(Print { len: found.len(), modified: found.modified().ok(), file: number(&found) })
}

#[cfg(unix)]
fn number(found: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(found)
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_once_and_when_it_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "1").unwrap();
        let mut watch = Watch::new(&path);
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        assert_eq!(watch.news(at(0)), None);
        std::fs::write(&path, "22").unwrap();
        assert_eq!(watch.news(at(100)), None);
        std::fs::write(&path, "333").unwrap();
        assert_eq!(watch.news(at(300)), None, "it has changed again");
        assert_eq!(watch.news(at(400)), None);
        assert_eq!(watch.news(at(600)), Some(News::Changed));
        assert_eq!(watch.news(at(2000)), None);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(watch.news(at(3000)), None);
        std::fs::write(&path, "4444").unwrap();
        assert_eq!(watch.news(at(4000)), None);
        assert_eq!(watch.news(at(5000)), Some(News::Changed));
    }

    #[test]
    fn a_file_that_is_gone_is_told_of_once_and_so_is_its_return() {
        let folder = tempfile::tempdir().unwrap();
        let (path, elsewhere) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&path, "1").unwrap();
        let mut watch = Watch::new(&path);
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        std::fs::rename(&path, &elsewhere).unwrap();
        assert_eq!([0, 100].map(|millis| watch.news(at(millis))), [None, None], "it may be replaced");
        assert_eq!([300, 400].map(|millis| watch.news(at(millis))), [Some(News::Gone), None]);
        std::fs::rename(&elsewhere, &path).unwrap();
        assert_eq!([500, 600].map(|millis| watch.news(at(millis))), [Some(News::Back), None]);
    }
}
