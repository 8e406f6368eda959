//! Asks a plugin whether users may, and keeps the audit log that the plugin writes.
#![forbid(unsafe_code)]

use std::io::Write;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use authz::{Audit, CallbackContext, Callbacks, CheckAuthRequest, Error, PluginHandle, RecordRequest, RecordResponse};
use examples_shared::{Arguments, Failure, remark, run};
use hookr::Printable;

/// User, action, resource.
const QUESTIONS: [(&str, &str, &str); 6] = [
    ("alice", "write", "documents/roadmap"),
    ("bob", "write", "documents/roadmap"),
    ("bob", "read", "documents/salaries/2026"),
    ("bob", "write", "users/bob/avatar"),
    ("mallory", "read", "documents/roadmap"),
    ("carol", "delete", "settings/billing"),
];

/// The audit log: in memory, and with a last page, so that one can see what happens then.
#[derive(Default)]
struct Log {
    entries: Mutex<Vec<RecordRequest>>,
}

impl Log {
    const CAPACITY: usize = 6;

    fn entries(&self) -> Vec<RecordRequest> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Audit for Log {
    fn record(&self, _: &CallbackContext<'_>, request: RecordRequest) -> Result<RecordResponse, Error> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() == Self::CAPACITY {
            return Err(Error::unavailable("the log is full"));
        }
        entries.push(request);
        Ok(RecordResponse { sequence: entries.len() as u64 })
    }
}

fn main() -> ExitCode {
    run(authorize)
}

fn authorize(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let log = Arc::new(Log::default());
    // The plugin gets one handle to the log, the host keeps the other.
    let builder = PluginHandle::builder(Callbacks { audit: log.clone() });
    let builder = match &arguments.sha256 {
        Some(hash) => builder.sha256(hash),
        None => {
            remark("no --sha256 given: running the plugin whatever it is");
            builder.allow_unsigned()
        }
    };
    let plugin = builder.open(&arguments.plugin)?;

    let ask = |out: &mut dyn Write, (user, action, resource): (&str, &str, &str)| -> Result<bool, Failure> {
        let request = CheckAuthRequest { user_id: user.into(), resource: resource.into(), action: action.into() };
        // `?`: a question without an answer is not a yes.
        let answer = plugin.check_auth(&request)?;
        let verdict = if answer.allow { "allowed" } else { "denied " };
        writeln!(out, "  {verdict} {user} {action} {resource}: {}", Printable(&answer.reason))?;
        Ok(answer.allow)
    };
    writeln!(out, "decisions:")?;
    for question in QUESTIONS {
        ask(out, question)?;
    }

    writeln!(out, "\nthe log is full now, and what cannot be recorded is denied:")?;
    if ask(out, ("carol", "delete", "settings/billing"))? {
        return Err("the plugin allowed what was not recorded".into());
    }

    writeln!(out, "\naudit log:")?;
    for (entry, number) in log.entries().iter().zip(1..) {
        let verdict = if entry.allow { "+" } else { "-" };
        let (user, action, resource) =
            (Printable(&entry.user_id), Printable(&entry.action), Printable(&entry.resource));
        writeln!(out, "  {number} {verdict} {user} {action} {resource}: {}", Printable(&entry.reason))?;
    }
    Ok(())
}
