//! The macros. They stand at the root of the crate, where macros are exported, under names that say that nobody should look
//! for them there.

/// Logs a message of a [`Level`](crate::log::Level): `log!(level, "…")`, `log!(target: "…", level, "…")`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log {
    (target: $target:expr, $level:expr, $($message:tt)+) => {{
        let level: $crate::log::Level = $level;
        if $crate::log::is_enabled(level) {
            $crate::log::write(level, $target, ::core::format_args!($($message)+));
        }
    }};
    ($level:expr, $($message:tt)+) => {
        $crate::__log!(target: ::core::module_path!(), $level, $($message)+)
    };
}

/// Logs what has gone wrong: `error!("…")`, `error!(target: "…", "…")`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_error {
    (target: $target:expr, $($message:tt)+) => {
        $crate::__log!(target: $target, $crate::log::Level::Error, $($message)+)
    };
    ($($message:tt)+) => {
        $crate::__log!($crate::log::Level::Error, $($message)+)
    };
}

/// Logs what should not be as it is: `warn!("…")`, `warn!(target: "…", "…")`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_warn {
    (target: $target:expr, $($message:tt)+) => {
        $crate::__log!(target: $target, $crate::log::Level::Warn, $($message)+)
    };
    ($($message:tt)+) => {
        $crate::__log!($crate::log::Level::Warn, $($message)+)
    };
}

/// Logs what happens: `info!("…")`, `info!(target: "…", "…")`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_info {
    (target: $target:expr, $($message:tt)+) => {
        $crate::__log!(target: $target, $crate::log::Level::Info, $($message)+)
    };
    ($($message:tt)+) => {
        $crate::__log!($crate::log::Level::Info, $($message)+)
    };
}

/// Logs what helps somebody who works on the plugin: `debug!("…")`, `debug!(target: "…", "…")`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_debug {
    (target: $target:expr, $($message:tt)+) => {
        $crate::__log!(target: $target, $crate::log::Level::Debug, $($message)+)
    };
    ($($message:tt)+) => {
        $crate::__log!($crate::log::Level::Debug, $($message)+)
    };
}

/// Logs a step, for somebody who looks for an error: `trace!("…")`, `trace!(target: "…", "…")`.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_trace {
    (target: $target:expr, $($message:tt)+) => {
        $crate::__log!(target: $target, $crate::log::Level::Trace, $($message)+)
    };
    ($($message:tt)+) => {
        $crate::__log!($crate::log::Level::Trace, $($message)+)
    };
}
