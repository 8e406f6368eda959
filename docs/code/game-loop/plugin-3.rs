mod ball;

use std::cell::Cell;

use ball::Ball;
use gameloop::flatbuffers::{FlatBufferBuilder, WIPOffset};
use gameloop::state::State;
use gameloop::{Error, Plugin, PluginContext, TickRequest, TickResponse, fb, in_place};

/// One of it lives as long as its instance. One call runs at a time, so that a cell is enough.
struct Game {
    ball: Cell<Ball>,
}

impl Game {
    fn new() -> Self {
        Game {
            ball: Cell::new(Ball::START),
        }
    }

    fn advance(&self, seconds: f64) -> Ball {
        let ball = self.ball.get().after(seconds);
        self.ball.set(ball);
        ball
    }
}

impl Plugin for Game {
    fn tick(&self, ctx: &PluginContext, request: TickRequest) -> Result<TickResponse, Error> {
        // Made of the other form: there is one of them to maintain.
        in_place::Tick::tick_owned(self, ctx, &request)
    }
}

impl in_place::Tick for Game {
    fn tick_in_place<'b>(
        &self,
        _: &PluginContext,
        request: fb::TickRequest<'_>,
        response: &mut FlatBufferBuilder<'b>,
    ) -> Result<WIPOffset<fb::TickResponse<'b>>, Error> {
        let ball = self.advance(request.seconds());
        let answer = fb::TickResponseArgs {
            height: ball.height,
            bounces: ball.bounces,
            over: ball.lies_still(),
        };
        Ok(fb::TickResponse::create(response, &answer))
    }
}

/// The form of the bytes. A version that changes it changes this, and still reads the old one.
const FORM: u8 = 1;

impl State for Game {
    fn snapshot(&self) -> Result<Vec<u8>, Error> {
        let ball = self.ball.get();
        let mut state = vec![FORM];
        state.extend(ball.height.to_le_bytes());
        state.extend(ball.speed.to_le_bytes());
        state.extend(ball.bounces.to_le_bytes());
        Ok(state)
    }

    fn restore(&self, state: &[u8]) -> Result<(), Error> {
        let ball = read(state).ok_or_else(|| Error::data_loss("the state has another form"))?;
        self.ball.set(ball);
        Ok(())
    }
}

fn read(state: &[u8]) -> Option<Ball> {
    let (&FORM, state) = state.split_first()? else {
        return None;
    };
    let (height, state) = state.split_first_chunk()?;
    let (speed, state) = state.split_first_chunk()?;
    Some(Ball {
        height: f64::from_le_bytes(*height),
        speed: f64::from_le_bytes(*speed),
        bounces: u32::from_le_bytes(state.try_into().ok()?),
    })
}

gameloop::export!(Game = Game::new(), state);
