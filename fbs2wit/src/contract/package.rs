/// The name of a WIT package; it has no version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Before the colon.
    pub namespace: String,
    /// Behind the colon.
    pub name: String,
}

impl std::fmt::Display for Package {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.namespace, self.name)
    }
}
