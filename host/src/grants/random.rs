//! Random numbers: of the system, the same in each run, or none.

use wasmtime::component::HasData;
use wasmtime_wasi::Rng;
use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random};

use super::Random;
use crate::call::Stop;
use crate::limits::{Exceeded, Limit};

/// Where the random numbers of an instance come from.
pub(super) struct Source {
    numbers: Numbers,
    /// The most bytes at once.
    limit: usize,
}

enum Numbers {
    Denied,
    Secure(Box<dyn Rng + Send>),
    Seeded(SplitMix),
}

impl Source {
    pub(super) fn new(random: Random, host_memory: usize) -> Self {
        let numbers = match random {
            Random::Denied => Numbers::Denied,
            Random::Secure => Numbers::Secure(wasmtime_wasi::random::thread_rng()),
            Random::Seeded(seed) => Numbers::Seeded(SplitMix(seed)),
        };
        Source { numbers, limit: host_memory }
    }

    fn bytes(&mut self, len: u64, function: &str) -> wasmtime::Result<Vec<u8>> {
        let Some(len) = usize::try_from(len).ok().filter(|&len| len <= self.limit) else {
            return Err(Stop::Exceeded(Exceeded::new(Limit::HostMemory, len, self.limit as u64)).into());
        };
        match &mut self.numbers {
            Numbers::Denied => Err(denied(function)),
            Numbers::Secure(random) => {
                let mut bytes = vec![0; len];
                random.fill_bytes(&mut bytes);
                Ok(bytes)
            }
            Numbers::Seeded(random) => {
                let numbers = std::iter::repeat_with(|| random.next().to_le_bytes());
                Ok(numbers.flatten().take(len).collect())
            }
        }
    }

    fn number(&mut self, function: &str) -> wasmtime::Result<u64> {
        match &mut self.numbers {
            Numbers::Denied => Err(denied(function)),
            Numbers::Secure(random) => Ok(random.next_u64()),
            Numbers::Seeded(random) => Ok(random.next()),
        }
    }
}

impl random::Host for Source {
    fn get_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        self.bytes(len, "wasi:random/random#get-random-bytes")
    }

    fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.number("wasi:random/random#get-random-u64")
    }
}

impl insecure::Host for Source {
    fn get_insecure_random_bytes(&mut self, len: u64) -> wasmtime::Result<Vec<u8>> {
        self.bytes(len, "wasi:random/insecure#get-insecure-random-bytes")
    }

    fn get_insecure_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.number("wasi:random/insecure#get-insecure-random-u64")
    }
}

impl insecure_seed::Host for Source {
    fn insecure_seed(&mut self) -> wasmtime::Result<(u64, u64)> {
        let function = "wasi:random/insecure-seed#insecure-seed";
        Ok((self.number(function)?, self.number(function)?))
    }
}

fn denied(function: &str) -> wasmtime::Error {
    Stop::Denied { function: function.to_owned() }.into()
}

/// Says that [`Source`] is what these functions work on.
pub(super) struct HasRandom;

impl HasData for HasRandom {
    type Data<'a> = &'a mut Source;
}

/// The generator of Steele, Lea and Flood (2014): a counter and a finalizer. It is chosen because it is never going to change.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers that the published algorithm gives for the seed 1234567.
    #[test]
    fn seeded_numbers_are_those_of_splitmix64() {
        let mut random = SplitMix(1_234_567);
        let numbers = [random.next(), random.next(), random.next()];
        assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn as_many_bytes_as_fit_are_given() {
        let mut source = Source::new(Random::Seeded(1), 16);
        assert_eq!(source.bytes(16, "f").unwrap().len(), 16);
        for len in [17, u64::MAX] {
            let error = source.bytes(len, "f").unwrap_err();
            assert_eq!(error.downcast_ref(), Some(&Stop::Exceeded(Exceeded::new(Limit::HostMemory, len, 16))));
        }
    }
}
