//! File systems that other machines or other programs write to, unseen by this system.

use std::path::Path;

/// Whether this system may not tell what happens in a folder.
#[cfg(target_os = "linux")]
pub(super) fn is_remote(folder: &Path) -> bool {
    // The type has another width and sign on each platform; the numbers have 32 bits.
    let Ok(found) = rustix::fs::statfs(folder) else { return false };
    REMOTE.contains(&(found.f_type as u32))
}

/// Elsewhere, nothing is known of it. The slow look that comes in addition finds what was not told.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_remote(_folder: &Path) -> bool {
    false
}

/// The numbers by which Linux knows them (`statfs(2)`).
#[cfg(target_os = "linux")]
const REMOTE: [u32; 19] = [
    0x6969,      // NFS
    0x517B,      // SMB
    0xFF53_4D42, // CIFS
    0xFE53_4D42, // SMB 2
    0x0102_1997, // 9P, which is also what WSL shows of Windows
    0x6573_5546, // FUSE, and virtiofs
    0x5346_414F, // AFS
    0x6B41_4653, // AFS of the kernel
    0x00C3_6400, // Ceph
    0x7375_7245, // Coda
    0x564C,      // NCP
    0x0BD0_0BD0, // Lustre
    0x4750_4653, // GPFS
    0x0116_1970, // GFS 2
    0x7461_636F, // OCFS 2
    0x6163_6673, // ACFS
    0x786F_4256, // folders that VirtualBox shares
    0xBACB_ACBC, // folders that VMware shares
    0x7C7C_6673, // folders that Parallels shares
];

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_makes_up_is_local() {
        assert!(!is_remote(Path::new("/proc")));
        assert!(!is_remote(Path::new("/no such folder")));
    }
}
