//! The requests: those of the examples' files, which `hookr call` takes as well, and those of the echo.

use serde::Deserialize;
use wasmtime::Result;
use wasmtime::error::Context as _;

/// All requests.
pub struct Requests {
    /// Bytes to be echoed: of 64 B, 1 KiB and 64 KiB.
    pub echo: [Request<echo::Bytes>; 3],
    /// Bytes that the host is to be asked with [`CALLBACKS`] times: of 64 B and 1 KiB.
    pub forward: [Request<echo::ForwardRequest>; 2],
    /// Scalars.
    pub step: Request<echo::Numbers>,
    /// That of `examples/tickloop/request.json`.
    pub tick: Request<tickloop::TickRequest>,
    /// That of `examples/textfilter/request.json`.
    pub filter: Request<textfilter::FilterRequest>,
    /// That of `examples/urlbalancer/request.json`.
    pub balance: Request<urlbalancer::BalanceRequest>,
}

/// A request in both forms.
pub struct Request<Q> {
    /// As a value.
    pub value: Q,
    /// As a FlatBuffer.
    pub message: Vec<u8>,
}

/// How many callbacks there are in a call that measures them: so many that the call does not matter.
pub const CALLBACKS: u32 = 64;

impl Requests {
    /// Reads the examples' files, which are part of the program.
    ///
    /// # Errors
    ///
    /// A file has something else in it.
    pub fn new() -> Result<Self> {
        Ok(Requests {
            echo: [64, 1 << 10, 64 << 10].map(|size| echo(echo::Bytes { bytes: payload(size) })),
            forward: [64, 1 << 10].map(|size| echo(echo::ForwardRequest { times: CALLBACKS, bytes: payload(size) })),
            step: echo(echo::Numbers { tick: 42, dt_micros: 16_667, state_hash: 0x1234_5678_9abc_def0, events: 3 }),
            tick: {
                let value = tick()?;
                Request { message: tickloop::FlatBuffer::to_flatbuffer(&value), value }
            },
            filter: {
                let value = filter()?;
                Request { message: textfilter::FlatBuffer::to_flatbuffer(&value), value }
            },
            balance: {
                let value = balance()?;
                Request { message: urlbalancer::FlatBuffer::to_flatbuffer(&value), value }
            },
        })
    }
}

fn echo<Q: echo::FlatBuffer>(value: Q) -> Request<Q> {
    Request { message: value.to_flatbuffer(), value }
}

/// So many bytes, all of them different from those beside them, and none of them 0.
fn payload(size: usize) -> Vec<u8> {
    (1..=250).cycle().take(size).collect()
}

fn filter() -> Result<textfilter::FilterRequest> {
    #[derive(Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct File {
        input: String,
        blocked_terms: Vec<String>,
        replacement: String,
        case_sensitive: bool,
        max_replacements: u32,
    }
    let File { input, blocked_terms, replacement, case_sensitive, max_replacements } =
        read(include_str!("../../examples/textfilter/request.json"), "textfilter")?;
    Ok(textfilter::FilterRequest { input, blocked_terms, replacement, case_sensitive, max_replacements })
}

fn tick() -> Result<tickloop::TickRequest> {
    #[derive(Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct File {
        tick: u64,
        dt_micros: u32,
        state_hash: u64,
        events: u32,
    }
    let File { tick, dt_micros, state_hash, events } =
        read(include_str!("../../examples/tickloop/request.json"), "tickloop")?;
    Ok(tickloop::TickRequest { tick, dt_micros, state_hash, events })
}

fn balance() -> Result<urlbalancer::BalanceRequest> {
    #[derive(Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct File {
        url: String,
        nodes: Vec<String>,
    }
    let File { url, nodes } = read(include_str!("../../examples/urlbalancer/request.json"), "urlbalancer")?;
    Ok(urlbalancer::BalanceRequest { url, nodes })
}

fn read<'a, T: Deserialize<'a>>(json: &'a str, example: &str) -> Result<T> {
    serde_json::from_str(json).with_context(|| format!("the request of the example {example}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_requests_of_the_examples_are_read() {
        let requests = Requests::new().unwrap();
        assert_eq!(requests.filter.value.blocked_terms, ["forbidden"]);
        assert_eq!(requests.balance.value.nodes.len(), 3);
        let tick = tickloop::TickRequest { tick: 42, dt_micros: 16_667, state_hash: 0x1234_5678_9abc_def0, events: 3 };
        assert_eq!(requests.tick.value, tick);
        assert_eq!(requests.echo.map(|echo| echo.value.bytes.len()), [64, 1024, 65_536]);
    }
}
