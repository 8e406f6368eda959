//! What happens to the ball. Nothing here knows of plugins.

/// Metres per second, each second.
const GRAVITY: f64 = 9.81;

/// How much of its speed a bounce leaves.
const BOUNCE: f64 = 1.0;

#[derive(Clone, Copy)]
pub struct Ball {
    pub height: f64,
    pub speed: f64,
    pub bounces: u32,
}

impl Ball {
    pub const START: Ball = Ball {
        height: 10.0,
        speed: 0.0,
        bounces: 0,
    };

    pub fn after(self, seconds: f64) -> Ball {
        let speed = self.speed - GRAVITY * seconds;
        let height = self.height + speed * seconds;
        if height >= 0.0 {
            return Ball {
                height,
                speed,
                ..self
            };
        }
        Ball {
            height: -height * BOUNCE,
            speed: -speed * BOUNCE,
            bounces: self.bounces + 1,
        }
    }

    pub fn lies_still(self) -> bool {
        self.height < 0.1 && self.speed.abs() < 1.0
    }
}
