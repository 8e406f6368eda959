mod ball;

use std::cell::Cell;

use ball::Ball;
use gameloop::flatbuffers::{FlatBufferBuilder, WIPOffset};
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

gameloop::export!(Game = Game::new());
