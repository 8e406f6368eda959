//! Honest plugins that have to be served whatever their neighbours do.

use std::path::Path;

use hookr_tests::hosts::{chain, chaos_builder};
use textfilter::{Empty, FilterRequest, PluginHandle};

use crate::component::{chaos, honest};

/// A real plugin that stays open all the time, and the bytes of a small one that is opened each time.
pub(crate) struct Healthy {
    filter: PluginHandle,
    small: Vec<u8>,
}

impl Healthy {
    /// Opens the plugin of the example that filters text.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let filter = PluginHandle::builder().allow_unsigned().open(path).map_err(|error| chain(&error))?;
        let healthy = Healthy { filter, small: chaos(&honest()) };
        healthy.check()?;
        Ok(healthy)
    }

    /// Calls the one by every way, and opens the other.
    pub(crate) fn check(&self) -> Result<(), String> {
        self.filter().map_err(|error| format!("the honest plugin failed: {}", chain(&error)))?;
        let opened = chaos_builder().open_bytes(self.small.clone());
        let opened = opened.map_err(|error| format!("an honest plugin cannot be opened: {}", chain(&error)))?;
        match opened.count(&chaos::Empty {}) {
            Ok(chaos::CountResponse { calls: 1 }) => Ok(()),
            other => Err(format!("a fresh honest plugin answers {other:?}")),
        }
    }

    fn filter(&self) -> Result<(), hookr::CallError> {
        let request = FilterRequest {
            input: "spam and eggs".into(),
            blocked_terms: vec!["spam".into()],
            replacement: "ham".into(),
            ..FilterRequest::default()
        };
        let typed = self.filter.filter(&request)?;
        let mut lane = self.filter.lane()?;
        let in_place = lane.filter_owned(&request)?;
        assert_eq!((typed.output.as_str(), in_place.output.as_str()), ("ham and eggs", "ham and eggs"));
        drop(lane);
        assert_eq!(self.filter.get_info(&Empty {})?.name, "textfilter");
        Ok(())
    }
}
