//! Calls that are futures, of plugins with several instances.

use hookr::Instances;

use super::*;

/// A plugin whose oracle counts who is with it, and lets two go when both are there.
fn both_at_once(instances: Instances) -> (PluginHandle, Arc<AtomicU32>) {
    let (inside, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let seen = most.clone();
    let plugin = open(
        builder(move |_, _| {
            let (inside, most) = (inside.clone(), most.clone());
            async move {
                most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                while most.load(Ordering::SeqCst) < 2 {
                    tokio::task::yield_now().await;
                }
                inside.fetch_sub(1, Ordering::SeqCst);
                Ok(AskResponse::default())
            }
        })
        .instances(instances)
        .limits(within(None)),
    );
    (plugin, seen)
}

#[test]
fn as_many_calls_run_as_there_are_instances() {
    for instances in [Instances::pool(2), Instances::fresh(2)] {
        let (plugin, most) = both_at_once(instances);
        run(async {
            let calls: Vec<_> = (0..20).map(|_| tokio::spawn(plugin.ask_async(ask(1)))).collect();
            for call in calls {
                call.await.unwrap().unwrap();
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), 2);
        assert_eq!((plugin.health().calls, plugin.health().lost), (20, 0));
    }
}

#[test]
fn a_closure_has_an_instance_to_itself_and_each_of_its_calls_a_fresh_one_if_they_are_fresh() {
    let plugin = open(chaos_builder().instances(Instances::pool(4)));
    let closures = run(async {
        let closures: Vec<_> = (0..8)
            .map(|_| {
                plugin.call_async(|plugin| {
                    let first = plugin.count(&Empty {})?.calls;
                    let rest = (1..100).map(|_| plugin.count(&Empty {}).map(|response| response.calls));
                    Ok((first, rest.collect::<Result<Vec<_>, _>>()?))
                })
            })
            .map(tokio::spawn)
            .collect();
        let mut counts = Vec::new();
        for closure in closures {
            counts.push(closure.await.unwrap().unwrap());
        }
        counts
    });
    for (first, rest) in closures {
        assert_eq!(rest, Vec::from_iter(first + 1..first + 100), "nobody has come between");
    }
    let plugin = open(chaos_builder().instances(Instances::fresh(1)));
    let counts = run(plugin.call_async(|plugin| Ok([count(plugin), count(plugin)]))).unwrap();
    assert_eq!(counts, [1, 1]);
}

#[test]
fn a_queue_that_is_full_and_a_wait_that_is_over_are_told() {
    let (asked, dropped) = (Arc::new(Notify::new()), Dropped::default());
    let instances = Instances::one().queue(1).wait(SHORT);
    let plugin = open(silent(&asked, &dropped).instances(instances).limits(within(None)));
    run(async {
        let busy = tokio::spawn(plugin.ask_async(ask(1)));
        asked.notified().await;
        let waiting = tokio::spawn(plugin.count_async(Empty {}));
        tokio::task::yield_now().await;
        let error = plugin.count_async(Empty {}).await.unwrap_err();
        assert!(matches!(error, CallError::Busy { waited: None, limit: 1, .. }), "{error:?}");
        let error = waiting.await.unwrap().unwrap_err();
        assert!(
            matches!(error, CallError::Busy { waited: Some(waited), limit: 1, .. } if waited >= SHORT),
            "{error:?}"
        );
        // Who leaves makes room for others.
        let leaving = timeout(SHORT / 10, plugin.count_async(Empty {})).await;
        assert!(leaving.is_err());
        let waiting = tokio::spawn(plugin.count_async(Empty {}));
        tokio::task::yield_now().await;
        busy.abort();
        waiting.await.unwrap().unwrap();
    });
}

/// A closure keeps its instance for all of its calls; a new version takes over between two of them all the same.
#[test]
fn a_closure_goes_over_to_a_new_version_between_two_calls() {
    use hookr::reload::{News, Outcome, Reload};
    use hookr_tests::installed::Installed;
    use hookr_tests::versions::{version, versions_builder};
    use versions::Empty;

    for reload in [Reload::manual(), Reload::manual().state(hookr::StateLimits::default())] {
        let file = Installed::new(std::fs::read(version(1)).unwrap());
        let plugin = versions_builder().reload(reload.drain(LONG)).open(file.path()).unwrap();
        let mut events = plugin.reloader().events();
        let (called, has_called) = std::sync::mpsc::channel();
        let (go_on, may_go_on) = std::sync::mpsc::channel();
        run(async {
            let keeps_state = reload.state.is_some();
            let calls = tokio::spawn(plugin.call_async(move |plugin| {
                let first = plugin.count(&Empty {})?;
                called.send(()).unwrap();
                // With a state to take, it calls until the instance was wanted back.
                let mut second = plugin.count(&Empty {})?;
                while keeps_state && second.version == 1 {
                    second = plugin.count(&Empty {})?;
                }
                if !keeps_state {
                    may_go_on.recv_timeout(LONG).unwrap();
                    second = plugin.count(&Empty {})?;
                }
                Ok((first, second))
            }));
            tokio::task::spawn_blocking(move || has_called.recv_timeout(LONG).unwrap()).await.unwrap();
            file.install(std::fs::read(version(2)).unwrap());
            let reloader = plugin.reloader();
            let outcome = tokio::task::spawn_blocking(move || reloader.reload()).await.unwrap();
            assert!(matches!(outcome, Ok(Outcome::Reloaded(_))), "{outcome:?}");
            go_on.send(()).ok();
            let (first, second) = calls.await.unwrap().unwrap();
            assert_eq!((first.version, first.calls, second.version), (1, 1, 2));
            assert_eq!(second.calls > 1, keeps_state);
        });
        // Nothing of the old version is left.
        while let Some(news) = events.next_timeout(LONG) {
            if let News::Drained { ended_calls, .. } = news {
                assert!(!ended_calls);
                break;
            }
        }
        assert_eq!(plugin.health().lost, 0);
    }
}
