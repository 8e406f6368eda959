use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll};

use hookr_abi::{CallbackContext, Error};

use super::bridge::turn;

/// Polls a callback on this thread, which is that of a call, until the time of the call is over.
pub(super) fn block_on<R>(
    context: &CallbackContext<'_>,
    future: impl Future<Output = Result<R, Error>>,
) -> Result<R, Error> {
    let (parker, unparker) = parking::pair();
    let waker = unparker.into();
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(answer) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return answer;
        }
        // Until it is worth to poll again.
        while !parker.park_timeout(turn(context)?) {}
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use hookr_abi::{CallControl, Code};

    use super::*;

    /// A call that has so much time.
    struct Until(Instant);

    impl CallControl for Until {
        fn remaining(&self) -> Option<Duration> {
            Some(self.0.saturating_duration_since(Instant::now()))
        }

        fn is_cancelled(&self) -> bool {
            false
        }

        fn host_memory(&self) -> usize {
            0
        }
    }

    #[test]
    fn a_future_that_is_woken_by_another_thread_is_polled_again() {
        let mut polls = 0;
        let future = std::future::poll_fn(|context| {
            polls += 1;
            let waker = context.waker().clone();
            std::thread::spawn(move || waker.wake());
            if polls < 10 { Poll::Pending } else { Poll::Ready(Ok(polls)) }
        });
        assert_eq!(block_on(&CallbackContext::new("p"), future).unwrap(), 10);
    }

    #[test]
    fn a_future_that_is_never_ready_ends_with_the_call() {
        let until = Until(Instant::now() + Duration::from_millis(30));
        let context = CallbackContext::in_call("p", &until);
        let error = block_on(&context, std::future::pending::<Result<(), Error>>()).unwrap_err();
        assert_eq!(error.code, Code::DeadlineExceeded);
        assert!(Instant::now() >= until.0);
    }
}
