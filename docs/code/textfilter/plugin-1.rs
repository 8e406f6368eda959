use wordfilter::{Error, FilterRequest, FilterResponse, Plugin, PluginContext};

struct WordFilter;

impl Plugin for WordFilter {
    fn filter(&self, _: &PluginContext, request: FilterRequest) -> Result<FilterResponse, Error> {
        if request.blocked.iter().any(String::is_empty) {
            return Err(Error::invalid_argument("a blocked word is empty"));
        }
        let mut removed = 0;
        let mut words = Vec::new();
        for word in request.text.split(' ') {
            if is_blocked(word, &request.blocked) {
                removed += 1;
                words.push("***");
            } else {
                words.push(word);
            }
        }
        Ok(FilterResponse {
            text: words.join(" "),
            removed,
        })
    }
}

fn is_blocked(word: &str, blocked: &[String]) -> bool {
    blocked.contains(&word.to_lowercase())
}

wordfilter::export!(WordFilter);
