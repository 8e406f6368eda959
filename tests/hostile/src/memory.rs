//! How much memory this process has, as the system counts it.
//!
//! Linux keeps the most that a process ever had, `VmHWM`, and forgets it when asked to; that is how the peak of a case
//! is found without looking at the right moment. On other systems nothing is known of memory.

use std::fs;

/// Whether this system says how much memory a process has. Where it does, a case that was not measured is not as it
/// should be.
pub const IS_MEASURED: bool = cfg!(target_os = "linux");

/// The resident memory of this process in bytes.
pub fn resident() -> Option<u64> {
    field("/proc/self/status", "VmRSS:")
}

/// The resident memory of another process in bytes.
pub fn resident_of(process: u32) -> Option<u64> {
    field(&format!("/proc/{process}/status"), "VmRSS:")
}

/// The most that it ever was since [`forget_peak`].
pub fn peak() -> Option<u64> {
    field("/proc/self/status", "VmHWM:")
}

/// Makes the peak what is resident now. Says whether that worked: a container may not allow it.
pub fn forget_peak() -> bool {
    fs::write("/proc/self/clear_refs", "5").is_ok()
}

fn field(path: &str, name: &str) -> Option<u64> {
    kibibytes(&fs::read_to_string(path).ok()?, name)
}

fn kibibytes(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let number: u64 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(number * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_table_is_read() {
        let status = "Name:\thookr\nVmHWM:\t    2048 kB\nVmRSS:\t  1024 kB\nThreads:\t1\n";
        assert_eq!((kibibytes(status, "VmRSS:"), kibibytes(status, "VmHWM:")), (Some(1 << 20), Some(2 << 20)));
        assert_eq!(kibibytes(status, "VmSwap:"), None);
        assert_eq!(kibibytes("VmRSS: many kB", "VmRSS:"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_peak_is_seen_after_it_is_over() {
        assert!(forget_peak());
        let before = peak().unwrap();
        let much = std::hint::black_box(vec![1_u8; 64 << 20]);
        drop(much);
        assert!(peak().unwrap() >= before + (60 << 20));
        assert!(resident().is_some() && resident_of(std::process::id()).is_some());
    }
}
