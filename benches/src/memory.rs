//! What a process has of the system's memory.

use std::fs;

use serde::Serialize;
use wasmtime::Result;
use wasmtime::error::Context as _;

/// At one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// Bytes of memory that the process has in use.
    pub resident: u64,
    /// Bytes of the tables by which the system finds that memory: they are not counted as resident.
    pub tables: u64,
    /// Bytes of addresses that the process has reserved.
    pub reserved: u64,
    /// How many ranges of addresses the system keeps apart, of which a process may have so many (`vm.max_map_count`).
    pub mappings: u64,
}

impl Memory {
    /// That of this process, now.
    ///
    /// # Errors
    ///
    /// The system has no `/proc`, as only Linux does.
    pub fn now() -> Result<Self> {
        let status =
            fs::read_to_string("/proc/self/status").context("what memory is in use is known on Linux alone")?;
        let mappings = fs::read_to_string("/proc/self/maps")?.lines().count() as u64;
        let [resident, tables, reserved] = ["VmRSS:", "VmPTE:", "VmSize:"].map(|name| kilobytes(&status, name));
        Ok(Memory { resident: resident?, tables: tables?, reserved: reserved?, mappings })
    }

    /// How much more there is than there was.
    #[must_use]
    pub fn since(self, before: Memory) -> Self {
        Memory {
            resident: self.resident.saturating_sub(before.resident),
            tables: self.tables.saturating_sub(before.tables),
            reserved: self.reserved.saturating_sub(before.reserved),
            mappings: self.mappings.saturating_sub(before.mappings),
        }
    }
}

/// How many mappings a process may have, where the system says so.
pub fn most_mappings() -> Option<u64> {
    fs::read_to_string("/proc/sys/vm/max_map_count").ok()?.trim().parse().ok()
}

/// The number of a line such as `VmRSS:  123 kB`, in bytes.
fn kilobytes(status: &str, name: &str) -> Result<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    Ok(number.with_context(|| format!("the system does not say its {name}"))? << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let status = "Name:\tbench\nVmSize:\t  2000 kB\nVmRSS:\t    12 kB\n";
        assert_eq!(kilobytes(status, "VmRSS:").unwrap(), 12 << 10);
        assert!(kilobytes(status, "VmPTE:").unwrap_err().to_string().contains("VmPTE"));
        assert!(kilobytes("VmRSS: 12 MB", "VmRSS:").is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_used_is_seen() {
        let before = Memory::now().unwrap();
        let bytes = std::hint::black_box(vec![1_u8; 64 << 20]);
        let more = Memory::now().unwrap().since(before);
        assert!(more.resident >= bytes.len() as u64 / 2, "{more:?}");
    }
}
