use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// A point in time, as trust stores and messages write it.
///
/// As a text it is a date, `2027-01-01`, which is its first moment in UTC, or a date with a time and its distance from UTC,
/// `2027-01-01T12:00:00Z` or `2027-01-01T12:00:00+02:00`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(SystemTime);

impl Moment {
    /// By the clock of the system.
    pub fn now() -> Self {
        Moment(SystemTime::now())
    }

    /// A time as sshd(8) has it in `expiry-time`: `YYYYMMDD[HHMM[SS]]` in the time zone of the system, or in UTC with a `Z`
    /// behind it.
    pub(super) fn from_openssh(text: &str) -> Option<Self> {
        let (digits, zone) = match text.strip_suffix('Z') {
            Some(digits) => (digits, TimeZone::UTC),
            None => (text, TimeZone::system()),
        };
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let time = match digits.len() {
            8 => Date::strptime("%Y%m%d", digits).ok()?.at(0, 0, 0, 0),
            12 => DateTime::strptime("%Y%m%d%H%M%S", format!("{digits}00")).ok()?,
            14 => DateTime::strptime("%Y%m%d%H%M%S", digits).ok()?,
            _ => return None,
        };
        Some(Moment(time.to_zoned(zone).ok()?.timestamp().into()))
    }
}

impl From<SystemTime> for Moment {
    fn from(time: SystemTime) -> Self {
        Moment(time)
    }
}

impl From<Moment> for SystemTime {
    fn from(moment: Moment) -> Self {
        moment.0
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::try_from(self.0) {
            Ok(timestamp) => write!(f, "{timestamp:.0}"),
            Err(_) => f.write_str("a time far away"),
        }
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Moment({self})")
    }
}

/// A text is no point in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no date like 2027-01-01, and no time like 2027-01-01T12:00:00Z")]
pub struct ParseMomentError {
    /// The text.
    pub text: String,
}

impl FromStr for Moment {
    type Err = ParseMomentError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_date = text.len() == 10;
        let timestamp = if is_date {
            let date = text.parse::<Date>().and_then(|date| date.to_zoned(TimeZone::UTC));
            date.map(|zoned| zoned.timestamp())
        } else {
            text.parse::<Timestamp>()
        };
        timestamp.map(|timestamp| Moment(timestamp.into())).map_err(|_| ParseMomentError { text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_are_read_and_shown_in_utc() {
        for (text, shown) in [
            ("2027-01-01", "2027-01-01T00:00:00Z"),
            ("2027-01-01T12:00:00Z", "2027-01-01T12:00:00Z"),
            ("2027-01-01 12:00:00+02:00", "2027-01-01T10:00:00Z"),
        ] {
            assert_eq!(text.parse::<Moment>().unwrap().to_string(), shown);
        }
        for text in ["", "2027", "2027-13-01", "2027-01-01T12:00:00", "tomorrow", "2027-02-30"] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }

    #[test]
    fn times_of_openssh() {
        for (text, shown) in [
            ("20270101Z", "2027-01-01T00:00:00Z"),
            ("202701011330Z", "2027-01-01T13:30:00Z"),
            ("20270101133059Z", "2027-01-01T13:30:59Z"),
        ] {
            assert_eq!(Moment::from_openssh(text).unwrap().to_string(), shown);
        }
        for text in ["", "Z", "2027-01-01", "2027", "20271301Z", "2027010125Z", "202701012500Z", "20270101zZ"] {
            assert!(Moment::from_openssh(text).is_none(), "{text}");
        }
        // In the time zone of the system, whichever that is.
        let local = Moment::from_openssh("20270101").unwrap().0;
        let utc = Moment::from_openssh("20270101Z").unwrap().0;
        let apart = local.duration_since(utc).unwrap_or_else(|error| error.duration());
        assert!(apart.as_secs() <= 26 * 3600, "{apart:?}");
    }
}
