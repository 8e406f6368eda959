//! The pool, its swap and its drain, in thousands of schedules each: every step between two operations of a mutex, of an
//! atomic number, and of parking is where another thread may go on. A schedule in which nobody can go on is a failure, too:
//! that is how a lost wake-up shows.
//!
//! It is the file that the library is built from; only what it is synchronised with is another.

#[path = "../../src/pool.rs"]
#[allow(dead_code)]
mod pool;
mod sync;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize as Counter, Ordering};
use std::task::{Poll, Wake, Waker};

use pool::{Census, Item, Pool, Refusal};
use shuttle::rand::Rng;
use shuttle::sync::atomic::AtomicUsize;
use shuttle::thread::{self, Thread};

const SCHEDULES: usize = 3000;

/// What instances and generations there are, outside of what is scheduled.
#[derive(Default)]
struct World {
    instances: Counter,
}

struct Generation {
    number: usize,
    /// How many calls run on it, and how many of its instances there are.
    running: Counter,
    instances: Counter,
}

impl Generation {
    fn new(number: usize) -> Arc<Self> {
        Arc::new(Generation { number, running: Counter::new(0), instances: Counter::new(0) })
    }
}

/// One caller at a time has it.
struct Instance {
    world: Arc<World>,
    of: Arc<Generation>,
    is_used: bool,
}

impl Instance {
    fn new(world: &Arc<World>, of: &Arc<Generation>) -> Self {
        world.instances.fetch_add(1, Ordering::SeqCst);
        of.instances.fetch_add(1, Ordering::SeqCst);
        Instance { world: world.clone(), of: of.clone(), is_used: false }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.world.instances.fetch_sub(1, Ordering::SeqCst);
        self.of.instances.fetch_sub(1, Ordering::SeqCst);
    }
}

type Plugin = Pool<Generation, Instance>;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

fn waker() -> Waker {
    Arc::new(Unpark(thread::current())).into()
}

/// Waits as the library does; gives up at random, if it is one of those who do.
fn wait(pool: &Plugin, who: usize, gives_up: bool) -> Result<Option<Item<Generation, Instance>>, Refusal> {
    if let Some(item) = pool.take(who)? {
        return Ok(Some(item));
    }
    let waker = waker();
    let ticket = pool.stand(who, &waker, false)?;
    loop {
        match pool.ask(&ticket, who, &waker) {
            Poll::Ready(Ok(item)) => return Ok(Some(item)),
            Poll::Ready(Err(refusal)) => return Err(refusal),
            Poll::Pending => {}
        }
        if gives_up && shuttle::rand::thread_rng().gen_bool(0.5) {
            // Its time is over; a wake-up may be on its way.
            thread::yield_now();
            pool.leave(&ticket);
            return Ok(None);
        }
        thread::park();
    }
}

/// A call: nobody else has the instance, which is of the generation that the item says, and there are never more than `most`.
fn call(world: &Arc<World>, pool: &Plugin, who: usize, most: usize, gives_up: bool) -> Option<usize> {
    let mut item = wait(pool, who, gives_up).unwrap()?;
    let generation = item.generation.clone();
    assert!(generation.running.fetch_add(1, Ordering::SeqCst) < most);
    let mut instance = item.instance.take().unwrap_or_else(|| Instance::new(world, &generation));
    assert_eq!(instance.of.number, generation.number, "a mix of versions");
    assert!(!std::mem::replace(&mut instance.is_used, true));
    assert!(generation.instances.load(Ordering::SeqCst) <= most);
    thread::yield_now();
    instance.is_used = false;
    // Some calls cost the plugin its instance.
    item.instance = (!shuttle::rand::thread_rng().gen_bool(0.2)).then_some(instance);
    generation.running.fetch_sub(1, Ordering::SeqCst);
    let number = generation.number;
    drop(generation);
    pool.give_back(who, item);
    Some(number)
}

fn plugin(world: &Arc<World>, most: usize, queue: usize) -> Arc<Plugin> {
    let first = Generation::new(1);
    let instances = vec![Instance::new(world, &first)];
    Arc::new(Pool::new(first, instances, most, queue))
}

/// So many threads that call, each a few times.
fn callers(world: &Arc<World>, pool: &Arc<Plugin>, most: usize, count: usize) -> Vec<thread::JoinHandle<()>> {
    let caller = |who: usize| {
        let (world, pool) = (world.clone(), pool.clone());
        // Every second one has no patience.
        thread::spawn(move || {
            for _ in 0..2 {
                call(&world, &pool, who, most, who.is_multiple_of(2));
            }
        })
    };
    (1..=count).map(caller).collect()
}

/// Puts the next generation in service, and waits until nobody runs on the last.
fn swap(world: &Arc<World>, pool: &Plugin, number: usize, latest: &AtomicUsize) {
    let last = pool.current();
    let next = Generation::new(number);
    let idle = pool.swap(&last, next.clone(), vec![Instance::new(world, &next)]).unwrap();
    latest.store(number, Ordering::SeqCst);
    drop(idle);
    let waker = waker();
    while !pool.drained(&last, &waker) {
        thread::park();
    }
    assert_eq!(last.running.load(Ordering::SeqCst), 0, "drained with a call on it");
}

fn check(model: impl Fn() + Send + Sync + 'static) {
    let model = Arc::new(model);
    let random = model.clone();
    shuttle::check_random(move || random(), SCHEDULES);
    // Schedules with few, well-placed changes of thread: what chance alone seldom finds.
    shuttle::check_pct(move || model(), SCHEDULES, 3);
}

#[test]
fn everybody_is_served_and_nobody_shares() {
    for (most, count) in [(1, 3), (2, 4)] {
        check(move || {
            let world = Arc::default();
            let pool = plugin(&world, most, 10);
            callers(&world, &pool, most, count).into_iter().for_each(|caller| caller.join().unwrap());
            let Census { idle, busy, waiting, draining } = pool.census();
            assert_eq!((busy, waiting, draining), (0, 0, 0));
            assert!(idle <= most);
            assert_eq!(world.instances.load(Ordering::SeqCst), idle);
        });
    }
}

#[test]
fn swaps_mix_nothing_and_hold_up_nobody() {
    for most in [1, 2] {
        check(move || {
            let world: Arc<World> = Arc::default();
            let pool = plugin(&world, most, 10);
            let latest = Arc::new(AtomicUsize::new(1));
            let callers: Vec<_> = (1..=2)
                .map(|who| {
                    let (world, pool, latest) = (world.clone(), pool.clone(), latest.clone());
                    thread::spawn(move || {
                        for _ in 0..2 {
                            let before = latest.load(Ordering::SeqCst);
                            let number = call(&world, &pool, who, most, false).unwrap();
                            // The swap itself comes a moment before it is known.
                            let after = latest.load(Ordering::SeqCst) + 1;
                            assert!((before..=after).contains(&number), "{before} {number} {after}");
                        }
                    })
                })
                .collect();
            let swapper = {
                let (world, pool, latest) = (world.clone(), pool.clone(), latest.clone());
                thread::spawn(move || (2..=3).for_each(|number| swap(&world, &pool, number, &latest)))
            };
            callers.into_iter().for_each(|caller| caller.join().unwrap());
            swapper.join().unwrap();
            let census = pool.census();
            assert_eq!((census.busy, census.waiting, census.draining), (0, 0, 0));
            assert_eq!(world.instances.load(Ordering::SeqCst), census.idle, "an instance of an old version is left");
        });
    }
}

#[test]
fn one_of_two_swaps_is_refused() {
    check(|| {
        let world: Arc<World> = Arc::default();
        let pool = plugin(&world, 1, 10);
        let last = pool.current();
        let swappers: Vec<_> = (2..=3)
            .map(|number| {
                let (world, pool, last) = (world.clone(), pool.clone(), last.clone());
                thread::spawn(move || {
                    let next = Generation::new(number);
                    pool.swap(&last, next.clone(), vec![Instance::new(&world, &next)]).is_some()
                })
            })
            .collect();
        let done = swappers.into_iter().map(|swapper| swapper.join().unwrap());
        assert_eq!(done.filter(|done| *done).count(), 1);
        assert_eq!(world.instances.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn an_urgent_one_is_next() {
    check(|| {
        let world: Arc<World> = Arc::default();
        let pool = plugin(&world, 1, 10);
        let callers = callers(&world, &pool, 1, 2);
        let urgent = {
            let (world, pool) = (world.clone(), pool.clone());
            thread::spawn(move || {
                let waker = waker();
                let ticket = pool.stand(100, &waker, true).unwrap();
                let mut item = loop {
                    match pool.ask(&ticket, 100, &waker) {
                        Poll::Ready(item) => break item.unwrap(),
                        Poll::Pending => thread::park(),
                    }
                };
                // What is held while another generation comes is given back as one of the old.
                let next = Generation::new(2);
                let idle = pool.swap(&item.generation, next.clone(), vec![Instance::new(&world, &next)]).unwrap();
                assert!(idle.is_empty());
                item.instance = None;
                pool.give_back(100, item);
            })
        };
        callers.into_iter().for_each(|caller| caller.join().unwrap());
        urgent.join().unwrap();
        assert_eq!(pool.census().draining, 0);
    });
}

#[test]
fn a_full_queue_and_an_end_refuse() {
    check(|| {
        let world: Arc<World> = Arc::default();
        let pool = plugin(&world, 1, 1);
        let caller = |who: usize| {
            let (world, pool) = (world.clone(), pool.clone());
            thread::spawn(move || match wait(&pool, who, false) {
                Ok(item) => {
                    thread::yield_now();
                    let item = item.unwrap();
                    pool.give_back(who, item);
                    drop(world);
                    None
                }
                Err(refusal) => Some(refusal),
            })
        };
        let callers: Vec<_> = (1..=3).map(caller).collect();
        let closer = {
            let pool = pool.clone();
            thread::spawn(move || drop(pool.close()))
        };
        for caller in callers {
            let refusal = caller.join().unwrap();
            assert!(matches!(refusal, None | Some(Refusal::Full | Refusal::Closed)), "{refusal:?}");
        }
        closer.join().unwrap();
        assert_eq!(world.instances.load(Ordering::SeqCst), 0);
    });
}

#[test]
fn a_thread_inside_of_a_call_gets_nothing_more() {
    let check = || {
        let world: Arc<World> = Arc::default();
        let pool = plugin(&world, 2, 10);
        let item = pool.take(1).unwrap().unwrap();
        assert_eq!(pool.take(1).err(), Some(Refusal::Reentrant));
        assert!(pool.take(2).unwrap().is_some());
        pool.give_back(1, item);
        assert!(pool.take(1).unwrap().is_some());
    };
    shuttle::check_random(check, 1);
}

/// Those who have waited for long are served in their order, and nobody who comes along later is before them.
#[test]
fn who_has_waited_for_long_is_served_in_turn() {
    let check = || {
        let world: Arc<World> = Arc::default();
        let pool = plugin(&world, 1, 10);
        let waker = waker();
        let first = pool.take(1).unwrap().unwrap();
        let waiting: Vec<_> = (2..=4).map(|who| (who, pool.stand(who, &waker, false).unwrap())).collect();
        let (mut holder, mut item) = (1, first);
        for (who, ticket) in &waiting {
            assert!(waiting.iter().all(|(who, ticket)| *who <= holder || pool.ask(ticket, *who, &waker).is_pending()));
            pool.give_back(holder, item);
            assert!(pool.take(100).unwrap().is_none(), "it is handed over, and does not lie there");
            let Poll::Ready(Ok(next)) = pool.ask(ticket, *who, &waker) else { panic!("{who} is next") };
            (holder, item) = (*who, next);
        }
        pool.give_back(holder, item);
        assert!(pool.take(100).unwrap().is_some());
    };
    sync::ALWAYS_LONG_AGO.set(true);
    shuttle::check_random(check, 1);
    sync::ALWAYS_LONG_AGO.set(false);
}
