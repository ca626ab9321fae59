//! How the sandbox misbehaves, and for how many requests.

use std::collections::VecDeque;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::header::HeaderValue;
use serde::Deserialize;

/// One way to misbehave. It meets only requests that would have been accepted;
/// a wrong request is refused as always and uses nothing up.
///
/// Written as JSON, `{"status": 429, "retry_after": "30", "times": 2}`, or on a
/// command line, `status=429,retry_after=30,times=2`:
///
/// | word | meaning |
/// |---|---|
/// | `status` | answer with this, 200 to 599, and no message goes out |
/// | `retry_after` | the header `Retry-After` of that answer, seconds or a date |
/// | `delivers` | with `status`: the message goes out all the same |
/// | `reset` | the message goes out, then the connection is reset without an answer |
/// | `delay_ms` | the request is recorded at once and met only then; alone: accepted, slowly |
/// | `times` | how many requests it meets; until further notice if left out |
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct InjectedFault {
    pub(super) effect: Effect,
    pub(super) delay: Duration,
    times: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    Accept,
    Answer { status: u16, retry_after: Option<HeaderValue>, delivers: bool },
    Reset,
}

impl Effect {
    /// Whether the person gets the message.
    pub(super) fn delivers(&self) -> bool {
        match self {
            Self::Accept | Self::Reset => true,
            Self::Answer { delivers, .. } => *delivers,
        }
    }
}

/// Why a fault cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    #[error("`{0}` is not a fault ({1}); it looks like `status=503,times=2` or `reset=true`")]
    Unreadable(String, String),
    #[error("a fault needs one of `status`, `reset` and `delay_ms`")]
    Nothing,
    #[error("`status` and `reset` exclude each other: after a reset there is no answer")]
    Both,
    #[error("`status` is {0}, and must be 200 to 599")]
    Status(u16),
    #[error("`{0}` says something only together with `status`")]
    NeedsStatus(&'static str),
    #[error("`retry_after` cannot be a header")]
    RetryAfter,
    #[error("`times` is 0: leave the fault out")]
    Never,
}

/// A fault as it is written, before it is known to make sense.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    status: Option<u16>,
    retry_after: Option<String>,
    #[serde(default)]
    delivers: bool,
    #[serde(default)]
    reset: bool,
    #[serde(default)]
    delay_ms: u64,
    times: Option<u32>,
}

impl TryFrom<Written> for InjectedFault {
    type Error = FaultError;
    fn try_from(written: Written) -> Result<Self, FaultError> {
        let retry_after = match &written.retry_after {
            Some(text) => Some(HeaderValue::from_str(text).map_err(|_| FaultError::RetryAfter)?),
            None => None,
        };
        let effect = match (written.status, written.reset) {
            (Some(_), true) => return Err(FaultError::Both),
            (Some(status), false) if !(200..=599).contains(&status) => {
                return Err(FaultError::Status(status));
            }
            (Some(status), false) => Effect::Answer { status, retry_after, delivers: written.delivers },
            (None, _) if retry_after.is_some() => return Err(FaultError::NeedsStatus("retry_after")),
            (None, _) if written.delivers => return Err(FaultError::NeedsStatus("delivers")),
            (None, true) => Effect::Reset,
            (None, false) if written.delay_ms == 0 => return Err(FaultError::Nothing),
            (None, false) => Effect::Accept,
        };
        if written.times == Some(0) {
            return Err(FaultError::Never);
        }
        Ok(Self { effect, delay: Duration::from_millis(written.delay_ms), times: written.times })
    }
}

impl FromStr for InjectedFault {
    type Err = FaultError;
    fn from_str(text: &str) -> Result<Self, FaultError> {
        serde_urlencoded::from_str::<Written>(&text.replace(',', "&"))
            .map_err(|error| FaultError::Unreadable(text.to_owned(), error.to_string()))?
            .try_into()
    }
}

/// The faults to come. The first is used up before the second begins, so one
/// without `times` hides what is behind it.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<VecDeque<InjectedFault>>);

impl Faults {
    /// These and no others from now on.
    pub(super) fn set(&self, faults: Vec<InjectedFault>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = faults.into();
    }

    /// What the next good request meets.
    pub(super) fn next(&self) -> (Effect, Duration) {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(first) = faults.front_mut() else { return (Effect::Accept, Duration::ZERO) };
        let met = (first.effect.clone(), first.delay);
        if let Some(times) = &mut first.times {
            *times -= 1;
            if *times == 0 {
                faults.pop_front();
            }
        }
        met
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_mean_the_same() {
        let json = r#"{"status": 429, "retry_after": "30", "delay_ms": 5, "times": 2}"#;
        let written: InjectedFault = "status=429,retry_after=30,delay_ms=5,times=2".parse().unwrap();
        assert_eq!(serde_json::from_str::<InjectedFault>(json).unwrap(), written);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_the_reason() {
        use FaultError::*;
        for (text, error) in [
            ("", Nothing),
            ("times=2", Nothing),
            ("status=503,reset=true", Both),
            ("status=100", Status(100)),
            ("status=600", Status(600)),
            ("reset=true,retry_after=3", NeedsStatus("retry_after")),
            ("delay_ms=3,delivers=true", NeedsStatus("delivers")),
            ("status=429,retry_after=%0a", RetryAfter),
            ("status=503,times=0", Never),
        ] {
            assert_eq!(text.parse::<InjectedFault>(), Err(error), "{text}");
        }
        for text in ["503", "statsu=503", "status=abc", "status=503,status=504"] {
            let error = text.parse::<InjectedFault>().unwrap_err().to_string();
            assert!(error.contains("it looks like `status=503,times=2`"), "{error}");
        }
    }

    #[test]
    fn faults_come_in_turn_and_end() {
        let faults = Faults::default();
        let fault = |text: &str| text.parse::<InjectedFault>().unwrap();
        faults.set(vec![fault("reset=true,times=1"), fault("delay_ms=7,times=2")]);
        let met: Vec<_> = (0..4).map(|_| faults.next()).collect();
        let slow = (Effect::Accept, Duration::from_millis(7));
        assert_eq!(
            met,
            [(Effect::Reset, Duration::ZERO), slow.clone(), slow, (Effect::Accept, Duration::ZERO)]
        );
        faults.set(vec![fault("reset=true"), fault("delay_ms=7")]);
        assert!((0..9).all(|_| faults.next().0 == Effect::Reset));
        faults.set(Vec::new());
        assert_eq!(faults.next().0, Effect::Accept);
    }
}
