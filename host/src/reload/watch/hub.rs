//! What watches all files of a process: one thread, and one watcher of the system.
//!
//! Three locks, which are taken in this order: of one file ([`WatchedFile::turn`]) while it is looked at; of the watcher, while
//! the system is asked to watch; of what is to be done, for moments only, since the watcher's own thread takes it to tell of
//! events, while whoever holds the second waits for that thread.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use notify::{Event, EventHandler};
use parking_lot::{Condvar, Mutex};

use super::PollReason;
use super::debounce::Verdict;
use super::error::WatchError;
use super::file::{Turn, WatchedFile};
use super::fingerprint::Fingerprint;
use super::folders::{Failure, Folders, Told, read};
use super::interest::{Id, Interest};
use super::remote::is_remote;
use super::route::{Route, Spot};
use super::workers::Workers;

/// So often a way is followed until it stays the same while the system is asked to watch it.
const TRIES: usize = 8;

/// When to try again what the system did not do.
const LATER: Duration = Duration::from_millis(100);

#[derive(Default)]
pub(super) struct Hub {
    folders: Mutex<Folders>,
    agenda: Mutex<Agenda>,
    /// There is something on the agenda.
    news: Condvar,
    workers: Arc<Workers>,
    this: Weak<Hub>,
}

/// What is to be done.
#[derive(Default)]
struct Agenda {
    last_id: Id,
    files: BTreeMap<Id, Scheduled>,
    /// When to look at which files.
    due: BTreeSet<(Instant, Id)>,
    /// Something has happened to these.
    told: BTreeSet<Id>,
    interest: Interest,
    /// Folders that may be elsewhere by now.
    lost: BTreeSet<PathBuf>,
    /// Files that are not watched any longer.
    removed: Vec<Arc<WatchedFile>>,
    has_thread: bool,
}

struct Scheduled {
    file: Arc<WatchedFile>,
    due: Option<Instant>,
}

impl Hub {
    pub(super) fn new() -> Arc<Self> {
        Arc::new_cyclic(|this| Hub { this: this.clone(), ..Hub::default() })
    }

    /// Watches a file from now on.
    pub(super) fn add(&self, file: &Arc<WatchedFile>) -> Result<(), WatchError> {
        // Held until the first look is over: the thread looks at the file after that only.
        let mut turn = file.turn.lock();
        {
            let mut agenda = self.agenda.lock();
            agenda.last_id += 1;
            turn.id = agenda.last_id;
            agenda.files.insert(turn.id, Scheduled { file: file.clone(), due: None });
            if let Err(source) = self.start(&mut agenda) {
                agenda.files.remove(&turn.id);
                return Err(WatchError::Thread { source });
            }
        }
        if !file.is_polled()
            && let Err(error) = self.follow(file, &mut turn)
        {
            if !file.may_poll() {
                drop(turn);
                self.remove(file);
                return Err(error);
            }
            self.fall_back(file, &mut turn, error);
        }
        let looks = Fingerprint::of(file.path());
        self.conclude(file, &mut turn, looks);
        Ok(())
    }

    /// Watches a file no longer.
    pub(super) fn remove(&self, file: &Arc<WatchedFile>) {
        file.job.end();
        let mut agenda = self.agenda.lock();
        // The thread does what takes longer, and looks at the file no more.
        agenda.removed.push(file.clone());
        drop(agenda);
        self.news.notify_one();
    }

    fn start(&self, agenda: &mut Agenda) -> std::io::Result<()> {
        if let (false, Some(hub)) = (agenda.has_thread, self.this.upgrade()) {
            std::thread::Builder::new().name("hookr-watch".to_owned()).spawn(move || hub.run())?;
            agenda.has_thread = true;
        }
        Ok(())
    }

    fn run(&self) {
        while let Some(work) = self.wait() {
            for file in &work.removed {
                let mut turn = file.turn.lock();
                turn.is_over = true;
                self.leave(&mut turn);
                self.agenda.lock().forget(turn.id);
            }
            let concerned = self.lose(&work.lost);
            for (file, is_told) in work.files {
                self.visit(&file, is_told);
            }
            for file in concerned {
                self.visit(&file, true);
            }
        }
        self.folders.lock().rest();
    }

    /// Waits for something to do: `None` if there will not be anything.
    fn wait(&self) -> Option<Work> {
        let mut agenda = self.agenda.lock();
        loop {
            let now = Instant::now();
            let work = agenda.take(now);
            if !work.is_empty() {
                return Some(work);
            }
            if agenda.files.is_empty() {
                agenda.has_thread = false;
                return None;
            }
            let mut next = agenda.due.first().map(|(due, _)| *due);
            if !self.workers.help() {
                next = Some(next.map_or(now + LATER, |next| next.min(now + LATER)));
            }
            match next {
                Some(next) => drop(self.news.wait_until(&mut agenda, next)),
                None => self.news.wait(&mut agenda),
            }
        }
    }

    /// Folders that may be elsewhere are not watched any longer: the files whose way leads over them.
    fn lose(&self, lost: &BTreeSet<PathBuf>) -> Vec<Arc<WatchedFile>> {
        if lost.is_empty() {
            return Vec::new();
        }
        // Both at once, so that nobody acquires one of them in between, and stays unknown here.
        let mut folders = self.folders.lock();
        folders.lose(lost);
        let agenda = self.agenda.lock();
        let mut ids = BTreeSet::new();
        for place in lost {
            agenda.interest.within(place, &mut ids);
        }
        ids.iter().filter_map(|id| agenda.files.get(id)).map(|found| found.file.clone()).collect()
    }

    /// It is time to look at a file, or something has happened on the way to it.
    fn visit(&self, file: &Arc<WatchedFile>, is_told: bool) {
        let mut turn = file.turn.lock();
        if turn.is_over {
            return;
        }
        turn.is_told |= is_told && !file.is_polled();
        if let Some(rest) = turn.rest(Instant::now()) {
            self.schedule(&turn, Some(rest));
            return;
        }
        let mut looks = Fingerprint::of(file.path());
        // Where there is no file, there may be a folder that is not watched yet.
        let is_other = turn.is_told || !looks.is_there() || !looks.is_like(turn.debounce.seen());
        if is_other && !file.is_polled() {
            if let Err(error) = self.follow(file, &mut turn) {
                // Nobody asks any more; it is better to look at it than to miss changes.
                self.fall_back(file, &mut turn, error);
            }
            looks = Fingerprint::of(file.path());
        }
        self.conclude(file, &mut turn, looks);
    }

    fn conclude(&self, file: &Arc<WatchedFile>, turn: &mut Turn, looks: Fingerprint) {
        let now = Instant::now();
        turn.last = Some(now);
        let verdict = turn.debounce.see(looks, now);
        let regular = file.interval().map(|interval| now + interval);
        let quiet = match verdict {
            Verdict::Wait(due) => Some(due),
            Verdict::Same | Verdict::Changed => None,
        };
        let again = turn.is_told.then(|| now + LATER);
        self.schedule(turn, [regular, quiet, again].into_iter().flatten().min());
        if verdict == Verdict::Changed {
            self.workers.call(&file.job);
        }
    }

    fn schedule(&self, turn: &Turn, due: Option<Instant>) {
        let mut agenda = self.agenda.lock();
        let is_sooner = due.is_some_and(|due| agenda.due.first().is_none_or(|(first, _)| due < *first));
        agenda.schedule(turn.id, due);
        drop(agenda);
        if is_sooner {
            self.news.notify_one();
        }
    }

    /// Has the system watch the way that leads to a file now.
    fn follow(&self, file: &Arc<WatchedFile>, turn: &mut Turn) -> Result<(), WatchError> {
        let mut route = Route::of(file.path());
        for _ in 0..TRIES {
            if file.may_poll() && route.spots.iter().any(|spot| is_remote(&spot.folder)) {
                self.poll(file, turn, PollReason::Remote);
                return Ok(());
            }
            let is_whole = self.enter(turn, &route)?;
            // What has changed before the system was asked to tell is seen now.
            let again = Route::of(file.path());
            if is_whole && again == route {
                turn.is_told = false;
                return Ok(());
            }
            route = again;
        }
        // It changes all the time, and is followed again soon.
        turn.is_told = true;
        Ok(())
    }

    /// Has the system watch these spots, and no others, for a file: `false` if some are gone already.
    fn enter(&self, turn: &mut Turn, route: &Route) -> Result<bool, WatchError> {
        let mut folders = self.folders.lock();
        let mut spots = Vec::new();
        let mut result = Ok(true);
        for Spot { folder, name } in &route.spots {
            match folders.acquire(folder, || Listener(self.this.clone())) {
                Ok(folder) => spots.push(Spot { folder, name: name.clone() }),
                Err(Failure::Gone) => result = Ok(false),
                Err(Failure::Error(error)) => {
                    result = Err(error);
                    break;
                }
            }
        }
        self.replace(&mut folders, turn, spots);
        let replaced = folders.take_replaced();
        if !replaced.is_empty() {
            let mut guard = self.agenda.lock();
            let agenda = &mut *guard;
            for place in &replaced {
                agenda.interest.within(place, &mut agenda.told);
            }
            drop(guard);
            self.news.notify_one();
        }
        result
    }

    fn fall_back(&self, file: &WatchedFile, turn: &mut Turn, error: WatchError) {
        self.poll(file, turn, PollReason::Failed(Arc::new(error)));
    }

    /// The system does not tell of a file any longer: it is looked at.
    fn poll(&self, file: &WatchedFile, turn: &mut Turn, reason: PollReason) {
        self.leave(turn);
        turn.is_told = false;
        file.poll(reason);
    }

    /// Has the system watch nothing for a file.
    fn leave(&self, turn: &mut Turn) {
        self.replace(&mut self.folders.lock(), turn, Vec::new());
    }

    fn replace(&self, folders: &mut Folders, turn: &mut Turn, spots: Vec<Spot>) {
        let before = std::mem::replace(&mut turn.spots, spots);
        let mut agenda = self.agenda.lock();
        for spot in &before {
            agenda.interest.remove(&spot.folder, &spot.name, turn.id);
        }
        for spot in &turn.spots {
            agenda.interest.add(&spot.folder, &spot.name, turn.id);
        }
        drop(agenda);
        for spot in &before {
            folders.release(&spot.folder);
        }
    }

    fn hear(&self, event: &notify::Result<Event>) {
        let mut guard = self.agenda.lock();
        let agenda = &mut *guard;
        let before = agenda.told.len() + agenda.lost.len();
        match read(event) {
            Told::Nothing => return,
            Told::Lost => {
                agenda.told.extend(agenda.files.keys());
                agenda.lost.extend(agenda.interest.folders().cloned());
            }
            Told::Happened { paths, is_gone } => {
                for path in paths {
                    agenda.interest.at(path, &mut agenda.told);
                    if is_gone {
                        // The watcher forgets a folder that it sees removed or renamed, and all that is below it.
                        agenda.lost.extend(agenda.interest.below(path).cloned());
                    }
                }
            }
        }
        let has_news = agenda.told.len() + agenda.lost.len() > before;
        drop(guard);
        if has_news {
            self.news.notify_one();
        }
    }

    /// How many folders are watched, and whether there is a thread.
    #[cfg(test)]
    pub(super) fn effort(&self) -> (usize, bool) {
        let folders = self.folders.lock().len();
        (folders, self.agenda.lock().has_thread)
    }

    /// When a file is looked at next, if nothing happens.
    #[cfg(test)]
    pub(super) fn next_look(&self) -> Option<Instant> {
        self.agenda.lock().due.first().map(|(due, _)| *due)
    }

    /// As if the system watched no more folders.
    #[cfg(test)]
    pub(super) fn refuse(&self, refuses: bool) {
        self.folders.lock().refuses = refuses;
    }

    /// As if the system had lost events.
    #[cfg(test)]
    pub(super) fn overflow(&self) {
        self.hear(&Ok(Event::new(notify::EventKind::Other).set_flag(notify::event::Flag::Rescan)));
    }
}

/// What the watcher tells, on its thread.
struct Listener(Weak<Hub>);

impl EventHandler for Listener {
    fn handle_event(&mut self, event: notify::Result<Event>) {
        if let Some(hub) = self.0.upgrade() {
            hub.hear(&event);
        }
    }
}

/// What is taken from the agenda at once.
struct Work {
    removed: Vec<Arc<WatchedFile>>,
    lost: BTreeSet<PathBuf>,
    /// Each with whether something has happened to it.
    files: Vec<(Arc<WatchedFile>, bool)>,
}

impl Work {
    fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.lost.is_empty() && self.files.is_empty()
    }
}

impl Agenda {
    fn take(&mut self, now: Instant) -> Work {
        let removed = std::mem::take(&mut self.removed);
        let told = std::mem::take(&mut self.told);
        let mut ids = told.clone();
        while let Some((due, id)) = self.due.first().copied()
            && due <= now
        {
            self.schedule(id, None);
            ids.insert(id);
        }
        let found = |id: Id| self.files.get(&id).map(|found| (found.file.clone(), told.contains(&id)));
        let files = ids.into_iter().filter_map(found).collect();
        Work { removed, lost: std::mem::take(&mut self.lost), files }
    }

    /// Looks at a file then, and not at the time that was said before.
    fn schedule(&mut self, id: Id, due: Option<Instant>) {
        let Some(file) = self.files.get_mut(&id) else { return };
        if let Some(before) = file.due.take() {
            self.due.remove(&(before, id));
        }
        file.due = due;
        if let Some(due) = due {
            self.due.insert((due, id));
        }
    }

    fn forget(&mut self, id: Id) {
        self.schedule(id, None);
        self.files.remove(&id);
        self.told.remove(&id);
    }
}
