//! The lane: the fast way into a plugin.
//!
//! A typed call converts its request and its response, and goes through everything that the Component Model does for a
//! call. Over the lane, the host writes a FlatBuffer into the plugin's memory, calls one function with the number of the
//! method, and reads the response where it is. It is the same instance that typed calls run on, with the same state, and
//! the same errors.
//!
//! Generated handles have a method `lane`, which locks the plugin and gives a guard with the methods of the contract. Not
//! every plugin has a lane: those of other languages need not. `wit/SPEC.md` in the repository says what one consists of.
//!
//! # Memory
//!
//! Requests are built in a region of the plugin's memory. One that is too large for it is built in memory of the host and
//! copied once the plugin has made the region large enough, up to 16 MiB; that includes batches. A region of more than
//! 1 MiB shrinks again after 64 calls in a row that use less than a quarter of it. Apart from that, a call that borrows its
//! response takes no memory of the host.

mod arena;
mod callbacks;
mod capture;
mod direct;
mod engine;
mod guard;
mod live;
mod memory;
mod messages;
mod portable;
mod weight;

pub use weight::HEAVY;

pub use arena::Arena;
pub(crate) use callbacks::{Side, link};
pub use messages::RequestBuilder;

pub use callbacks::Refusal;
#[doc(hidden)]
pub use guard::Lane;
pub(crate) use live::LiveLane;

/// What the answer of a callback is built with; it is what requests are built with.
pub type AnswerBuilder<'b> = RequestBuilder<'b>;

/// Which way the lane takes, if there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LaneChoice {
    /// The direct one, and where that does not work the portable one.
    #[default]
    Auto,
    /// The one that calls the plugin's core function by itself.
    Direct,
    /// The one that uses nothing but the Component Model: slower, and the same in all else.
    Portable,
    /// None: the plugin is not asked for its lane.
    Off,
}

/// Which way the calls of a handle take, those with owned values.
///
/// Both ways reach the same methods of the same instance, with the same results and the same errors. They do not cost the
/// same: `docs/src/reference/benchmarks.md` in the repository has the figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallWay {
    /// The faster one: over the lane where that is [direct](LaneState::Direct), else through the Component Model.
    ///
    /// Much data in few values is faster through the Component Model. So a method whose vectors are all of numbers, and whose
    /// request and response were together more than 16 KiB, takes that way for its next 255 calls, and then it is seen again.
    #[default]
    Auto,
    /// Over the lane, if the plugin has one. A request that is too large for it goes the other way.
    Lane,
    /// Through the Component Model.
    Component,
}

impl CallWay {
    /// The way that is taken where a plugin's lane is like this.
    pub(crate) fn settle(self, lane: &LaneState) -> Self {
        match self {
            CallWay::Auto if *lane == LaneState::Direct => CallWay::Lane,
            CallWay::Lane if lane.is_open() => CallWay::Lane,
            _ => CallWay::Component,
        }
    }
}

impl std::fmt::Display for CallWay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            CallWay::Auto => "the faster way",
            CallWay::Lane => "the lane",
            CallWay::Component => "the component model",
        })
    }
}

/// What became of the lane of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LaneState {
    /// Calls go directly to the plugin's core function.
    Direct,
    /// Calls go through the Component Model.
    Portable,
    /// The plugin has no lane.
    Absent,
    /// The host does not want one: [`LaneChoice::Off`].
    Off,
    /// The plugin has a lane that does not work here, and why.
    Unusable(String),
}

impl LaneState {
    /// Whether there can be calls over the lane.
    pub fn is_open(&self) -> bool {
        matches!(self, LaneState::Direct | LaneState::Portable)
    }
}

impl std::fmt::Display for LaneState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LaneState::Direct => f.write_str("direct"),
            LaneState::Portable => f.write_str("portable"),
            LaneState::Absent => f.write_str("the plugin has none"),
            LaneState::Off => f.write_str("switched off"),
            LaneState::Unusable(reason) => write!(f, "unusable: {}", hookr_abi::Printable(reason)),
        }
    }
}
