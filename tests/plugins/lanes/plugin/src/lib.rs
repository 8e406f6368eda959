//! Answers in place, and counts what it allocates.

mod allocations;

use std::cell::RefCell;

use lanes::flatbuffers::{FlatBufferBuilder, WIPOffset};
use lanes::{Block, Count, Empty, Error, Here, Message, Plugin, PluginContext, There, fb, in_place};

#[derive(Default)]
struct Lanes {
    /// The words of a message that is being written; kept, so that nothing is allocated for them.
    words: RefCell<Vec<WIPOffset<&'static str>>>,
}

impl Lanes {
    /// Writes a message again.
    fn copy<'b>(&self, from: fb::Message<'_>, to: &mut FlatBufferBuilder<'b>) -> WIPOffset<fb::Message<'b>> {
        let mut words = self.words.borrow_mut();
        words.clear();
        words.extend(from.words().iter().flatten().map(|word| WIPOffset::new(to.create_string(word).value())));
        let of_words = from.words().map(|_| {
            to.start_vector::<WIPOffset<&str>>(words.len());
            for word in words.iter().rev() {
                to.push(*word);
            }
            WIPOffset::new(to.end_vector::<WIPOffset<&str>>(words.len()).value())
        });
        let text = from.text().map(|text| to.create_string(text));
        let bytes = from.bytes().map(|bytes| to.create_vector(bytes.bytes()));
        fb::Message::create(to, &fb::MessageArgs { text, bytes, words: of_words, number: from.number() })
    }
}

impl Plugin for Lanes {
    fn echo(&self, ctx: &PluginContext<'_>, request: Message) -> Result<Message, Error> {
        in_place::Echo::echo_owned(self, ctx, &request)
    }

    fn forward(&self, ctx: &PluginContext<'_>, request: Message) -> Result<Message, Error> {
        in_place::Forward::forward_owned(self, ctx, &request)
    }

    fn owned(&self, ctx: &PluginContext<'_>, request: Message) -> Result<Message, Error> {
        ctx.desk().relay(&request)
    }

    fn fail(&self, ctx: &PluginContext<'_>, request: Message) -> Result<Message, Error> {
        in_place::Fail::fail_owned(self, ctx, &request)
    }

    fn nest(&self, ctx: &PluginContext<'_>, request: Message) -> Result<Message, Error> {
        in_place::Nest::nest_owned(self, ctx, &request)
    }

    fn hold(&self, ctx: &PluginContext<'_>, request: Block) -> Result<Block, Error> {
        in_place::Hold::hold_owned(self, ctx, &request)
    }

    fn count(&self, _: &PluginContext<'_>, _: Empty) -> Result<Count, Error> {
        Ok(Count { allocations: allocations::count() })
    }
}

impl in_place::Echo for Lanes {
    fn echo_in_place<'b>(
        &self,
        _: &PluginContext<'_>,
        request: fb::Message<'_>,
        response: &mut FlatBufferBuilder<'b>,
    ) -> Result<WIPOffset<fb::Message<'b>>, Error> {
        Ok(self.copy(request, response))
    }
}

impl in_place::Forward for Lanes {
    fn forward_in_place<'b>(
        &self,
        ctx: &PluginContext<'_>,
        request: fb::Message<'_>,
        response: &mut FlatBufferBuilder<'b>,
    ) -> Result<WIPOffset<fb::Message<'b>>, Error> {
        ctx.desk().relay_in_place(|to| self.copy(request, to), |answer| self.copy(answer, response))
    }
}

impl in_place::Fail for Lanes {
    fn fail_in_place<'b>(
        &self,
        _: &PluginContext<'_>,
        request: fb::Message<'_>,
        response: &mut FlatBufferBuilder<'b>,
    ) -> Result<WIPOffset<fb::Message<'b>>, Error> {
        response.create_string("half of an answer");
        response.start_table();
        Err(Error::unavailable(request.text().unwrap_or_default()))
    }
}

impl in_place::Nest for Lanes {
    fn nest_in_place<'b>(
        &self,
        ctx: &PluginContext<'_>,
        request: fb::Message<'_>,
        response: &mut FlatBufferBuilder<'b>,
    ) -> Result<WIPOffset<fb::Message<'b>>, Error> {
        let again = |_: fb::Message<'_>| ctx.desk().relay_in_place(|to| self.copy(request, to), |_| ());
        ctx.desk().relay_in_place(|to| self.copy(request, to), again)??;
        Ok(self.copy(request, response))
    }
}

impl in_place::Hold for Lanes {
    fn hold_in_place<'b>(
        &self,
        _: &PluginContext<'_>,
        request: fb::Block<'_>,
        response: &mut FlatBufferBuilder<'b>,
    ) -> Result<WIPOffset<fb::Block<'b>>, Error> {
        let bytes = request.bytes().map(|bytes| fb::create_bytes(response, bytes.bytes()));
        Ok(fb::Block::create(response, &fb::BlockArgs { bytes }))
    }
}

impl Here for Lanes {
    fn here(&self, ctx: &PluginContext<'_>, request: Message) -> Result<Message, Error> {
        in_place::Here::here_owned(self, ctx, &request)
    }
}

impl in_place::Here for Lanes {
    fn here_in_place<'b>(
        &self,
        _: &PluginContext<'_>,
        request: fb::Message<'_>,
        response: &mut FlatBufferBuilder<'b>,
    ) -> Result<WIPOffset<fb::Message<'b>>, Error> {
        Ok(self.copy(request, response))
    }
}

impl There for Lanes {
    fn there(&self, _: &PluginContext<'_>, request: Message) -> Result<Message, Error> {
        Ok(request)
    }
}

lanes::export!(Lanes = Lanes::default());

#[cfg(test)]
mod tests;
