//! docs/src/figures: drawings whose numbers are those of the pages that they come from.

use std::fmt::Write as _;
use std::fs;

use hookr_tests::root;

/// The bars of `cost.svg`: what stands beside one, the way in the table of benchmarks, and the colour.
const COSTS: [(&str, &str, &str); 10] = [
    ("native dyn call", "native dyn call", "f"),
    ("core function, in place", "core function in place", "f"),
    ("lane, plugin by hand, bare bytes", "hookr lane, by hand, bare bytes", "h"),
    ("lane, batch of 16, each", "hookr lane, batch of 16", "h"),
    ("lane, encoded", "hookr lane, encoded", "h"),
    ("lane, borrowed", "hookr lane, borrowed", "h"),
    ("typed, as it goes by itself", "hookr typed", "h"),
    ("raw bindgen! call", "raw bindgen! call", "c"),
    ("typed, never over the lane", "hookr typed, never over the lane", "c"),
    ("lane, portable", "hookr lane, portable, borrowed", "c"),
];

/// How long an echo of 64 bytes takes by each way, by the page of benchmarks.
fn measured() -> Vec<(&'static str, String, &'static str)> {
    let page = fs::read_to_string(root().join("docs/src/reference/benchmarks.md")).unwrap();
    let group = page.split("echo, 64 B  ").nth(1).unwrap().split("\n\n").next().unwrap();
    let time = |way: &str| {
        let rest = |line: &str| line.get(3..)?.strip_prefix(way)?.strip_prefix("  ").map(str::to_owned);
        let row = group.lines().find_map(rest).unwrap_or_else(|| panic!("the page has no row `{way}`"));
        row.trim().split_once(" ns").unwrap().0.to_owned()
    };
    COSTS.into_iter().map(|(label, way, class)| (label, time(way), class)).collect()
}

fn described(measured: &[(&str, String, &str)]) -> String {
    let bars: Vec<_> = measured.iter().map(|(label, time, _)| format!("{label} {time}")).collect();
    format!("Bars of the nanoseconds of an echo of 64 bytes: {}", bars.join("; "))
}

fn drawn(measured: &[(&str, String, &str)]) -> String {
    const LEFT: u32 = 270;
    let longest = measured.iter().map(|(_, time, _)| time.parse::<f64>().unwrap()).fold(1.0, f64::max);
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 336" role="img" aria-labelledby="t d">
  <title id="t">What a call of 64 bytes costs by each way, in nanoseconds</title>
  <desc id="d">{}</desc>
  <style>
    text {{ font: 13px system-ui, sans-serif; fill: #1f2328 }}
    .v {{ font-size: 12px; fill: #57606a }}
    .f {{ fill: #8c959f }} .h {{ fill: #54aeff }} .c {{ fill: #d4a72c }}
  </style>
  <rect width="760" height="336" rx="8" fill="#f6f8fa"/>
"##,
        described(measured)
    );
    for ((label, time, class), y) in measured.iter().zip((24..).step_by(28)) {
        let width = (time.parse::<f64>().unwrap() * 428.0 / longest).round() as u32;
        writeln!(
            svg,
            r#"  <text x="24" y="{}">{label}</text><rect class="{class}" x="{LEFT}" y="{y}" width="{width}" height="16"/><text class="v" x="{}" y="{}">{time}</text>"#,
            y + 12,
            LEFT + width + 8,
            y + 13,
        )
        .unwrap();
    }
    let legend =
        "nanoseconds · grey: compiled in, or wasmtime alone · blue: direct lane · yellow: through the Component Model";
    writeln!(svg, "  <text class=\"v\" x=\"24\" y=\"318\">{legend}</text>\n</svg>").unwrap();
    svg
}

/// `BLESS=1` draws it anew.
#[test]
fn the_costs_that_are_drawn_are_those_that_were_measured() {
    let measured = measured();
    let (path, drawn) = (root().join("docs/src/figures/cost.svg"), drawn(&measured));
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        // The other test reads all drawings meanwhile.
        let aside = path.with_extension("new");
        fs::write(&aside, &drawn).unwrap();
        fs::rename(&aside, &path).unwrap();
    }
    assert!(fs::read_to_string(&path).unwrap() == drawn, "{} is not what the table gives", path.display());
    let page = fs::read_to_string(root().join("docs/src/explanation/performance.md")).unwrap();
    let image = format!("![{}](../figures/cost.svg)", described(&measured));
    let in_one_line = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(in_one_line.contains(&image), "the page should describe its figure: {image}");
}

/// Drawings with a description. Others are pictures of a screen, whose text is in them.
const DRAWN: [&str; 4] = ["call.svg", "contract.svg", "cost.svg", "reload.svg"];

#[test]
fn figures_say_what_they_show() {
    let folder = root().join("docs/src/figures");
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "svg") {
            let text = fs::read_to_string(&path).unwrap();
            for part in ["<title id=", "viewBox=", "role=\"img\"", "aria-labelledby="] {
                assert!(text.contains(part), "{} has no {part}", path.display());
            }
        }
    }
    for drawn in DRAWN {
        let text = fs::read_to_string(folder.join(drawn)).unwrap();
        assert!(text.contains("<desc id="), "{drawn} is not described");
        assert!(!text.contains("<image") && !text.contains("@font-face"), "{drawn} has something embedded");
    }
}
