/// Bounds on what is read, so that no schema can exhaust memory or stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The size of one file in bytes.
    pub file_bytes: u64,
    /// The size of all files together in bytes.
    pub total_bytes: u64,
    /// The number of files.
    pub files: usize,
    /// How deep brackets, calls and JSON values may be nested. flatc allows 64.
    pub nesting: u32,
}

impl Default for Limits {
    /// 64 MiB for a file, 256 MiB for all, 10,000 files, 64 levels.
    fn default() -> Self {
        Limits { file_bytes: 64 << 20, total_bytes: 256 << 20, files: 10_000, nesting: 64 }
    }
}
