mod ball;

use std::cell::Cell;

use ball::Ball;
use gameloop::{Error, Plugin, PluginContext, TickRequest, TickResponse};

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
    fn tick(&self, _: &PluginContext, request: TickRequest) -> Result<TickResponse, Error> {
        let ball = self.advance(request.seconds);
        Ok(TickResponse {
            height: ball.height,
            bounces: ball.bounces,
            over: ball.lies_still(),
        })
    }
}

gameloop::export!(Game = Game::new());
