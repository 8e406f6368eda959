use super::InvalidUrl;

/// A path in its normal form: as [`encode`] gives it, starting with `/`, without `.` and `..`.
pub(super) fn normalize(path: &str) -> Result<String, InvalidUrl> {
    let path = encode(path, "/")?;
    let mut segments: Vec<&str> = Vec::new();
    let mut is_folder = path.is_empty();
    for segment in path.split('/').skip(1) {
        // `.` and `..` name folders: a path that ends in one of them ends in `/`.
        is_folder = matches!(segment, "." | "..");
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    if is_folder {
        segments.push("");
    }
    Ok(format!("/{}", segments.join("/")))
}

/// Text of a URL with percent-encoding in one form: none where it is not needed, upper case where it is. `also` holds the
/// characters that are allowed besides those of a segment.
pub(super) fn encode(text: &str, also: &str) -> Result<String, InvalidUrl> {
    let mut encoded = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c == '%' {
            let byte = hex(rest.next())? << 4 | hex(rest.next())?;
            if is_unreserved(char::from(byte)) {
                encoded.push(char::from(byte));
            } else {
                encoded.push_str(&format!("%{byte:02X}"));
            }
        } else if is_unreserved(c) || "!$&'()*+,;=:@".contains(c) || also.contains(c) {
            encoded.push(c);
        } else {
            return Err(InvalidUrl::Character(c));
        }
    }
    Ok(encoded)
}

/// Characters that mean the same with and without percent-encoding.
fn is_unreserved(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~')
}

fn hex(c: Option<char>) -> Result<u8, InvalidUrl> {
    let digit = c.and_then(|c| c.to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
    digit.ok_or(InvalidUrl::PercentEncoding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_are_resolved() {
        for (path, expected) in [
            ("", "/"),
            ("/", "/"),
            ("/a", "/a"),
            ("/a/", "/a/"),
            ("/a/.", "/a/"),
            ("/a/..", "/"),
            ("/a/../..", "/"),
            ("/../../a", "/a"),
            ("/a//b", "/a//b"),
            ("/a//../b", "/a/b"),
            ("/a//", "/a//"),
            ("/a//.", "/a//"),
            ("/a//..", "/a/"),
            ("//", "//"),
            ("/a/b/../", "/a/"),
            ("/.a/..b/...", "/.a/..b/..."),
        ] {
            assert_eq!(normalize(path).as_deref(), Ok(expected), "{path}");
        }
    }
}
